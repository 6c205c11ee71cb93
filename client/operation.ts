import { randomUUID } from "node:crypto";
import type { AtlasErrorDetails } from "./errors.ts";

/** What every call takes beside its own input. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for one attempt, in place of the client's `timeoutMs`. */
  readonly timeoutMs?: number;
  /** Milliseconds for the whole call, in place of the client's `totalTimeoutMs`. */
  readonly totalTimeoutMs?: number;
}

/** An operation's two names: for programs and, after "Could not", for people. */
export interface OperationName {
  readonly name: string;
  readonly doing: string;
}

/** One call of one operation, which may take several requests: its bounds and its trail. */
export interface Operation extends OperationName {
  readonly correlationId: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Moment, in milliseconds since 1970, at which the call must be over. */
  readonly deadline: number;
  /** Requests sent so far. */
  attempts: number;
  /** Requests among them that repeated one which had failed. */
  retries: number;
  /** Milliseconds spent waiting on purpose: before retries, and for the limits. */
  waitedMs: number;
  /** Status of the last answer. */
  status?: number;
  /** Milliseconds after which Atlas takes another request, when the last answer was 429. */
  retryAfterMs?: number;
  /** Was a valid token at hand when the operation first needed one? */
  tokenCached?: boolean;
}

export interface OperationBounds {
  readonly now: number;
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number;
  /** Aborted when the client is closed. */
  readonly lifetime: AbortSignal;
}

export function startOperation(
  name: OperationName,
  options: CallOptions,
  bounds: OperationBounds,
): Operation {
  const { signal, timeoutMs = bounds.timeoutMs, totalTimeoutMs = bounds.totalTimeoutMs } = options;
  return {
    ...name,
    correlationId: randomUUID(),
    signal: signal === undefined ? bounds.lifetime : AbortSignal.any([signal, bounds.lifetime]),
    timeoutMs: Math.min(timeoutMs, totalTimeoutMs),
    deadline: bounds.now + totalTimeoutMs,
    attempts: 0,
    retries: 0,
    waitedMs: 0,
  };
}

/** Which request of an operation an error is about. */
export interface RequestTrail {
  readonly method: string;
  readonly path: string;
}

export function trailDetails(operation: Operation, request?: RequestTrail): AtlasErrorDetails {
  return {
    operation: operation.name,
    ...(request && { method: request.method, path: request.path }),
    correlationId: operation.correlationId,
    attempts: operation.attempts,
  };
}
