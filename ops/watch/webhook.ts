import { setTimeout as sleep } from "node:timers/promises";

export interface PostOptions {
  signal?: AbortSignal;
  /** For one attempt. */
  timeoutMs?: number;
  /** Before the second attempt, the third, ... */
  pausesMs?: number[];
}

/**
 * Posts JSON; again where there is no answer, or one that says to come again (429, 5xx).
 * @throws Error naming the host, and not the path, which is a secret, with what came back
 */
export async function postJson(
  url: string,
  body: unknown,
  { signal, timeoutMs = 10_000, pausesMs = [1000, 5000] }: PostOptions = {},
): Promise<void> {
  const { origin } = new URL(url);
  const text = JSON.stringify(body);
  for (const pause of [...pausesMs, undefined]) {
    const answer = await attempt(url, text, { timeoutMs, ...(signal && { signal }) });
    if (answer === "taken") return;
    const last = pause === undefined || signal?.aborted || !answer.again;
    if (last) throw new Error(`${origin} ${answer.why}; next: check alerts.webhook and its service`);
    await sleep(pause, undefined, { ...(signal && { signal }) });
  }
}

type Answer = "taken" | { why: string; again: boolean };

async function attempt(
  url: string,
  body: string,
  { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs: number },
): Promise<Answer> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      // A redirect would turn the POST into a GET that delivers nothing.
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    await response.body?.cancel();
    if (response.ok) return "taken";
    return {
      why: `answered HTTP ${response.status}`,
      again: response.status === 429 || response.status >= 500,
    };
  } catch (error) {
    if (limit.aborted) return { why: `gave no answer within ${timeoutMs / 1000} s`, again: true };
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { why: `cannot be reached: ${reasonOf(cause)}`, again: true };
  }
}

/** Of several addresses that were tried, the first one's reason; an AggregateError has no text of its own. */
const reasonOf = (error: unknown): string => {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
};
