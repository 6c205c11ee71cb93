// The watch: looks every minute, tells who has to know, and answers whoever asks.
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "../deployment.ts";
import { type Log, messageOf } from "../log.ts";
import { type AlertOptions, alertOn } from "./alerts.ts";
import type { Condition, Verdict } from "./condition.ts";
import { type ServeOptions, serve } from "./server.ts";

const everyMs = 60_000;

/**
 * Runs until the signal ends it.
 * @throws Error where it cannot serve; what fails later is logged, and tried again a minute after
 */
export async function watch(
  deployment: Deployment,
  options: ServeOptions & Pick<AlertOptions, "ca">,
): Promise<void> {
  const { signal, log } = options;
  const { url, current, closed } = await serve(deployment, options);
  log.info(`watching ${deployment.name}, status on ${url}`);
  let before = new Map<string, Verdict>();
  while (!signal.aborted) {
    try {
      const condition = await current();
      before = logChanges(condition, before, log);
      await alertOn(deployment, condition, options);
    } catch (error) {
      log.error(`the watch could not look: ${messageOf(error)}`);
    }
    // Cut short by the signal alone.
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
  await closed;
}

/** Every change of a verdict is a line, so that the journal tells what happened when. */
function logChanges({ parts }: Condition, before: Map<string, Verdict>, log: Log): Map<string, Verdict> {
  for (const { id, title, verdict, why } of parts) {
    if ((before.get(id) ?? "ok") === verdict) continue;
    const say = { ok: log.info, warning: log.warning, bad: log.error }[verdict];
    say(`${title}: ${why}`, { part: id, verdict });
  }
  return new Map(parts.map(({ id, verdict }) => [id, verdict]));
}
