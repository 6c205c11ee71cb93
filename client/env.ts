import { baseUrlProblem, configError, DEFAULTS, shown } from "./config.ts";
import type { Fault } from "./errors.ts";
import type { AtlasApiKeyOptions, AtlasClientOptions } from "./options.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const EXAMPLE_URL = "http://localhost:8080/api";
const SECONDS_PER_DAY = 86_400;

/**
 * Reads a client's options from environment variables; an empty variable counts as not set.
 *
 * ATLAS_BASE_URL and either ATLAS_EMAIL and ATLAS_PASSWORD or ATLAS_API_KEY (needed unless ATLAS_ENABLED is false),
 * ATLAS_TIMEOUT (seconds, 30), ATLAS_MAX_RETRIES (3), ATLAS_ENABLED (true), ATLAS_TOKEN_TTL (seconds, 86400), ATLAS_TOKEN_REFRESH_BUFFER (seconds, 300).
 *
 * @throws AtlasConfigError naming each faulty variable, its value (never a password or key) and what to do.
 */
export function optionsFromEnv(env: Environment): AtlasClientOptions | AtlasApiKeyOptions {
  const faults: Fault[] = [];
  const read = (name: string) => (env[name]?.trim() === "" ? undefined : env[name]?.trim());
  const fault = (name: string, problem: string) => {
    faults.push({ name, problem, ...shown(name, read(name)) });
  };

  const needed = (name: string, mend: string): string => {
    // A password may begin or end with a blank.
    const value = name === "ATLAS_PASSWORD" ? env[name] || undefined : read(name);
    if (value === undefined && enabled) fault(name, `is not set; ${mend}`);
    return value ?? "-not-set-";
  };
  const number = (name: string, unit: string, bounds: Bounds, fallback: number): number => {
    const text = read(name);
    if (text === undefined) return fallback;
    const problem = numberProblem(text, bounds);
    if (problem === undefined) return Number(text);
    fault(name, `must be ${problem}${unit}; correct it or leave it out for ${fallback}`);
    return fallback;
  };

  const enabled = readSwitch(read("ATLAS_ENABLED"), () =>
    fault("ATLAS_ENABLED", "must be true or false; correct it or leave it out for true"),
  );
  const baseUrl = needed("ATLAS_BASE_URL", `set it to the API's address, for example ${EXAMPLE_URL}`);
  const problem = read("ATLAS_BASE_URL") === undefined ? undefined : baseUrlProblem(baseUrl);
  if (problem !== undefined)
    fault("ATLAS_BASE_URL", `${problem}; set it to an address such as ${EXAMPLE_URL}`);
  const apiKey = read("ATLAS_API_KEY");
  const credentials =
    apiKey === undefined
      ? {
          email: needed(
            "ATLAS_EMAIL",
            "set it to the address of the user to sign in as (or set ATLAS_API_KEY)",
          ),
          password: needed("ATLAS_PASSWORD", "set it to that user's password"),
        }
      : { apiKey };
  if (apiKey !== undefined) {
    for (const name of ["ATLAS_EMAIL", "ATLAS_PASSWORD"]) {
      if (read(name) !== undefined)
        fault(name, "is set together with ATLAS_API_KEY; leave one of the two out");
    }
  }
  const timeout = number("ATLAS_TIMEOUT", " seconds", { min: 0.1, max: 3600 }, DEFAULTS.timeoutMs / 1000);
  const maxRetries = number("ATLAS_MAX_RETRIES", "", { whole: true, min: 0, max: 10 }, DEFAULTS.maxRetries);
  const ttl = number("ATLAS_TOKEN_TTL", " seconds", { min: 1, max: 30 * SECONDS_PER_DAY }, 86_400);
  const buffer = number("ATLAS_TOKEN_REFRESH_BUFFER", " seconds", { min: 0, max: SECONDS_PER_DAY }, 300);
  if (buffer >= ttl) {
    fault(
      "ATLAS_TOKEN_REFRESH_BUFFER",
      `must be less than ATLAS_TOKEN_TTL (${ttl}); lower it or raise the other`,
    );
  }

  if (faults.length > 0) throw configError(faults);
  return {
    baseUrl: read("ATLAS_BASE_URL") === undefined ? "http://atlas.invalid" : baseUrl,
    ...credentials,
    enabled,
    timeoutMs: timeout * 1000,
    maxRetries,
    tokenTtlMs: ttl * 1000,
    tokenRefreshBufferMs: buffer * 1000,
  };
}

interface Bounds {
  readonly whole?: boolean;
  readonly min: number;
  readonly max: number;
}

function numberProblem(text: string, { whole, min, max }: Bounds): string | undefined {
  const value = Number(text);
  const fits = Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (fits) return undefined;
  return `${whole ? "a whole number" : "a number"} from ${min} to ${max}`;
}

function readSwitch(text: string | undefined, onFault: () => void): boolean {
  const value = text?.toLowerCase() ?? "true";
  if (["true", "1", "yes", "on"].includes(value)) return true;
  if (["false", "0", "no", "off"].includes(value)) return false;
  onFault();
  return true;
}
