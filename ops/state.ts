// What a deployment's folder tells to whoever is about to change it.
import { z } from "zod";
import type { Deployment } from "./deployment.ts";
import { reached, readJournal } from "./restore/journal.ts";
import { versions, versionsSchema } from "./upgrade/versions.ts";

export const stateSchema = z.strictObject({
  versions: versionsSchema,
  /** The set whose restore was cut off when it had begun to change the live data: the door is shut until it is done. */
  restoring: z.string().optional(),
});

export type State = z.output<typeof stateSchema>;

export function stateOf(deployment: Deployment): State {
  const journal = readJournal(deployment);
  return {
    versions: versions(deployment),
    ...(journal && reached(journal, "swapped") && { restoring: journal.id }),
  };
}
