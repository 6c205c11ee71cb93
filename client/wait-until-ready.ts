import type { Dispatcher } from "undici";
import { type Clock, systemClock } from "./clock.ts";
import { baseUrlProblem, configError, shown } from "./config.ts";
import { AtlasApiError } from "./errors.ts";
import { type Observation, observationOf, pauseAfter } from "./readiness.ts";
import { Transport } from "./transport.ts";

export interface WaitOptions {
  /** Base of the API. @example "http://localhost:8080/api" */
  readonly baseUrl: string;
  /** Longest wait; a first start with an empty database takes up to a minute (atlas-api 1.2). @default 180000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Told after each attempt. */
  readonly onProgress?: (progress: WaitProgress) => void;
  /** Used in place of an own connection. */
  readonly dispatcher?: Dispatcher;
  /** Longest time for one attempt. @default 5000 */
  readonly attemptTimeoutMs?: number;
  /** Replaceable for tests. */
  readonly clock?: Clock;
}

export interface WaitProgress {
  readonly elapsedMs: number;
  readonly attempts: number;
  /** Attempts that Atlas itself counted on its limit of anonymous requests. */
  readonly counted: number;
  readonly lastAnswer: string;
  readonly ready: boolean;
}

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Waits until Atlas answers its health check. Notices within a second that a booting Atlas is there, and asks Atlas
 * itself at most 18 times a minute: what a proxy answers in its place (502, 503, 504) or a closed port costs it nothing
 * and is asked every 250 ms; everything that Atlas may have answered itself slows the asking down.
 *
 * Needs no credentials. Ready means that it serves requests, not that its database is up (atlas-api 1.5).
 * @throws AtlasApiError when it is not ready in time; the signal's reason when that is aborted.
 */
export async function waitUntilReady(options: WaitOptions): Promise<WaitProgress> {
  const { baseUrl, timeoutMs = 180_000, signal, onProgress, clock = systemClock, dispatcher } = options;
  const problem = baseUrlProblem(baseUrl);
  if (problem !== undefined) throw configError([{ name: "baseUrl", problem, ...shown("baseUrl", baseUrl) }]);
  const transport = new Transport({
    baseUrl,
    dispatcher,
    connections: 1,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  const startedAt = clock.now();
  let attempts = 0;
  let counted = 0;
  try {
    for (;;) {
      const askedAt = clock.now();
      const left = startedAt + timeoutMs - askedAt;
      const observation = await ask(transport, Math.min(options.attemptTimeoutMs ?? 5_000, left), signal);
      attempts += 1;
      if (observation.kind !== "free") counted += 1;
      const now = clock.now();
      const progress: WaitProgress = {
        elapsedMs: now - startedAt,
        attempts,
        counted,
        lastAnswer: observation.what,
        ready: observation.kind === "ready",
      };
      onProgress?.(progress);
      if (progress.ready) return progress;
      const pause = pauseAfter(observation, now - askedAt, counted);
      if (now + pause >= startedAt + timeoutMs) throw notReady(baseUrl, progress);
      await clock.sleep(pause, signal);
    }
  } finally {
    await transport.close();
  }
}

async function ask(
  transport: Transport,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Observation> {
  const headers = { accept: "application/json" };
  return observationOf(
    await transport.exchange({ method: "GET", path: "/health-check", headers, timeoutMs, signal }),
  );
}

function notReady(baseUrl: string, progress: WaitProgress): AtlasApiError {
  const { attempts, elapsedMs, lastAnswer } = progress;
  return new AtlasApiError(
    `Atlas at ${baseUrl} was not ready after ${(elapsedMs / 1000).toFixed(1)} s and ${attempts} attempts; the last answer: ${lastAnswer}. ` +
      "Look at the log of the Atlas backend: it stops when it cannot reach its database, and a first start takes up to a minute.",
    { operation: "waitUntilReady", method: "GET", path: "/health-check", attempts },
  );
}
