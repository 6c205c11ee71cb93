// Knocks at the public door while something else goes on, and tells how long nobody opened.
//
// The knock is a browser's preflight request (OPTIONS with Origin): it goes through TLS and the proxy to the backend,
// which answers it itself, and before its rate limiter. Any other request, /health-check too, counts: ten a second
// would be refused after two seconds, and the smoke checks of the up with them, since they come from the same address.
// While the backend is away, the proxy answers 502.
import { setTimeout as delay } from "node:timers/promises";
import { request } from "undici";
import type { DropletStack } from "../../e2e/droplet/droplet-stack.ts";

export interface Knock {
  sent: number;
  answered: number;
  /** Why it was in vain. */
  problem?: string;
}

export interface DoorWatch extends AsyncDisposable {
  knocks: readonly Knock[];
}

const betweenMs = 50;
const patienceMs = 2_000;

/** Knocks until it is disposed of. */
export async function watchDoor(droplet: DropletStack): Promise<DoorWatch> {
  const dispatcher = await droplet.way();
  const url = `https://${droplet.domain}/api/auth/signin`;
  const headers = { origin: "https://bench.invalid", "access-control-request-method": "POST" };
  const knocks: Knock[] = [];
  const stop = new AbortController();
  const knock = async (): Promise<string | undefined> => {
    try {
      const answer = await request(url, {
        method: "OPTIONS",
        headers,
        dispatcher,
        signal: AbortSignal.timeout(patienceMs),
      });
      await answer.body.dump();
      return answer.statusCode === 200 ? undefined : `status ${answer.statusCode}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const loop = (async () => {
    while (!stop.signal.aborted) {
      const sent = Date.now();
      const problem = await knock();
      knocks.push({ sent, answered: Date.now(), ...(problem !== undefined && { problem }) });
      await delay(betweenMs);
    }
  })();
  return {
    knocks,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await loop;
      await dispatcher.destroy();
    },
  };
}

/**
 * From the last good answer before the first bad one to the first good one after the last bad one; of no length where
 * none was bad.
 * @throws Error when nobody opened before, or after
 */
export function absence(knocks: readonly Knock[]): { begin: number; end: number } {
  const first = knocks.findIndex(({ problem }) => problem !== undefined);
  if (first < 0) return { begin: 0, end: 0 };
  const last = knocks.findLastIndex(({ problem }) => problem !== undefined);
  const before = knocks[first - 1];
  const after = knocks[last + 1];
  if (!before || !after)
    throw new Error(
      `the public door ${before ? "stayed shut" : "was shut from the beginning"}: ${knocks[before ? last : first]?.problem}`,
    );
  return { begin: before.answered, end: after.answered };
}
