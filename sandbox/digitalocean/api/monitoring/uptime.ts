import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Call, found, parameter, readBody } from "../http/call.ts";
import { unprocessable } from "../http/errors.ts";
import { noContent, ok, page, type Reply } from "../http/reply.ts";
import { route } from "../http/router.ts";
import type { UptimeAlert, UptimeCheck } from "../state.ts";
import { timestamp } from "../twin.ts";
import { notifications, reachesSomebody } from "./notifications.ts";
import { isUp } from "./probe.ts";

const REGIONS = ["us_east", "us_west", "eu_west", "se_asia"];

const checkBody = z.object({
  name: z.string("name is required").min(1, "name is required"),
  type: z.enum(["ping", "http", "https"], "type must be ping, http or https").optional(),
  target: z.string("target is required").min(1, "target is required"),
  regions: z.array(z.enum(REGIONS, `regions may be ${REGIONS.join(", ")}`)).optional(),
  enabled: z.boolean().optional(),
});

const PERIODS = ["2m", "3m", "5m", "10m", "15m", "30m", "1h"];

/** Clients written in Go send an empty text for what was not given. */
const optionalOf = <T extends z.ZodType>(type: T) =>
  z.preprocess((given) => (given === "" ? undefined : given), type.optional());

const alertBody = z.object({
  name: z.string("name is required").min(1, "name is required"),
  type: z.enum(
    ["latency", "down", "down_global", "ssl_expiry"],
    "type must be latency, down, down_global or ssl_expiry",
  ),
  threshold: z.int().min(0).optional(),
  comparison: optionalOf(
    z.enum(["greater_than", "less_than"], "comparison must be greater_than or less_than"),
  ),
  period: optionalOf(z.enum(PERIODS, `period must be one of ${PERIODS.join(", ")}`)),
  notifications,
});

function checkFrom(call: Call, known?: UptimeCheck): Omit<UptimeCheck, "id" | "alerts"> {
  const body = readBody(call, checkBody);
  const type = body.type ?? known?.type ?? "https";
  const scheme = type === "ping" ? /^(https?:\/\/)?[\w.:[\]-]+\/?$/ : new RegExp(`^${type}://[^/]+`);
  if (!scheme.test(body.target) || (type !== "ping" && !URL.canParse(body.target)))
    throw unprocessable(`target ${body.target} is not a valid target for a check of type ${type}`);
  return {
    name: body.name,
    type,
    target: body.target,
    regions: body.regions ?? known?.regions ?? REGIONS,
    enabled: body.enabled ?? known?.enabled ?? true,
  };
}

function alertFrom(call: Call): Omit<UptimeAlert, "id"> {
  const body = readBody(call, alertBody);
  if (!reachesSomebody(body.notifications))
    throw unprocessable("notifications must have at least one e-mail address or slack channel");
  if (["latency", "ssl_expiry"].includes(body.type) && body.threshold === undefined)
    throw unprocessable(`threshold is required for alerts of type ${body.type}`);
  return body;
}

const checkView = ({ id, name, type, target, regions, enabled }: UptimeCheck) => ({
  id,
  name,
  type,
  target,
  regions,
  enabled,
});

/** Looked at when asked for, from here for all regions. */
async function stateView(call: Call, check: UptimeCheck): Promise<Reply> {
  const now = timestamp(call.twin);
  if (check.enabled) note(check, await isUp(call.twin.state, check), now);
  call.twin.save();
  const region = {
    status: check.seen === undefined ? "CHECKING" : check.seen.up ? "UP" : "DOWN",
    status_changed_at: check.seen?.since ?? now,
    thirty_day_uptime_percentage: check.seen?.up === false ? 0 : 100,
  };
  const previous_outage = check.outage && {
    region: check.regions[0],
    ...check.outage,
    duration_seconds: (Date.parse(check.outage.ended_at) - Date.parse(check.outage.started_at)) / 1000,
  };
  const regions = Object.fromEntries(check.regions.map((name) => [name, region]));
  return ok({ state: { regions, previous_outage: previous_outage ?? {} } });
}

function note(check: UptimeCheck, up: boolean, now: string): void {
  if (check.seen?.up === up) return;
  if (check.seen?.up === false) check.outage = { started_at: check.seen.since, ended_at: now };
  check.seen = { up, since: now };
}

const checkOf = (call: Call): UptimeCheck =>
  found(call.account.checks.find(({ id }) => id === parameter(call)));

const alertOf = (call: Call): { check: UptimeCheck; alert: UptimeAlert } => {
  const check = checkOf(call);
  return { check, alert: found(check.alerts.find(({ id }) => id === parameter(call, "alert"))) };
};

export const uptimeRoutes = [
  route("GET", "/v2/uptime/checks", (call) => page(call, "checks", call.account.checks, checkView)),
  route("POST", "/v2/uptime/checks", (call) => {
    const check: UptimeCheck = { id: randomUUID(), ...checkFrom(call), alerts: [] };
    call.account.checks.push(check);
    return ok({ check: checkView(check) }, 201);
  }),
  route("GET", "/v2/uptime/checks/:id", (call) => ok({ check: checkView(checkOf(call)) })),
  route("PUT", "/v2/uptime/checks/:id", (call) => {
    const check = checkOf(call);
    Object.assign(check, checkFrom(call, check));
    return ok({ check: checkView(check) });
  }),
  route("DELETE", "/v2/uptime/checks/:id", (call) => {
    const check = checkOf(call);
    call.account.checks = call.account.checks.filter((other) => other !== check);
    return noContent();
  }),
  route("GET", "/v2/uptime/checks/:id/state", (call) => stateView(call, checkOf(call))),
  route("GET", "/v2/uptime/checks/:id/alerts", (call) =>
    page(call, "alerts", checkOf(call).alerts, (alert) => alert),
  ),
  route("POST", "/v2/uptime/checks/:id/alerts", (call) => {
    const alert = { id: randomUUID(), ...alertFrom(call) };
    checkOf(call).alerts.push(alert);
    return ok({ alert }, 201);
  }),
  route("GET", "/v2/uptime/checks/:id/alerts/:alert", (call) => ok({ alert: alertOf(call).alert })),
  route("PUT", "/v2/uptime/checks/:id/alerts/:alert", (call) => {
    const alert = Object.assign(alertOf(call).alert, alertFrom(call));
    return ok({ alert });
  }),
  route("DELETE", "/v2/uptime/checks/:id/alerts/:alert", (call) => {
    const { check, alert } = alertOf(call);
    check.alerts = check.alerts.filter((other) => other !== alert);
    return noContent();
  }),
];
