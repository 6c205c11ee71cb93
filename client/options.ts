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

/** Everything that a client can be told. All durations are milliseconds. */
export interface AtlasClientOptions {
  /** Base of the API; a path prefix is kept. @example "http://localhost:8080/api" */
  readonly baseUrl: string;
  readonly email: string;
  readonly password: string;
  /** @default "CLIENT" */
  readonly accountType?: AccountType;
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
  /** `false`: every call fails at once with AtlasConfigError. @default true */
  readonly enabled?: boolean;
  /** Used for all requests in place of an own connection pool; stays open after `close()`. */
  readonly dispatcher?: Dispatcher;
  /** Called around each operation: the one place for tracing. */
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
  readonly email: string;
  readonly password: string;
  readonly accountType: AccountType;
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
  readonly enabled: boolean;
}
