import { jsonOf } from "./answers.ts";
import { type Answer, TransportFailure } from "./transport.ts";

/*
 * When to ask next. Atlas allows an address 20 anonymous requests a minute and 80 an hour, and its health check counts
 * (atlas-api 6). What the proxy answers in Atlas' place costs nothing there, so it may be asked often.
 */

/** What one attempt brought. */
export interface Observation {
  readonly kind: "ready" | "free" | "counted";
  /** For people, e.g. `502 (the proxy does not reach Atlas yet)`. */
  readonly what: string;
}

const FREE_PAUSE_MS = 250;
/** 18 a minute: at most 18 in any 60 seconds. */
const COUNTED_SPACING_MS = 3_400;
/** As fast as the hourly limit refills. */
const LONG_SPACING_MS = 45_000;
/** So many leave half of the hour's 80 to those who come afterwards. */
const COUNTED_AT_FULL_PACE = 40;

/** Reads the answer to GET /health-check, or the lack of one. */
export function observationOf(result: Answer | TransportFailure): Observation {
  if (result instanceof TransportFailure) return failureObservation(result);
  const { status } = result;
  if (status === 502 || status === 503 || status === 504) {
    return { kind: "free", what: `${status} (the proxy does not reach Atlas yet)` };
  }
  if (status === 200 && saysUp(result)) return { kind: "ready", what: "200" };
  if (status === 200) {
    return { kind: "counted", what: "200, but not Atlas' health check (does the base URL lead to the API?)" };
  }
  if (status === 429) return { kind: "counted", what: "429 (Atlas' limit of anonymous requests is reached)" };
  return { kind: "counted", what: String(status) };
}

function failureObservation(failure: TransportFailure): Observation {
  // Nothing was asked of Atlas: the port is closed, or a port forwarder hung up since nobody listens behind it.
  const free = failure.kind === "unreachable" || failure.kind === "lost" || failure.kind === "tls";
  return { kind: free ? "free" : "counted", what: failure.message };
}

function saysUp(answer: Answer): boolean {
  const body = jsonOf(answer);
  return typeof body === "object" && body !== null && "success" in body && body.success === true;
}

/**
 * Milliseconds from now until the next request.
 * @param sinceStartMs how long ago the request began that brought the observation.
 * @param counted requests so far that cost Atlas something, this one included.
 */
export function pauseAfter(observation: Observation, sinceStartMs: number, counted: number): number {
  if (observation.kind !== "counted") return FREE_PAUSE_MS;
  const spacing = counted <= COUNTED_AT_FULL_PACE ? COUNTED_SPACING_MS : LONG_SPACING_MS;
  return Math.max(FREE_PAUSE_MS, spacing - sinceStartMs);
}
