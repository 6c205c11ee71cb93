// When the backups of a droplet are made.
import { z } from "zod";
import { found, idParameter } from "../http/call.ts";
import { unprocessable } from "../http/errors.ts";
import { ok, page } from "../http/reply.ts";
import { route } from "../http/router.ts";
import type { BackupPolicy, Droplet } from "../state.ts";

const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const HOURS = [0, 4, 8, 12, 16, 20];
const WINDOW_HOURS = 4;
const DAY = 24 * 3_600_000;

export const backupPolicyBody = z.object({
  plan: z.enum(["daily", "weekly"], "backup_policy.plan must be daily or weekly"),
  weekday: z.enum(WEEKDAYS, `backup_policy.weekday must be one of ${WEEKDAYS.join(", ")}`).optional(),
  hour: z
    .int()
    .refine((hour) => HOURS.includes(hour), `backup_policy.hour must be one of ${HOURS.join(", ")}`)
    .default(0),
});

/** Backups without a policy are daily. */
export function backupPolicy(given: z.infer<typeof backupPolicyBody> | undefined): BackupPolicy {
  if (!given) return { plan: "daily", hour: 0 };
  if (given.plan === "daily") return { plan: "daily", hour: given.hour };
  if (!given.weekday) throw unprocessable("backup_policy.weekday is required for a weekly plan");
  return { plan: "weekly", weekday: given.weekday, hour: given.hour };
}

/** The window of the next backup that begins after now. */
export function nextBackupWindow(policy: BackupPolicy | undefined, now: number) {
  if (!policy) return null;
  const midnight = now - (now % DAY);
  const starts = Array.from(
    { length: 9 },
    (_, day) => new Date(midnight + day * DAY + policy.hour * 3_600_000),
  );
  const start = starts.find(
    (date) =>
      date.getTime() > now && (policy.plan === "daily" || WEEKDAYS[date.getUTCDay()] === policy.weekday),
  );
  if (!start) throw new Error(`No day of a week fits the backup policy ${JSON.stringify(policy)}.`);
  const second = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");
  return { start: second(start.getTime()), end: second(start.getTime() + WINDOW_HOURS * 3_600_000) };
}

const policyView = (droplet: Droplet, now: number) => {
  const policy = droplet.backup_policy;
  return {
    droplet_id: droplet.id,
    backup_enabled: policy !== undefined,
    ...(policy && {
      backup_policy: {
        ...policy,
        window_length_hours: WINDOW_HOURS,
        retention_period_days: policy.plan === "daily" ? 7 : 28,
      },
    }),
    next_backup_window: nextBackupWindow(policy, now),
  };
};

export const backupRoutes = [
  route("GET", "/v2/droplets/:id/backups/policy", (call) => {
    const droplet = found(call.account.droplets.find(({ id }) => id === idParameter(call)));
    return ok({ policy: policyView(droplet, call.twin.now()) });
  }),
  route("GET", "/v2/droplets/backups/policies", (call) => {
    const views = call.account.droplets.map((droplet) => policyView(droplet, call.twin.now()));
    const policies = Object.fromEntries(views.map((view) => [view.droplet_id, view]));
    return ok({ policies, links: {}, meta: { total: views.length } });
  }),
  route("GET", "/v2/droplets/backups/supported_policies", () =>
    ok({
      supported_policies: [
        {
          name: "weekly",
          possible_window_starts: HOURS,
          window_length_hours: WINDOW_HOURS,
          retention_period_days: 28,
          possible_days: WEEKDAYS,
        },
        {
          name: "daily",
          possible_window_starts: HOURS,
          window_length_hours: WINDOW_HOURS,
          retention_period_days: 7,
          possible_days: [],
        },
      ],
    }),
  ),
  // Backups are made by night and never came to be in a droplet's short life here.
  route("GET", "/v2/droplets/:id/backups", (call) => {
    found(call.account.droplets.find(({ id }) => id === idParameter(call)));
    return page(call, "backups", [], (backup) => backup);
  }),
];
