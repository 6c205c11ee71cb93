import { tracingChannel } from "node:diagnostics_channel";
import {
  context,
  isSpanContextValid,
  propagation,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { INSTRUMENTATION, instruments } from "./meters.ts";
import type { Operation, RequestTrail } from "./operation.ts";
import type { Secrets } from "./secrets.ts";
import { REFRESH, SIGN_IN } from "./session-calls.ts";
import { pathTemplate, spanName } from "./span-names.ts";
import { type Answer, TransportFailure } from "./transport.ts";

/**
 * What subscribers of the `diagnostics_channel` tracing channel `atlas:operation` get: the same object at `start` and at
 * `asyncEnd`, by when its last fields are filled in. `error` is published with it when the operation fails. It never
 * holds what the operation was given or gave back.
 */
export interface OperationEvent {
  /** E.g. `workOrders.create`; `session.signIn` and `session.refresh` are operations too. */
  readonly operation: string;
  /** Base URL of the client's Atlas. */
  readonly baseUrl: string;
  /** Sent as `X-Request-Id` with each of its requests. */
  readonly correlationId: string;
  /** Requests sent. */
  attempts: number;
  /** Requests among them that repeated one which had failed. */
  retries: number;
  /** Milliseconds of pauses before retries and for the limits. */
  waitedMs: number;
  /** Status of the last answer. */
  status?: number;
  /** Was a valid token at hand? Undefined where none was needed. */
  tokenCached?: boolean;
  /** Milliseconds from start to end. */
  durationMs?: number;
  /** Why it failed. */
  error?: unknown;
}

const operations = tracingChannel<unknown, OperationEvent>("atlas:operation");

/**
 * Tells of operations and requests: OpenTelemetry spans and metrics, and events on a diagnostics channel. All of it is
 * without effect until somebody registers an SDK or subscribes.
 */
export class Tracing {
  readonly #tracer: Tracer = trace.getTracer(INSTRUMENTATION);
  readonly #baseUrl: string;
  readonly #server: Readonly<Record<string, string | number>>;
  readonly #secrets: Secrets;

  constructor(baseUrl: string, secrets: Secrets) {
    const { hostname, port, protocol } = new URL(baseUrl);
    this.#baseUrl = baseUrl;
    this.#server = {
      "server.address": hostname,
      "server.port": port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
    };
    this.#secrets = secrets;
  }

  /** Runs an operation within its span; passes on what it gives or throws. */
  operation<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    return operations.hasSubscribers ? this.#published(operation, work) : this.#spanned(operation, work);
  }

  /**
   * Sends one request within its span.
   * @param attempt 1 for the first time it is sent.
   * @param headers gets the trace's own headers (`traceparent`) where a propagator is registered.
   */
  request<T extends Answer | TransportFailure>(
    operation: Operation,
    request: RequestTrail,
    attempt: number,
    headers: Record<string, string>,
    send: () => Promise<T>,
  ): Promise<T> {
    return this.#within("atlas_request", { kind: SpanKind.CLIENT }, async (span) => {
      propagation.inject(context.active(), headers);
      try {
        const result = await send();
        if (span.isRecording()) this.#describeResult(span, result);
        return result;
      } catch (cause) {
        this.#recordError(span, cause);
        throw cause;
      } finally {
        if (span.isRecording()) {
          span.setAttributes({
            ...this.#server,
            "http.request.method": request.method,
            "url.template": pathTemplate(request.path),
            "atlas.operation": operation.name,
            "atlas.correlation_id": operation.correlationId,
            ...(attempt > 1 && { "http.request.resend_count": attempt - 1 }),
          });
        }
        span.end();
      }
    });
  }

  async #published<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const event: OperationEvent = {
      operation: operation.name,
      baseUrl: this.#baseUrl,
      correlationId: operation.correlationId,
      attempts: 0,
      retries: 0,
      waitedMs: 0,
    };
    const result = Promise.withResolvers<T>();
    // What the traced function gives is published, and a sign-in gives tokens: so it gives nothing.
    await operations.tracePromise(async () => {
      try {
        result.resolve(await this.#spanned(operation, work));
      } finally {
        const { attempts, retries, waitedMs, status, tokenCached } = operation;
        const durationMs = performance.now() - startedAt;
        Object.assign(event, { attempts, retries, waitedMs, status, tokenCached, durationMs });
      }
    }, event);
    return result.promise;
  }

  #spanned<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    return this.#within(spanName(operation.name), {}, async (span) => {
      let errorType: string | undefined;
      try {
        return await work();
      } catch (cause) {
        errorType = typeOf(cause);
        this.#recordError(span, cause);
        throw cause;
      } finally {
        if (span.isRecording()) span.setAttributes(this.#attributesOf(operation));
        measure(operation, (performance.now() - startedAt) / 1000, errorType);
        span.end();
      }
    });
  }

  /** The tracer's `startActiveSpan`, except that a span without ids, as there is no SDK, costs no context of its own. */
  #within<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
    const span = this.#tracer.startSpan(name, options);
    if (!isSpanContextValid(span.spanContext())) return work(span);
    return context.with(trace.setSpan(context.active(), span), work, undefined, span);
  }

  #attributesOf(operation: Operation): Record<string, string | number | boolean> {
    return {
      ...this.#server,
      "atlas.operation": operation.name,
      "atlas.correlation_id": operation.correlationId,
      "atlas.attempts": operation.attempts,
      "atlas.retries": operation.retries,
      "atlas.waited_ms": operation.waitedMs,
      ...(operation.tokenCached !== undefined && { "atlas.token_cached": operation.tokenCached }),
      ...(operation.status !== undefined && { "http.response.status_code": operation.status }),
    };
  }

  #describeResult(span: Span, result: Answer | TransportFailure): void {
    if (result instanceof TransportFailure) {
      span.setAttribute("error.type", result.kind);
      span.setStatus({ code: SpanStatusCode.ERROR, message: this.#secrets.redact(result.message) });
      return;
    }
    span.setAttribute("http.response.status_code", result.status);
    if (result.status < 400) return;
    span.setAttribute("error.type", String(result.status));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }

  #recordError(span: Span, cause: unknown): void {
    if (!span.isRecording()) return;
    const { message, stack } = cause instanceof Error ? cause : new Error(String(cause));
    const shown = this.#secrets.redact(message);
    span.setAttribute("error.type", typeOf(cause));
    span.recordException({ name: typeOf(cause), message: shown, stack: this.#secrets.redact(stack ?? "") });
    span.setStatus({ code: SpanStatusCode.ERROR, message: shown });
  }
}

function typeOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : typeof cause;
}

function measure(operation: Operation, seconds: number, errorType: string | undefined): void {
  const { duration, errors, retries, signIns, cachedTokens } = instruments();
  const of = { "atlas.operation": operation.name };
  duration.record(seconds, errorType === undefined ? of : { ...of, "error.type": errorType });
  if (errorType !== undefined) errors.add(1, { ...of, "error.type": errorType });
  if (operation.retries > 0) retries.add(operation.retries, of);
  if (operation.tokenCached) cachedTokens.add(1);
  if (errorType === undefined && operation.name === SIGN_IN) signIns.add(1, { "atlas.sign_in": "password" });
  if (errorType === undefined && operation.name === REFRESH) signIns.add(1, { "atlas.sign_in": "refresh" });
}
