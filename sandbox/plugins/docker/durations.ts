import type { Value } from "../bridge/schema.ts";

export { durationText } from "../bridge/durations.ts";

/** Go's durations ("1m30s"), in nanoseconds as the engine takes them. */

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
export const DURATION = /^(0|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/;
const PART = /([\d.]+)(ns|us|µs|ms|s|m|h)/g;

export function nanoseconds(duration: string): number {
  return [...duration.matchAll(PART)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0),
    0,
  );
}

/** The engine's answer spells 60s as 1m0s; that is no drift. */
export function sameDuration(old: Value, value: Value): boolean {
  return typeof old === "string" && typeof value === "string" && nanoseconds(old) === nanoseconds(value);
}
