import { setTimeout as delay } from "node:timers/promises";

/** Looks until a condition holds; returns whether it did within the time. */
export async function until(condition: () => boolean | Promise<boolean>, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}
