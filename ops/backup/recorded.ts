import { masked } from "../../components/secrets/mask.ts";
import type { Deployment } from "../deployment.ts";
import { type Log, messageOf, oneLine, secretsOf } from "../log.ts";
import { type ActName, recordResult } from "../results.ts";

/**
 * Does something about a set and keeps what came of it in the results.
 * @throws what `run` throws
 */
export async function recorded<T>(
  deployment: Deployment,
  act: ActName,
  id: string,
  log: Log,
  run: () => Promise<T>,
): Promise<T> {
  const began = Date.now();
  const seconds = () => (Date.now() - began) / 1000;
  let done: T;
  try {
    done = await run();
  } catch (fault) {
    const error = oneLine(masked(messageOf(fault), secretsOf(deployment)));
    try {
      recordResult(deployment, act, { ok: false, seconds: seconds(), id, error });
    } catch (unrecorded) {
      // The fault is what the caller has to know of.
      log.error("the results do not take this failure", { error: unrecorded });
    }
    throw fault;
  }
  recordResult(deployment, act, { ok: true, seconds: seconds(), id });
  return done;
}
