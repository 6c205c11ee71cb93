// By what the tests of backups tell states, sets and moments apart.
import type { AtlasClient } from "../../client/index.ts";
import type { Running } from "./test-stack.ts";

/** Titles of all work orders of a stack, sorted. */
export async function titles(stack: { client(): Promise<AtlasClient> }): Promise<string[]> {
  await using client = await stack.client();
  const found: string[] = [];
  for await (const { title } of client.workOrders.iterate()) found.push(title);
  return found.toSorted();
}

/** The first set that a text names. */
export const setId = (text: string): string => /\d{8}T\d{6}Z-[0-9a-f]{6}/.exec(text)?.[0] ?? "no set";

/** Resolves at the moment in which an act says this. @throws Error with all that it wrote, where it ends without */
export function said({ child, output, finished }: Running, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", () => {
      if (output().includes(message)) resolve();
    });
    finished.then(() => reject(new Error(`it did not say "${message}":\n${output()}`)), reject);
  });
}
