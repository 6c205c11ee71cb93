import { Agent, type Dispatcher, request } from "undici";

/** One HTTP answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Exchange {
  readonly method: string;
  /** Path below the base URL with its query, e.g. `/users/search?enabledOnly=true`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export type FailureKind = "unreachable" | "timeout" | "lost" | "tls" | "too-large";

/** No complete answer came; inside the client only, people get an AtlasApiError made of it. */
export class TransportFailure extends Error {
  override readonly name: string = "TransportFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface TransportOptions {
  readonly baseUrl: string;
  /** Used instead of an own connection pool, and then not closed by `close`. */
  readonly dispatcher?: Dispatcher;
  readonly connectTimeoutMs?: number;
  readonly connections?: number;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** Sends one request over undici and reads the answer, bounded in time and size. No retries, no sessions. */
export class Transport {
  readonly #baseUrl: string;
  readonly #dispatcher: Dispatcher;
  readonly #owned?: Agent;

  constructor(options: TransportOptions) {
    this.#baseUrl = options.baseUrl.replace(/\/+$/, "");
    if (options.dispatcher === undefined) {
      this.#owned = newAgent(options);
      this.#dispatcher = this.#owned;
    } else {
      this.#dispatcher = options.dispatcher;
    }
  }

  /**
   * @throws TransportFailure when no complete answer came; the signal's reason when that was aborted.
   */
  async exchange(exchange: Exchange): Promise<Answer> {
    exchange.signal?.throwIfAborted();
    const abort = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      abort.abort();
    }, exchange.timeoutMs);
    const onAbort = () => abort.abort();
    exchange.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await this.#send(exchange, abort.signal);
    } catch (cause) {
      if (exchange.signal?.aborted) throw exchange.signal.reason;
      if (timedOut) {
        throw new TransportFailure("timeout", `no answer within ${exchange.timeoutMs / 1000} s`, cause);
      }
      throw cause instanceof TransportFailure ? cause : classify(cause);
    } finally {
      clearTimeout(timer);
      exchange.signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Closes the connections of an own pool. */
  async close(): Promise<void> {
    if (this.#owned !== undefined && !this.#owned.destroyed) await this.#owned.destroy();
  }

  async #send(exchange: Exchange, signal: AbortSignal): Promise<Answer> {
    const response = await request(this.#baseUrl + exchange.path, {
      dispatcher: this.#dispatcher,
      method: exchange.method,
      headers: exchange.headers,
      body: exchange.body ?? null,
      signal,
      // The timer above bounds the whole exchange; undici's own bounds would only cut it short in other words.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const failed = response.statusCode >= 400;
    const text = await readBody(response.body, failed ? MAX_ERROR_BYTES : MAX_ANSWER_BYTES, failed);
    return { status: response.statusCode, headers: response.headers, text };
  }
}

function newAgent(options: TransportOptions): Agent {
  const { connectTimeoutMs, connections = 32 } = options;
  return new Agent({ connections, ...(connectTimeoutMs && { connect: { timeout: connectTimeoutMs } }) });
}

/** Reads up to `cap` bytes. Of an error's body the beginning is enough; an answer cut in two is worth nothing. */
async function readBody(body: AsyncIterable<Buffer>, cap: number, cutIsFine: boolean): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= cap) continue;
    if (cutIsFine) break;
    throw new TransportFailure("too-large", `the answer is larger than ${cap} bytes`, undefined);
  }
  return Buffer.concat(chunks, Math.min(size, cap)).toString("utf8");
}

const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function classify(cause: unknown): TransportFailure {
  const code = codeOf(cause);
  const message = cause instanceof Error && cause.message !== "" ? cause.message : code;
  if (NEVER_SENT.has(code)) return new TransportFailure("unreachable", message, cause);
  if (code === "EPROTO" || /CERT|TLS|SSL|UNABLE_TO_(GET|VERIFY)/.test(code)) {
    return new TransportFailure("tls", message, cause);
  }
  return new TransportFailure("lost", message, cause);
}

function codeOf(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return String(cause);
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  // Both address families were tried: an AggregateError of one error each.
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
  return cause instanceof Error ? cause.name : "unknown";
}
