// How far a restore has come: file `restore.json` in the deployment's folder. It is there from before the first change
// until after the last one, so a restore that was killed is seen, and the next run goes on where it stopped.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Deployment } from "../deployment.ts";
import { readJson } from "../json-file.ts";

/**
 * loading: the set goes into a database beside the live one. loaded: it is there and whole. swapped: it is the live
 * one, and the one before lies beside it. filled: so are the objects. Only loading and loaded leave the live data as
 * they were.
 */
export const phases = ["loading", "loaded", "swapped", "filled"] as const;
export type Phase = (typeof phases)[number];

const journalSchema = z.strictObject({
  /** The set that is being restored. */
  id: z.string(),
  /** Where it lies. */
  store: z.string(),
  phase: z.enum(phases),
  startedAt: z.iso.datetime(),
  /** The set of what was there before, taken once nobody could write any more. */
  safetySet: z.string().optional(),
});

export type Journal = z.output<typeof journalSchema>;

export const reached = ({ phase }: Journal, other: Phase): boolean =>
  phases.indexOf(phase) >= phases.indexOf(other);

const fileOf = ({ folder }: Deployment) => path.join(folder, "restore.json");

/**
 * The restore that was begun and has not ended; undefined where there is none.
 * @throws Error where the file is not what this program writes
 */
export const readJournal = (deployment: Deployment): Journal | undefined =>
  readJson(fileOf(deployment), journalSchema.nullable(), null) ?? undefined;

/** On the disk when it returns, whole or not at all: a power cut may come next. */
export function writeJournal(deployment: Deployment, journal: Journal): Journal {
  const file = fileOf(deployment);
  const fresh = `${file}.new`;
  writeFileSync(fresh, `${JSON.stringify(journal)}\n`, { mode: 0o600, flush: true });
  renameSync(fresh, file);
  syncFolder(deployment.folder);
  return journal;
}

export function removeJournal(deployment: Deployment): void {
  rmSync(fileOf(deployment), { force: true });
  syncFolder(deployment.folder);
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
