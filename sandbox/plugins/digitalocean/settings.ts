import type { Props, Value } from "../bridge/schema.ts";

/** How the provider reaches the API: the stack's configuration, then the environment, then the original's defaults. */
export interface Settings {
  endpoint: URL;
  token: string;
  /** Repetitions after the first attempt; 0 switches them off. */
  retryMax: number;
  retryWaitMinSeconds: number;
  retryWaitMaxSeconds: number;
  /** 0: as fast as asked. */
  requestsPerSecond: number;
}

const PUBLIC_API = "https://api.digitalocean.com";

/** The endpoint is noted in the state; the token is not, so that it gets there only when the stack's own settings hold it. */
export function withEndpoint(config: Props, environment: NodeJS.ProcessEnv): Props {
  return {
    ...config,
    apiEndpoint: textOf(config.apiEndpoint) ?? environment.DIGITALOCEAN_API_URL ?? PUBLIC_API,
  };
}

export function settingsOf(config: Props, environment: NodeJS.ProcessEnv): Settings {
  const setting = (key: string, variable: string, preset: number) =>
    numberOf(textOf(config[key]) ?? environment[variable], key, preset);
  return {
    endpoint: endpointOf(textOf(withEndpoint(config, environment).apiEndpoint) ?? PUBLIC_API),
    token:
      textOf(config.token) ?? environment.DIGITALOCEAN_TOKEN ?? environment.DIGITALOCEAN_ACCESS_TOKEN ?? "",
    retryMax: setting("httpRetryMax", "DIGITALOCEAN_HTTP_RETRY_MAX", 4),
    retryWaitMinSeconds: setting("httpRetryWaitMin", "DIGITALOCEAN_HTTP_RETRY_WAIT_MIN", 1),
    retryWaitMaxSeconds: setting("httpRetryWaitMax", "DIGITALOCEAN_HTTP_RETRY_WAIT_MAX", 30),
    requestsPerSecond: setting("requestsPerSecond", "DIGITALOCEAN_REQUESTS_PER_SECOND", 0),
  };
}

function endpointOf(address: string): URL {
  if (URL.canParse(address)) return new URL(address);
  throw new Error(
    `digitalocean:apiEndpoint (or DIGITALOCEAN_API_URL) is "${address}", which is no URL; it has to look like ${PUBLIC_API}`,
  );
}

function numberOf(given: string | undefined, key: string, preset: number): number {
  if (given === undefined) return preset;
  const number = Number(given);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new Error(`digitalocean:${key} is "${given}", which is no number from 0 up`);
}

/** Settings come as text, whatever their type. */
function textOf(value: Value | undefined): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return String(value);
}
