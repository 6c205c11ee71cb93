import { headerOf } from "./answers.ts";
import type { BreakerState, CircuitBreaker, Health } from "./circuit-breaker.ts";
import type { Clock } from "./clock.ts";
import { AtlasApiError, AtlasRateLimitError } from "./errors.ts";
import { type Operation, trailDetails } from "./operation.ts";
import type { RateLimiter } from "./rate-limit.ts";
import {
  type Failure,
  mayRepeat,
  PROXY_CANNOT_REACH_ATLAS,
  parseRetryAfter,
  pauseMs,
  type RetryPolicy,
} from "./retry.ts";
import type { Tracing } from "./tracing.ts";
import { type Answer, type Transport, TransportFailure } from "./transport.ts";

/** One request as the client's operations describe it. */
export interface AtlasRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE" | "HEAD" | "PUT" | "OPTIONS";
  /** Below the base URL, with its query. */
  readonly path: string;
  /** Sent as JSON, bytes as they are (with their content type among the headers); undefined sends no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** True when sending it twice does no harm. */
  readonly repeatable: boolean;
}

/** The header that says who sends: `authorization` with a token, or `x-api-key`. */
export type Proof = Readonly<Record<string, string>>;

export function bearer(accessToken: string): Proof {
  return { authorization: `Bearer ${accessToken}` };
}

export interface SenderParts {
  readonly transport: Transport;
  readonly breaker: CircuitBreaker;
  readonly tracing: Tracing;
  readonly limiters: { readonly signedIn: RateLimiter; readonly anonymous: RateLimiter };
  readonly retries: RetryPolicy;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Sends requests with limits, retries and circuit breaker. Knows no session: whoever calls it brings the proof. */
export class Sender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /**
   * The last answer, whatever its status.
   * @param proof none sends as nobody.
   * @throws AtlasApiError when no answer came or the circuit breaker is open; AtlasRateLimitError when the own limiter
   *   would wait past the deadline.
   */
  async send(operation: Operation, request: AtlasRequest, proof?: Proof): Promise<Answer> {
    const { clock, limiters } = this.#parts;
    const limiter = proof === undefined ? limiters.anonymous : limiters.signedIn;
    for (let attempt = 1; ; attempt += 1) {
      const waitMs = this.#takeTurn(limiter, operation, request);
      if (waitMs > 0) {
        await this.#waitForTurn(limiter, operation, waitMs);
        this.#mustBeClosed(operation, request);
      }
      const sentAt = clock.now();
      const result = await this.#attempt(operation, request, attempt, proof);
      const now = clock.now();
      const failure = failureOf(result, now);
      learnLimit(limiter, failure, sentAt, now);
      note(operation, result, failure, limiter.waitMs(now));
      const pause = failure && this.#pauseBeforeNext(failure, attempt, operation, request, limiter);
      if (pause === undefined) {
        if (result instanceof TransportFailure) throw errorFromFailure(result, operation, request);
        return result;
      }
      operation.retries += 1;
      await this.#sleep(operation, pause);
    }
  }

  /** Takes a token of the limiter; gives the milliseconds until it is due. Nothing is taken while the breaker is open. */
  #takeTurn(limiter: RateLimiter, operation: Operation, request: AtlasRequest): number {
    this.#mustBeClosed(operation, request);
    const now = this.#parts.clock.now();
    const { waitMs, taken } = limiter.reserve(now, operation.deadline - now);
    if (!taken) throw ownLimitError(operation, request, waitMs);
    return waitMs;
  }

  async #waitForTurn(limiter: RateLimiter, operation: Operation, waitMs: number): Promise<void> {
    try {
      await this.#sleep(operation, waitMs);
    } catch (cause) {
      limiter.giveBack();
      throw cause;
    }
  }

  #mustBeClosed(operation: Operation, request: AtlasRequest): void {
    const state = this.#parts.breaker.state(this.#parts.clock.now());
    if (state.kind !== "closed") throw breakerError(operation, request, state);
  }

  async #sleep(operation: Operation, ms: number): Promise<void> {
    operation.waitedMs += ms;
    await this.#parts.clock.sleep(ms, operation.signal);
  }

  #attempt(
    operation: Operation,
    request: AtlasRequest,
    attempt: number,
    proof: Proof | undefined,
  ): Promise<Answer | TransportFailure> {
    operation.attempts += 1;
    const { transport, breaker, tracing, clock } = this.#parts;
    const timeoutMs = Math.max(1, Math.min(operation.timeoutMs, operation.deadline - clock.now()));
    const body = encoded(request.body);
    const headers = {
      accept: "application/json",
      "x-request-id": operation.correlationId,
      ...(typeof body === "string" && { "content-type": "application/json" }),
      ...proof,
      ...request.headers,
    };
    const { signal } = operation;
    const exchange = { method: request.method, path: request.path, headers, body, timeoutMs, signal };
    return breaker.watch(
      () => tracing.request(operation, request, attempt, headers, () => transport.exchange(exchange)),
      (result) => healthOf(result, timeoutMs >= operation.timeoutMs / 2),
      () => clock.now(),
    );
  }

  #pauseBeforeNext(
    failure: Failure,
    attempt: number,
    operation: Operation,
    request: AtlasRequest,
    limiter: RateLimiter,
  ): number | undefined {
    const { retries, random, clock, breaker } = this.#parts;
    if (attempt > retries.maxRetries || !mayRepeat(failure, request.repeatable)) return undefined;
    const now = clock.now();
    const pause = pauseMs(failure, attempt, retries, random, limiter.pauseMs(now));
    // With the breaker open, what this very request met says more than that it is open.
    if (now + pause >= operation.deadline || breaker.state(now + pause).kind !== "closed") return undefined;
    return pause;
  }
}

function learnLimit(limiter: RateLimiter, failure: Failure | undefined, sentAt: number, now: number): void {
  if (failure === undefined) limiter.accepted(sentAt);
  else if (isRefusal(failure)) limiter.refused({ now, sentAt, retryAfterMs: failure.retryAfterMs });
}

/** Writes down what the operation's errors and spans tell of the last answer. */
function note(
  operation: Operation,
  result: Answer | TransportFailure,
  failure: Failure | undefined,
  limiterWaitMs: number,
): void {
  operation.status = result instanceof TransportFailure ? undefined : result.status;
  operation.retryAfterMs =
    failure !== undefined && isRefusal(failure) ? (failure.retryAfterMs ?? limiterWaitMs) : undefined;
}

function isRefusal(failure: Failure): failure is Failure & { kind: "status" } {
  return failure.kind === "status" && failure.status === 429;
}

/** @param hadTime false when the deadline left an attempt so little that its time-out says nothing of Atlas. */
function healthOf(result: Answer | TransportFailure, hadTime: boolean): Health {
  if (!(result instanceof TransportFailure)) {
    return PROXY_CANNOT_REACH_ATLAS.includes(result.status) ? "down" : "up";
  }
  if (result.kind === "too-large") return "up";
  return result.kind === "timeout" && !hadTime ? "unknown" : "down";
}

function encoded(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

function failureOf(result: Answer | TransportFailure, now: number): Failure | undefined {
  if (result instanceof TransportFailure) {
    if (result.kind === "unreachable") return { kind: "unreachable" };
    return { kind: result.kind === "tls" || result.kind === "too-large" ? "permanent" : "lost" };
  }
  if (result.status < 400) return undefined;
  const retryAfterMs = parseRetryAfter(headerOf(result, "retry-after"), now);
  return { kind: "status", status: result.status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

const NEXT: Readonly<Record<TransportFailure["kind"], string>> = {
  unreachable: "Check that Atlas runs and that the base URL is right.",
  timeout: "Try again later; when it stays so, look whether Atlas reaches its database.",
  lost: "The connection broke before an answer was complete: try again.",
  tls: "The server's certificate was refused, or it does not speak TLS: check the base URL and the certificate.",
  "too-large": "Ask for less at once, for example for smaller pages.",
};

function errorFromFailure(
  failure: TransportFailure,
  operation: Operation,
  request: AtlasRequest,
): AtlasApiError {
  const neverSent = failure.kind === "unreachable" || failure.kind === "tls";
  const outcome = neverSent ? "none" : "unknown";
  const next =
    request.repeatable || neverSent
      ? NEXT[failure.kind]
      : "The change may have been made nevertheless: look before repeating it.";
  const tries = operation.attempts > 1 ? ` after ${operation.attempts} requests` : "";
  return new AtlasApiError(
    `Could not ${operation.doing}: ${request.method} ${request.path} got no answer from Atlas${tries} (${failure.message}). ${next}`,
    { ...trailDetails(operation, request), ...(!request.repeatable && { outcome }) },
    { cause: failure.cause ?? failure },
  );
}

function ownLimitError(operation: Operation, request: AtlasRequest, waitMs: number): AtlasRateLimitError {
  return new AtlasRateLimitError(
    `Could not ${operation.doing}: the client's own limit is reached, the next request is due in ${Math.ceil(waitMs / 1000)} s. ` +
      "Wait, raise totalTimeoutMs, or set rateLimits to what the server allows.",
    { ...trailDetails(operation, request), retryAfterMs: waitMs, outcome: "none" },
  );
}

function breakerError(
  operation: Operation,
  request: AtlasRequest,
  state: Exclude<BreakerState, { kind: "closed" }>,
): AtlasApiError {
  const next =
    state.kind === "open"
      ? `The next try is due in ${(state.probeInMs / 1000).toFixed(1)} s`
      : "One request is finding out just now whether it does again";
  return new AtlasApiError(
    `Could not ${operation.doing}: nothing was sent, since Atlas did not answer the last ${state.failures} requests. ${next}; look whether Atlas runs.`,
    {
      ...trailDetails(operation, request),
      outcome: "none",
      ...(state.kind === "open" && { retryAfterMs: state.probeInMs }),
    },
  );
}
