/** What went wrong in one attempt, as far as a repetition is concerned. */
export type Failure =
  /** Nothing reached Atlas: connection refused, no such host, no route. */
  | { readonly kind: "unreachable" }
  /** Sent, or perhaps sent, but no complete answer came: time-out, reset, broken answer. */
  | { readonly kind: "lost" }
  /** Repeating cannot help: certificate refused, answer too large. */
  | { readonly kind: "permanent" }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterMs?: number };

export interface RetryPolicy {
  readonly maxRetries: number;
  /** Longest first pause; each further one may be twice as long. */
  readonly baseMs: number;
  readonly maxPauseMs: number;
}

/** Answers in Atlas' place. */
export const PROXY_CANNOT_REACH_ATLAS: readonly number[] = [502, 503, 504];

/**
 * May the request be sent again at all?
 * @param repeatable true for requests without effect, which may be repeated although one was perhaps carried out.
 */
export function mayRepeat(failure: Failure, repeatable: boolean): boolean {
  switch (failure.kind) {
    case "unreachable":
      return true;
    case "lost":
      return repeatable;
    case "permanent":
      return false;
    case "status":
      if (failure.status === 429) return true;
      return repeatable && PROXY_CANNOT_REACH_ATLAS.includes(failure.status);
  }
}

/**
 * Pause before the next attempt: exponential with full jitter, or what the server asked for.
 * @param attempt number of the attempt that failed, from 1.
 * @param atLeastMs pause after a 429 without Retry-After (Atlas sends none, atlas-api 6).
 */
export function pauseMs(
  failure: Failure,
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
  atLeastMs: number,
): number {
  if (failure.kind === "status" && failure.retryAfterMs !== undefined) return failure.retryAfterMs;
  const pause = Math.round(random() * longestPause(attempt, policy));
  return failure.kind === "status" && failure.status === 429 ? Math.max(pause, atLeastMs) : pause;
}

/** Milliseconds that a request's pauses take at most, when all its repetitions fail. */
export function longestPauses(policy: RetryPolicy): number {
  const attempts = Array.from({ length: policy.maxRetries }, (_, index) => index + 1);
  return attempts.reduce((total, attempt) => total + longestPause(attempt, policy), 0);
}

function longestPause(attempt: number, { baseMs, maxPauseMs }: RetryPolicy): number {
  return Math.min(maxPauseMs, baseMs * 2 ** (attempt - 1));
}

/** Reads a Retry-After header: seconds or a date. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
