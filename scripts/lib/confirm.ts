import { createInterface } from "node:readline/promises";
import { Stop } from "./process.ts";
import { runsOnDroplet } from "./stack-file.ts";

/** Whether somebody is there to be asked before production is touched. @param yes the answer was given beforehand */
export const asksFirst = (stack: string, yes: boolean): boolean =>
  !yes && runsOnDroplet(stack) && process.stdin.isTTY;

/**
 * Asks before production is touched. Whoever calls without a terminal, such as a timer, knows what it does.
 * @param yes the answer was given beforehand
 * @throws Stop when the answer is no
 */
export async function confirm(stack: string, what: string, yes: boolean): Promise<void> {
  if (!asksFirst(stack, yes)) return;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${what}. Type the stack's name to go on: `);
  terminal.close();
  if (answer.trim() !== stack) throw new Stop("Nothing was done.");
}
