import type { Context } from "../bridge/schema.ts";
import { pause, waitForState } from "../bridge/waiting.ts";
import type { Action } from "./api.ts";
import type { DigitalOcean } from "./client.ts";
import { isMissing } from "./errors.ts";

/** The original waits 10 s before its first look and then 3 to 10 s between looks; what comes out is the same. */
const PACE = { delay: 0, interval: 250, longest: 3_000 };

export const MINUTE = 60_000;
export const paceOf = (timeout: number) => ({ ...PACE, timeout });

type Caller = Context<DigitalOcean>;

/** Looks at `GET <path>` until the action has ended; the original goes by completed_at, not by the status. */
export async function waitForAction({ client, signal }: Caller, { id }: Action): Promise<void> {
  const look = async () => {
    const { action } = await client.get<{ action: Action }>(`actions/${id}`);
    if (action.status === "errored") return "errored";
    return action.completed_at ? "completed" : "in-progress";
  };
  await waitForState("completed", look, paceOf(60 * MINUTE), signal, ["in-progress"]);
}

/** What was just made may not be readable everywhere at once. */
export async function untilReadable<T>({ signal }: Caller, look: () => Promise<T>): Promise<T> {
  return retried(30_000, isMissing, signal, look);
}

/** Tries again while the failure is one that passes; in the end it is the last failure that is told. */
export async function retried<T>(
  timeout: number,
  passes: (cause: unknown) => boolean,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (let wait = PACE.interval; ; wait = Math.min(wait * 2, PACE.longest)) {
    try {
      return await attempt();
    } catch (cause) {
      if (!passes(cause) || Date.now() + wait > deadline) throw cause;
    }
    await pause(wait, signal);
  }
}
