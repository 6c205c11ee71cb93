import { Agent, type Dispatcher } from "undici";

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

/** Sends one request over undici and receives the answer, bounded in time and size. No retries, no sessions. */
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
   * @returns the answer, whatever its status, or why no complete one came.
   * @throws the signal's reason when that was aborted.
   */
  exchange(exchange: Exchange): Promise<Answer | TransportFailure> {
    return new Promise((resolve, reject) => {
      exchange.signal?.throwIfAborted();
      const { origin, pathname, search } = new URL(this.#baseUrl + exchange.path);
      const reception = new Reception(exchange, resolve, reject);
      const request: Dispatcher.DispatchOptions = {
        origin,
        path: pathname + search,
        method: exchange.method,
        headers: exchange.headers,
        body: exchange.body ?? null,
        // The reception bounds the whole exchange; undici's own bounds would only cut it short in other words.
        headersTimeout: 0,
        bodyTimeout: 0,
      };
      try {
        this.#dispatcher.dispatch(request, reception);
      } catch (cause) {
        reception.onResponseError(undefined, cause);
      }
    });
  }

  /** Closes the connections of an own pool. */
  async close(): Promise<void> {
    if (this.#owned !== undefined && !this.#owned.destroyed) await this.#owned.destroy();
  }
}

function newAgent(options: TransportOptions): Agent {
  const { connectTimeoutMs, connections = 32 } = options;
  return new Agent({ connections, ...(connectTimeoutMs && { connect: { timeout: connectTimeoutMs } }) });
}

/**
 * Receives one answer, piece by piece as undici hands it out: the stream that undici's `request` makes of it, and reading
 * that, take longer than all else that the client does for a call.
 */
class Reception implements Dispatcher.DispatchHandler {
  readonly #resolve: (result: Answer | TransportFailure) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: Answer["headers"] = {};
  #controller: Dispatcher.DispatchController | undefined;
  #hasHungUp = false;

  constructor(
    { timeoutMs, signal }: Exchange,
    resolve: (result: Answer | TransportFailure) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#resolve = resolve;
    this.#signal = signal;
    this.#onAbort = () => {
      reject(signal?.reason);
      this.#hangUp();
    };
    this.#timer = setTimeout(() => {
      this.#cutShort(new TransportFailure("timeout", `no answer within ${timeoutMs / 1000} s`, undefined));
    }, timeoutMs);
    signal?.addEventListener("abort", this.#onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // There was no connection for it before it was over.
    if (this.#hasHungUp) this.#hangUp();
  }

  /** Comes for an interim answer (1xx) too, before the real one. */
  onResponseStart(_controller: unknown, status: number, headers: Answer["headers"]): void {
    this.#status = status;
    this.#headers = headers;
  }

  /** Of an error's body the beginning is enough; an answer cut in two is worth nothing. */
  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#status >= 400) {
      if (this.#size > MAX_ERROR_BYTES) this.#cutShort(this.#answer(MAX_ERROR_BYTES));
    } else if (this.#size > MAX_ANSWER_BYTES) {
      const message = `the answer is larger than ${MAX_ANSWER_BYTES} bytes`;
      this.#cutShort(new TransportFailure("too-large", message, undefined));
    }
  }

  onResponseEnd(): void {
    this.#end();
    const answer = this.#answer(this.#size);
    // undici frees the connection in the next turn of the event loop: a request sent sooner would open another one.
    queueMicrotask(() => setImmediate(this.#resolve, answer));
  }

  onResponseError(_controller: unknown, cause: unknown): void {
    this.#end();
    this.#resolve(classify(cause));
  }

  #answer(size: number): Answer {
    const body = Buffer.concat(this.#chunks, size);
    return { status: this.#status, headers: this.#headers, text: body.toString("utf8") };
  }

  #cutShort(result: Answer | TransportFailure): void {
    this.#resolve(result);
    this.#hangUp();
  }

  #hangUp(): void {
    this.#end();
    this.#hasHungUp = true;
    this.#controller?.abort(new Error("the client hung up"));
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
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
