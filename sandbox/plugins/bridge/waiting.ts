import { setTimeout as delay } from "node:timers/promises";

export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return delay(milliseconds, undefined, { signal });
}

export interface Pace {
  /** Before the first look. */
  delay: number;
  /** Between looks. */
  interval: number;
  timeout: number;
}

/** Terraform's StateChangeConf: looks until the state is the wanted one; any other counts as pending. */
export async function waitForState(
  wanted: string,
  look: () => Promise<string>,
  pace: Pace,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + pace.timeout;
  await pause(pace.delay, signal);
  for (;;) {
    const last = await look();
    if (last === wanted) return;
    const left = deadline - Date.now();
    if (left > 0) await pause(Math.min(pace.interval, left), signal);
    if (left <= pace.interval) throw new Error(timedOut(wanted, last, pace.timeout));
  }
}

function timedOut(wanted: string, last: string, timeout: number): string {
  return `timeout while waiting for state to become '${wanted}' (last state: '${last}', timeout: ${timeout / 1000}s)`;
}
