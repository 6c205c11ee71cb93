import { headerOf } from "./answers.ts";
import type { Clock } from "./clock.ts";
import { AtlasApiError, AtlasRateLimitError } from "./errors.ts";
import { type Operation, trailDetails } from "./operation.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { type Failure, mayRepeat, parseRetryAfter, pauseMs, type RetryPolicy } from "./retry.ts";
import { type Answer, type Transport, TransportFailure } from "./transport.ts";

/** One request as the client's operations describe it. */
export interface AtlasRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE" | "HEAD" | "PUT" | "OPTIONS";
  /** Below the base URL, with its query. */
  readonly path: string;
  /** Sent as JSON; undefined sends no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** True when sending it twice does no harm. */
  readonly repeatable: boolean;
}

export interface SenderParts {
  readonly transport: Transport;
  readonly limiters: { readonly signedIn: RateLimiter; readonly anonymous: RateLimiter };
  readonly retries: RetryPolicy;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Sends requests with limits and retries. Knows no session: whoever calls it brings the access token. */
export class Sender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /**
   * The last answer, whatever its status.
   * @throws AtlasApiError when none came; AtlasRateLimitError when the own limiter would wait past the deadline.
   */
  async send(operation: Operation, request: AtlasRequest, accessToken?: string): Promise<Answer> {
    const { clock, limiters } = this.#parts;
    const limiter = accessToken === undefined ? limiters.anonymous : limiters.signedIn;
    for (let attempt = 1; ; attempt += 1) {
      await this.#waitForTurn(limiter, operation, request);
      const result = await this.#attempt(operation, request, accessToken);
      const failure = failureOf(result, clock.now());
      if (failure?.kind === "status" && failure.status === 429) limiter.foundEmpty(clock.now());
      const pause = failure && this.#pauseBeforeNext(failure, attempt, operation, request, limiter);
      if (pause === undefined) {
        if (result instanceof TransportFailure) throw errorFromFailure(result, operation, request);
        return result;
      }
      await clock.sleep(pause, operation.signal);
    }
  }

  async #waitForTurn(limiter: RateLimiter, operation: Operation, request: AtlasRequest): Promise<void> {
    const { clock } = this.#parts;
    const now = clock.now();
    const { waitMs, taken } = limiter.reserve(now, operation.deadline - now);
    if (!taken) throw ownLimitError(operation, request, waitMs);
    if (waitMs === 0) return;
    try {
      await clock.sleep(waitMs, operation.signal);
    } catch (cause) {
      limiter.giveBack();
      throw cause;
    }
  }

  async #attempt(
    operation: Operation,
    request: AtlasRequest,
    accessToken: string | undefined,
  ): Promise<Answer | TransportFailure> {
    operation.attempts += 1;
    const left = operation.deadline - this.#parts.clock.now();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    try {
      return await this.#parts.transport.exchange({
        method: request.method,
        path: request.path,
        headers: {
          accept: "application/json",
          "x-request-id": operation.correlationId,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
          ...request.headers,
        },
        ...(body !== undefined && { body }),
        timeoutMs: Math.max(1, Math.min(operation.timeoutMs, left)),
        signal: operation.signal,
      });
    } catch (cause) {
      if (cause instanceof TransportFailure) return cause;
      throw cause;
    }
  }

  #pauseBeforeNext(
    failure: Failure,
    attempt: number,
    operation: Operation,
    request: AtlasRequest,
    limiter: RateLimiter,
  ): number | undefined {
    const { retries, random, clock } = this.#parts;
    if (attempt > retries.maxRetries || !mayRepeat(failure, request.repeatable)) return undefined;
    const pause = pauseMs(failure, attempt, retries, random, limiter.gainMs);
    return clock.now() + pause < operation.deadline ? pause : undefined;
  }
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
