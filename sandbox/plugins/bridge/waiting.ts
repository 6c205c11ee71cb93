import { setTimeout as delay } from "node:timers/promises";
import { durationText } from "./durations.ts";

export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return delay(milliseconds, undefined, { signal });
}

export interface Pace {
  /** Before the first look. */
  delay: number;
  /** Between looks. */
  interval: number;
  /** Where given, each interval is twice the one before, up to this. */
  longest?: number;
  timeout: number;
}

/**
 * Terraform's StateChangeConf: looks until the state is the wanted one. Where `pending` is given, any other state
 * than those and the wanted one is an error; "" is a state that cannot be told yet.
 */
export async function waitForState(
  wanted: string,
  look: () => Promise<string>,
  pace: Pace,
  signal: AbortSignal,
  pending?: readonly string[],
): Promise<void> {
  const deadline = Date.now() + pace.timeout;
  let { interval } = pace;
  await pause(pace.delay, signal);
  for (;;) {
    const last = await look();
    if (last === wanted) return;
    if (pending !== undefined && last !== "" && !pending.includes(last))
      throw new Error(unexpected(wanted, last));
    const left = deadline - Date.now();
    if (left > 0) await pause(Math.min(interval, left), signal);
    if (left <= interval) throw new Error(timedOut(wanted, last, pace.timeout));
    if (pace.longest !== undefined) interval = Math.min(interval * 2, pace.longest);
  }
}

function timedOut(wanted: string, last: string, timeout: number): string {
  const state = last === "" ? "" : `last state: '${last}', `;
  return `timeout while waiting for state to become '${wanted}' (${state}timeout: ${durationText(timeout * 1e6)})`;
}

/** Go's way to print an error that is not there is part of the original's text. */
function unexpected(wanted: string, last: string): string {
  return `unexpected state '${last}', wanted target '${wanted}'. last error: %!s(<nil>)`;
}
