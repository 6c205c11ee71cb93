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
    timeoutMs,
    deadline: bounds.now + totalTimeoutMs,
    attempts: 0,
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
