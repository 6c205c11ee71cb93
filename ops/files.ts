// What several programs at once may do with a file, and how its faults are told apart.
import { linkSync } from "node:fs";

/** Whether it is an error of the system with one of these codes, such as ENOENT. */
export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && "code" in error && codes.some((code) => code === error.code);

/** Gives a file a second name: made whole or not at all, and never over another. @returns false where there is one */
export function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}
