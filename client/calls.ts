import { setMaxListeners } from "node:events";
import type { z } from "zod";
import { isOk } from "./answers.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { type Clock, systemClock } from "./clock.ts";
import { errorFromAnswer } from "./error-from-answer.ts";
import { AtlasConfigError } from "./errors.ts";
import { type Observe, unobserved } from "./observe.ts";
import { type CallOptions, type Operation, type OperationName, startOperation } from "./operation.ts";
import type { AtlasClientInternals, CommonOptions, PasswordCredentials, Settings } from "./options.ts";
import { parsedAnswer } from "./parse.ts";
import { RateLimiter } from "./rate-limit.ts";
import { longestPauses } from "./retry.ts";
import { Secrets } from "./secrets.ts";
import { type AtlasRequest, bearer, type Proof, Sender } from "./sender.ts";
import { Session } from "./session.ts";
import { type Credentials, tokenSource, userOf } from "./session-calls.ts";
import { Tracing } from "./tracing.ts";
import { type Answer, Transport } from "./transport.ts";

const LONGEST_PAUSE_MS = 30_000;

/** Whose request it is: the signed-in user's, or nobody's (then no Authorization header is sent). */
export type As = "user" | "nobody";

/** What the operations of all resources stand on: runs an operation, sends its requests, reads the answers. */
export class Calls {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly session: Session;
  credentials: Credentials;
  readonly secrets = new Secrets();
  readonly #sender: Sender;
  readonly #transport: Transport;
  readonly #tracing: Tracing;
  readonly #observe: Observe;
  readonly #closed = new AbortController();

  constructor(settings: Settings, options: CommonOptions, internals: AtlasClientInternals) {
    const { clock = systemClock, random = Math.random } = internals;
    // Each running request listens to it.
    setMaxListeners(0, this.#closed.signal);
    this.settings = settings;
    this.clock = clock;
    this.#observe = options.observe ?? unobserved;
    this.#tracing = new Tracing(settings.baseUrl, this.secrets);
    this.#transport = new Transport({ baseUrl: settings.baseUrl, dispatcher: options.dispatcher });
    const { signedIn, anonymous } = settings.rateWindows;
    const retries = {
      maxRetries: settings.maxRetries,
      baseMs: settings.retryBaseMs,
      maxPauseMs: LONGEST_PAUSE_MS,
    };
    this.#sender = new Sender({
      transport: this.#transport,
      limiters: {
        signedIn: new RateLimiter(signedIn, clock.now()),
        anonymous: new RateLimiter(anonymous, clock.now()),
      },
      breaker: new CircuitBreaker({
        ...settings.circuitBreaker,
        patienceMs: longestPauses(retries),
      }),
      tracing: this.#tracing,
      retries,
      clock,
      random,
    });
    this.credentials = settings.credentials;
    this.secrets.keep(secretOf(settings.credentials));
    this.session = new Session(
      tokenSource(
        (operation) => this.user(operation),
        (name, work) => this.run(name, {}, work),
        this.#sender,
        this.secrets,
      ),
      { ttlMs: settings.tokenTtlMs, refreshBufferMs: settings.tokenRefreshBufferMs },
      clock,
      this.#closed.signal,
    );
  }

  /** Runs one operation: every public call goes through here, and so does its observer. */
  async run<T>(
    name: OperationName,
    options: CallOptions,
    work: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    this.#mustBeUsable(name);
    options.signal?.throwIfAborted();
    const operation = startOperation(name, options, {
      now: this.clock.now(),
      timeoutMs: this.settings.timeoutMs,
      totalTimeoutMs: this.settings.totalTimeoutMs,
      lifetime: this.#closed.signal,
    });
    const { correlationId } = operation;
    return this.#observe({ name: name.name, correlationId }, () =>
      this.#tracing.operation(operation, () => work(operation)),
    );
  }

  /** Who signs in. @throws AtlasConfigError for a client with an API key, which has no session. */
  user(operation: OperationName): PasswordCredentials {
    return userOf(this.credentials, operation);
  }

  /** Sends a request and gives the answer, whatever its status; renews the session when the answer asks for it. */
  answer(operation: Operation, request: AtlasRequest, as: As = "user"): Promise<Answer> {
    const send = (proof?: Proof) => this.#sender.send(operation, request, proof);
    if (as === "nobody") return send();
    if ("apiKey" in this.credentials) return send({ "x-api-key": this.credentials.apiKey });
    return this.session.send(operation, (token) => send(bearer(token)));
  }

  /** Sends with this very token, without renewing anything. */
  answerWith(accessToken: string, operation: Operation, request: AtlasRequest): Promise<Answer> {
    return this.#sender.send(operation, request, bearer(accessToken));
  }

  /** Sends a request and reads its answer, which must be 2xx. */
  async fetch<S extends z.ZodType>(
    operation: Operation,
    request: AtlasRequest,
    schema: S,
    as: As = "user",
  ): Promise<z.output<S>> {
    return this.read(operation, request, await this.answer(operation, request, as), schema);
  }

  /** @throws the error that fits an answer that is not 2xx; AtlasSchemaError when it is not as expected. */
  read<S extends z.ZodType>(
    operation: Operation,
    request: AtlasRequest,
    answer: Answer,
    schema: S,
  ): z.output<S> {
    if (!isOk(answer)) {
      const proof = "apiKey" in this.credentials ? "API key" : "session";
      throw errorFromAnswer(answer, operation, request, this.secrets, proof);
    }
    return parsedAnswer(schema, answer, operation, request);
  }

  /** Ends all waiting and running calls and frees the connections. */
  async close(): Promise<void> {
    this.#closed.abort(new AtlasConfigError("The Atlas client was closed while a call was running."));
    this.session.forget();
    await this.#transport.close();
  }

  #mustBeUsable({ name, doing }: OperationName): void {
    if (this.#closed.signal.aborted) {
      throw new AtlasConfigError(`Could not ${doing}: this Atlas client is closed. Make a new one.`, {
        operation: name,
        outcome: "none",
      });
    }
    if (!this.settings.enabled) {
      throw new AtlasConfigError(
        `Could not ${doing}: Atlas is switched off. Set ATLAS_ENABLED=true (or the option enabled) to use it.`,
        { operation: name, outcome: "none" },
      );
    }
  }
}

function secretOf(credentials: Credentials): string {
  return "apiKey" in credentials ? credentials.apiKey : credentials.password;
}
