// Events: what takes its time, and is looked at through an action meanwhile.
import { setImmediate, setTimeout } from "node:timers/promises";
import { regionOf } from "./catalogue.ts";
import { actionDelay } from "./faults.ts";
import { enforceFirewalls } from "./firewalls/enforce.ts";
import { unprocessable } from "./http/errors.ts";
import { abandon, type Job, perform } from "./jobs.ts";
import { type Account, type Action, type Droplet, next } from "./state.ts";
import { messageOf, type Twin, timestamp } from "./twin.ts";

/** Finished actions that an account's list remembers. */
const REMEMBERED = 1000;

interface Order {
  type: string;
  region: string;
  resource: { type: "droplet"; id: number } | { type: "backend" } | { type: "reserved_ip"; id: number };
  on: { droplet_id?: number | undefined; volume_id?: string | undefined; ip?: string | undefined };
  job: Job;
}

/** Begins an event in the background; the answer to the caller is the action in progress. */
export function begin(twin: Twin, account: Account, { type, region, resource, on, job }: Order): Action {
  const action: Action = {
    id: next(twin.state, "action"),
    status: "in-progress",
    type,
    started_at: timestamp(twin),
    completed_at: null,
    resource_id: "id" in resource ? resource.id : null,
    resource_type: resource.type,
    region,
    ...on,
    job,
    delay_ms: actionDelay(account),
  };
  account.actions.push(action);
  forgetOldest(account);
  void run(twin, account, action);
  return action;
}

export function beginOnDroplet(
  twin: Twin,
  account: Account,
  droplet: Droplet,
  type: string,
  job: Job,
): Action {
  return begin(twin, account, {
    type,
    region: droplet.region,
    resource: { type: "droplet", id: droplet.id },
    on: { droplet_id: droplet.id },
    job,
  });
}

/** Carries an action to its end, also one that an earlier process left in progress. Never rejects. */
export async function run(twin: Twin, account: Account, action: Action): Promise<void> {
  let outcome: "completed" | "errored" = "completed";
  try {
    // The answer that tells of the action goes out first.
    await setImmediate();
    if (action.delay_ms > 0) await setTimeout(action.delay_ms, undefined, { signal: twin.closing });
    if ((await perform(twin, account, action)) === "goes on") return;
  } catch (error) {
    if (twin.closing.aborted) return;
    twin.log(`${action.type} (action ${action.id}${subject(action)}) failed: ${messageOf(error)}`);
    abandon(account, action);
    outcome = "errored";
  }
  await enforceFirewalls(twin, account);
  end(twin, action, outcome);
  twin.save();
}

export function end(twin: Twin, action: Action, status: "completed" | "errored"): void {
  action.status = status;
  action.completed_at = timestamp(twin);
}

const subject = ({ droplet_id, volume_id, ip }: Action): string =>
  [
    droplet_id !== undefined && `, droplet ${droplet_id}`,
    volume_id && `, volume ${volume_id}`,
    ip && `, ${ip}`,
  ]
    .filter(Boolean)
    .join("");

function forgetOldest(account: Account): void {
  const finished = account.actions.filter((action) => action.status !== "in-progress");
  const surplus = new Set(finished.slice(0, Math.max(0, finished.length - REMEMBERED)));
  account.actions = account.actions.filter((action) => !surplus.has(action));
}

export const pending = (account: Account, on: (action: Action) => boolean): Action | undefined =>
  account.actions.find((action) => action.status === "in-progress" && on(action));

/** A droplet that never boots has an event for ever, but nothing works on it. */
export const isLocked = (account: Account, droplet: Droplet): boolean =>
  pending(account, (action) => action.droplet_id === droplet.id && action.job.do !== "wait for ever") !==
  undefined;

/** @throws ApiError 422 */
export function requireNoEvent(account: Account, droplet: Droplet): void {
  if (pending(account, (action) => action.droplet_id === droplet.id))
    throw unprocessable("Droplet already has a pending event.");
}

export const actionView = (action: Action) => ({
  id: action.id,
  status: action.status,
  type: action.type,
  started_at: action.started_at,
  completed_at: action.completed_at,
  resource_id: action.resource_id,
  resource_type: action.resource_type,
  region: regionOf(action.region),
  region_slug: action.region,
});

export const newestFirst = (actions: Action[]): Action[] =>
  actions.toSorted((one, other) => other.id - one.id);
