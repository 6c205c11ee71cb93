import type { Dispatcher } from "undici";
import type { Clock } from "./clock.ts";
import type { Observe } from "./observe.ts";
import type { RateWindow } from "./rate-limit.ts";

/** Who signs in: a user of an organisation, or the installation's super administrator (atlas-api 5.2). */
export type AccountType = "CLIENT" | "SUPER_ADMIN";

/** Requests allowed; the defaults are those of Atlas (atlas-api 6). */
export interface RateLimits {
  /** With a session. @default 100 a minute, 1000 an hour */
  readonly signedIn?: { readonly perMinute: number; readonly perHour: number };
  /** Without: sign-in, refresh, sign-up, health. @default 20 a minute, 80 an hour */
  readonly anonymous?: { readonly perMinute: number; readonly perHour: number };
}

/** When to stop asking an Atlas that does not answer. */
export interface CircuitBreakerOptions {
  /** Requests in a row without an answer, or with a proxy's 502, 503 or 504. @default 5 */
  readonly failures?: number;
  /** Calls fail at once for this long; then one goes out to find out. @default 10000 */
  readonly openMs?: number;
}

/** A client that signs in as a user. */
export interface AtlasClientOptions extends CommonOptions {
  readonly email: string;
  readonly password: string;
  /** @default "CLIENT" */
  readonly accountType?: AccountType;
}

/** A client that shows an API key, which Atlas gives out only with a licence (atlas-api 5.6). It has no session. */
export interface AtlasApiKeyOptions extends CommonOptions {
  readonly apiKey: string;
}

/** What every client can be told. All durations are milliseconds. */
export interface CommonOptions {
  /** Base of the API; a path prefix is kept. @example "http://localhost:8080/api" */
  readonly baseUrl: string;
  /** Longest time for one attempt. @default 30000 */
  readonly timeoutMs?: number;
  /** Longest time for a whole call with retries and pauses. @default timeoutMs * (maxRetries + 1) */
  readonly totalTimeoutMs?: number;
  /** Repetitions of one request, where repeating is safe. @default 3 */
  readonly maxRetries?: number;
  /** First pause is at most this long, each further one at most twice the last. @default 1000 */
  readonly retryBaseMs?: number;
  /** Longest use of one access token; the token's own life wins when it is shorter. @default 86400000 */
  readonly tokenTtlMs?: number;
  /** A token is renewed this long before its end (at most a fifth of its life). @default 300000 */
  readonly tokenRefreshBufferMs?: number;
  /** `false` switches the client's own limiter off. */
  readonly rateLimits?: RateLimits | false;
  /** `false` switches the circuit breaker off: every call tries, however often others failed. */
  readonly circuitBreaker?: CircuitBreakerOptions | false;
  /** `false`: every call fails at once with AtlasConfigError, unless made in `ifEnabled`. @default true */
  readonly enabled?: boolean;
  /** Used for all requests in place of an own connection pool; stays open after `close()`. */
  readonly dispatcher?: Dispatcher;
  /** Called around each operation of this client; for tracing and metrics see docs/tracing.md. */
  readonly observe?: Observe;
}

/** Replaceable for tests only. */
export interface AtlasClientInternals {
  readonly clock?: Clock;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

/** The options with every default filled in. */
export interface Settings {
  readonly baseUrl: string;
  readonly credentials: PasswordCredentials | ApiKeyCredentials;
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxRetries: number;
  readonly retryBaseMs: number;
  readonly tokenTtlMs: number;
  readonly tokenRefreshBufferMs: number;
  readonly rateWindows: {
    readonly signedIn: readonly RateWindow[];
    readonly anonymous: readonly RateWindow[];
  };
  /** `failures` is Infinity when it is switched off. */
  readonly circuitBreaker: Required<CircuitBreakerOptions>;
  readonly enabled: boolean;
}

export interface PasswordCredentials {
  readonly email: string;
  readonly password: string;
  readonly accountType: AccountType;
}

export interface ApiKeyCredentials {
  readonly apiKey: string;
}
