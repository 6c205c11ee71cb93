import { meansSignedOut } from "./answers.ts";
import { type Clock, unlessAborted } from "./clock.ts";
import { AtlasApiError, AtlasAuthError, AtlasRateLimitError, AtlasValidationError } from "./errors.ts";
import type { TokenAnswer } from "./schemas/session.ts";
import { type TokenPolicy, type Tokens, tokensFrom, withoutAccess } from "./token.ts";
import type { Answer } from "./transport.ts";

/** How a session gets its tokens; the requests themselves are elsewhere. */
export interface TokenSource {
  signIn(): Promise<TokenAnswer>;
  refresh(refreshToken: string): Promise<TokenAnswer>;
}

/** How long a caller waits: an operation is one. */
export interface Bounds {
  readonly signal: AbortSignal;
  /** In milliseconds since 1970. */
  readonly deadline: number;
  /** Set by the session: was a valid token at hand when the first one was asked for? */
  tokenCached?: boolean;
}

export interface Replacement<T> {
  readonly result: T;
  readonly next?: { readonly tokens: TokenAnswer | undefined };
}

/**
 * Atlas takes a token for revoked when its second of issue began before a sign-out or change of password, so a token
 * of that same second never works (atlas-api 5.5).
 */
const SAME_SECOND_MS = 1_050;
const RETRY_EARLY_RENEWAL_MS = 30_000;

/** Keeps one signed-in state for all callers: one sign-in or refresh at a time, however many wait for it. */
export class Session {
  readonly #source: TokenSource;
  readonly #policy: TokenPolicy;
  readonly #clock: Clock;
  readonly #lifetime: AbortSignal;
  #tokens: Tokens | undefined;
  #renewal: Promise<Tokens> | undefined;
  #exclusive: Promise<unknown> | undefined;
  #notBefore = 0;

  constructor(source: TokenSource, policy: TokenPolicy, clock: Clock, lifetime: AbortSignal) {
    this.#source = source;
    this.#policy = policy;
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /** Server's clock minus this machine's, as far as a token told. */
  get clockOffsetMs(): number | undefined {
    return this.#tokens?.clockOffsetMs;
  }

  /** True when there is an access token that has not run out. */
  get isSignedIn(): boolean {
    return this.#tokens !== undefined && this.#clock.now() < this.#tokens.usableUntil;
  }

  /** A valid access token: the kept one, or a renewed one. */
  async accessToken(bounds: Bounds): Promise<string> {
    while (this.#exclusive !== undefined) await this.#within(bounds, this.#exclusive);
    const kept = this.#tokens;
    const isGood = kept !== undefined && this.#clock.now() < kept.renewAt;
    bounds.tokenCached ??= isGood;
    if (isGood) return kept.access;
    return (await this.#within(bounds, this.#renewed())).access;
  }

  /** Sends with an access token; when the answer means signed out, renews the session and sends once more. */
  async send(bounds: Bounds, send: (accessToken: string) => Promise<Answer>): Promise<Answer> {
    const token = await this.accessToken(bounds);
    const answer = await send(token);
    if (!meansSignedOut(answer)) return answer;
    this.#reject(token);
    return send(await this.accessToken(bounds));
  }

  /**
   * Runs something that may end all sessions of the user, while nobody else renews or starts to use this one.
   * `work` tells with `next` what the session then is: new tokens, or none; without `next` it stays as it was.
   */
  async replace<T>(work: () => Promise<Replacement<T>>): Promise<T> {
    while (this.#exclusive !== undefined || this.#renewal !== undefined) {
      await Promise.allSettled([this.#exclusive, this.#renewal]);
    }
    const done = Promise.withResolvers<void>();
    this.#exclusive = done.promise;
    try {
      const { result, next } = await work();
      if (next !== undefined) this.#startAnew(next.tokens);
      return result;
    } finally {
      this.#exclusive = undefined;
      done.resolve();
    }
  }

  /** Forgets the kept tokens; the next call signs in anew. */
  forget(): void {
    this.#tokens = undefined;
  }

  /** A sign-in goes on for the other callers when one of them cannot wait any longer. */
  async #within<T>(bounds: Bounds, promise: Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(Math.max(0, bounds.deadline - this.#clock.now()));
    try {
      return await unlessAborted(promise, AbortSignal.any([bounds.signal, late]));
    } catch (cause) {
      if (!late.aborted || cause !== late.reason) throw cause;
      throw new AtlasApiError(
        "The call's time was over before the session was renewed. Raise totalTimeoutMs, or look why Atlas is slow to sign in.",
        { operation: "session", outcome: "none" },
        { cause },
      );
    }
  }

  #startAnew(answer: TokenAnswer | undefined): void {
    const now = this.#clock.now();
    this.#tokens = answer && withoutAccess(tokensFrom(answer, now, this.#policy));
    this.#waitOutSecondOf(now);
  }

  #renewed(): Promise<Tokens> {
    if (this.#renewal !== undefined) return this.#renewal;
    const renewal = this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    // Each waiting call gets the rejection; this only keeps it from being "unhandled" when all of them were aborted.
    renewal.catch(() => undefined);
    this.#renewal = renewal;
    return renewal;
  }

  async #renew(): Promise<Tokens> {
    const wait = this.#notBefore - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait, this.#lifetime);
    const kept = this.#tokens;
    try {
      const answer = await this.#refreshOrSignIn(kept?.refresh ?? null);
      this.#tokens = tokensFrom(answer, this.#clock.now(), this.#policy);
      return this.#tokens;
    } catch (cause) {
      const now = this.#clock.now();
      const stillGood = kept !== undefined && kept === this.#tokens && now < kept.usableUntil;
      const passing = cause instanceof AtlasApiError || cause instanceof AtlasRateLimitError;
      if (!stillGood || !passing) throw cause;
      this.#tokens = { ...kept, renewAt: Math.min(kept.usableUntil, now + RETRY_EARLY_RENEWAL_MS) };
      return this.#tokens;
    }
  }

  async #refreshOrSignIn(refreshToken: string | null): Promise<TokenAnswer> {
    if (refreshToken === null) return this.#source.signIn();
    try {
      return await this.#source.refresh(refreshToken);
    } catch (cause) {
      if (!refreshTokenIsSpent(cause)) throw cause;
      return this.#source.signIn();
    }
  }

  #reject(accessToken: string): void {
    const kept = this.#tokens;
    if (kept?.access !== accessToken) return;
    this.#tokens = withoutAccess(kept);
    if (kept.usableUntil > 0) this.#waitOutSecondOf(kept.receivedAt);
  }

  #waitOutSecondOf(moment: number): void {
    this.#notBefore = Math.max(this.#notBefore, moment + SAME_SECOND_MS);
  }
}

/** Refused, or perhaps used up by a refresh whose answer was lost: the password still works. */
function refreshTokenIsSpent(cause: unknown): boolean {
  if (cause instanceof AtlasAuthError || cause instanceof AtlasValidationError) return true;
  return cause instanceof AtlasApiError && cause.details.outcome === "unknown";
}
