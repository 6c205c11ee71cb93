import { z } from "zod";
import { AtlasConfigError, type Fault } from "./errors.ts";
import type {
  AtlasApiKeyOptions,
  AtlasClientOptions,
  CircuitBreakerOptions,
  RateLimits,
  Settings,
} from "./options.ts";
import type { RateWindow } from "./rate-limit.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const DEFAULTS = {
  timeoutMs: 30_000,
  maxRetries: 3,
  retryBaseMs: 1_000,
  tokenTtlMs: 86_400_000,
  tokenRefreshBufferMs: 300_000,
  signedIn: { perMinute: 100, perHour: 1000 },
  anonymous: { perMinute: 20, perHour: 80 },
  circuitBreaker: { failures: 5, openMs: 10_000 },
} as const;

const MEND_BASE_URL = "give the API's address, for example http://localhost:8080/api";
const baseUrl = z.string().superRefine((value, context) => {
  const problem = baseUrlProblem(value);
  if (problem !== undefined) context.addIssue({ code: "custom", message: `${problem}; ${MEND_BASE_URL}` });
});
const duration = z
  .number("must be a number of milliseconds")
  .positive("must be more than 0")
  .max(24 * HOUR, "must be at most a day");
const rate = z.object({ perMinute: z.number().int().positive(), perHour: z.number().int().positive() });

const failures = z.number().int("must be a whole number").positive("must be more than 0");

const common = {
  timeoutMs: duration.optional(),
  totalTimeoutMs: duration.optional(),
  maxRetries: z.number().int("must be a whole number").min(0).max(10, "must be at most 10").optional(),
  retryBaseMs: duration.optional(),
  tokenTtlMs: z.number().positive("must be more than 0").optional(),
  tokenRefreshBufferMs: z.number().min(0, "must not be negative").optional(),
  rateLimits: z
    .union([z.literal(false), z.object({ signedIn: rate.optional(), anonymous: rate.optional() })])
    .optional(),
  circuitBreaker: z
    .union([z.literal(false), z.object({ failures: failures.optional(), openMs: duration.optional() })])
    .optional(),
  enabled: z.boolean().optional(),
};
const passwordSchema = z.object({
  baseUrl,
  email: z
    .string("must be the email address to sign in with")
    .min(3, "must be the email address to sign in with"),
  password: z.string("must be that user's password").min(1, "must not be empty"),
  accountType: z.enum(["CLIENT", "SUPER_ADMIN"]).optional(),
  ...common,
});
const IN_PLACE_OF_KEY = "must not be given together with apiKey: leave one of the two out";
const apiKeySchema = z.object({
  baseUrl,
  apiKey: z
    .string("must be an API key of Atlas")
    .regex(/^[\x21-\x7e]+$/, "must be an API key: visible ASCII, no blanks"),
  email: z.undefined(IN_PLACE_OF_KEY).optional(),
  password: z.undefined(IN_PLACE_OF_KEY).optional(),
  ...common,
});

/**
 * Checks a client's options and fills in the defaults.
 * @throws AtlasConfigError naming every fault at once; never the password or the API key.
 */
export function settingsFrom(options: AtlasClientOptions | AtlasApiKeyOptions): Settings {
  const hasKey = "apiKey" in options && options.apiKey !== undefined;
  const parsed = (hasKey ? apiKeySchema : passwordSchema).safeParse(options);
  if (!parsed.success) {
    throw configError(
      parsed.error.issues.map((issue) => {
        const name = issue.path.join(".");
        return { name, problem: issue.message, ...shown(name, valueAt(options, issue.path)) };
      }),
    );
  }
  const given = parsed.data;
  const timeoutMs = given.timeoutMs ?? DEFAULTS.timeoutMs;
  const maxRetries = given.maxRetries ?? DEFAULTS.maxRetries;
  return {
    baseUrl: given.baseUrl.replace(/\/+$/, ""),
    credentials:
      "apiKey" in given
        ? { apiKey: given.apiKey }
        : { email: given.email, password: given.password, accountType: given.accountType ?? "CLIENT" },
    timeoutMs,
    totalTimeoutMs: given.totalTimeoutMs ?? timeoutMs * (maxRetries + 1),
    maxRetries,
    retryBaseMs: given.retryBaseMs ?? DEFAULTS.retryBaseMs,
    tokenTtlMs: given.tokenTtlMs ?? DEFAULTS.tokenTtlMs,
    tokenRefreshBufferMs: given.tokenRefreshBufferMs ?? DEFAULTS.tokenRefreshBufferMs,
    rateWindows: rateWindows(given.rateLimits ?? {}),
    circuitBreaker: breaker(given.circuitBreaker ?? {}),
    enabled: given.enabled ?? true,
  };
}

/** The error for a list of faults: one line each, with what came and how to mend it. */
export function configError(faults: readonly Fault[]): AtlasConfigError {
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  const lines = faults.map(({ name, value, problem }) =>
    value === undefined ? `- ${name} ${problem}` : `- ${name} is ${JSON.stringify(value)}: ${problem}`,
  );
  return new AtlasConfigError(`The Atlas client's configuration has ${count}:\n${lines.join("\n")}`, {
    faults,
  });
}

/** What is wrong with a base URL, in words; undefined when nothing is. */
export function baseUrlProblem(value: string): string | undefined {
  const url = URL.parse(value);
  if (url === null) return "is not a URL";
  if (url.protocol !== "http:" && url.protocol !== "https:") return "must start with http:// or https://";
  if (url.username !== "" || url.password !== "") return "must not hold a user name or a password";
  if (url.search !== "" || url.hash !== "") return "must not have a query or a fragment";
  return undefined;
}

/** True for an API on this very machine. */
export function isLocal(url: string): boolean {
  const host = new URL(url).hostname;
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127\./.test(host);
}

function rateWindows(limits: RateLimits | false): Settings["rateWindows"] {
  if (limits === false) return { signedIn: [], anonymous: [] };
  return {
    signedIn: windows(limits.signedIn ?? DEFAULTS.signedIn),
    anonymous: windows(limits.anonymous ?? DEFAULTS.anonymous),
  };
}

function breaker(options: CircuitBreakerOptions | false): Settings["circuitBreaker"] {
  const { failures, openMs } = DEFAULTS.circuitBreaker;
  if (options === false) return { failures: Number.POSITIVE_INFINITY, openMs };
  return { failures: options.failures ?? failures, openMs: options.openMs ?? openMs };
}

function windows(rate: { perMinute: number; perHour: number }): RateWindow[] {
  return [
    { capacity: rate.perMinute, periodMs: MINUTE },
    { capacity: rate.perHour, periodMs: HOUR },
  ];
}

/** Shows a value in an error unless it is, or may hold, a secret. */
export function shown(name: string, value: unknown): { value?: string } {
  if (value === undefined || value === "" || /password|api_?key/i.test(name)) return {};
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return { value: text.replace(/\/\/[^/@]*@/, "//***@").slice(0, 200) };
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}
