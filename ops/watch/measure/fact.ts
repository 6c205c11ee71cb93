import { masked } from "../../../components/secrets/mask.ts";
import { messageOf, oneLine } from "../../log.ts";
import type { Fact } from "../condition.ts";

export interface Attempt {
  /** Values that no error may show. */
  hide: string[];
  /** After which a fact counts as not known. */
  timeoutMs: number;
}

/** A fact, or why it cannot be known: one that is missing must not hide the others. */
export async function fact<T>({ hide, timeoutMs }: Attempt, measure: () => Promise<T>): Promise<Fact<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return { value: await Promise.race([measure(), late]) };
  } catch (error) {
    return { error: oneLine(masked(messageOf(error), hide)) };
  } finally {
    clearTimeout(timer);
  }
}
