// Checks one after the other, each with what was seen, up to the first that fails.
import { type Log, messageOf } from "../log.ts";

export interface CheckResult {
  title: string;
  ok: boolean;
  /** What was seen, or what is wrong. */
  detail: string;
  seconds: number;
}

/** Looks at one thing and keeps what came of it. @throws CheckFailed where `look` throws */
export type Check = <T>(title: string, look: () => Promise<T>, detail: (seen: T) => string) => Promise<T>;

export class CheckFailed extends Error {
  override name = "CheckFailed";
}

/**
 * @param run does checks
 * @returns those that were done; only the last one may have failed
 * @throws what `run` throws outside of a check
 */
export async function checked(log: Log, run: (check: Check) => Promise<void>): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  try {
    await run(checkInto(results, log));
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error;
  }
  return results;
}

function checkInto(results: CheckResult[], log: Log): Check {
  return async (title, look, detail) => {
    const began = Date.now();
    const keep = (ok: boolean, text: string) => {
      results.push({ title, ok, detail: text, seconds: (Date.now() - began) / 1000 });
      log[ok ? "info" : "error"](title, { detail: text });
    };
    try {
      const seen = await look();
      keep(true, detail(seen));
      return seen;
    } catch (error) {
      keep(false, messageOf(error));
      throw new CheckFailed(title, { cause: error });
    }
  };
}
