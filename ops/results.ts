// What came of the acts on a deployment: file `results.json` in its folder, read by status, alerts and retention.
import path from "node:path";
import { z } from "zod";
import type { Deployment } from "./deployment.ts";
import { changeJson, readJson } from "./json-file.ts";

/**
 * backup: a set made and read back on this machine. upload: the same set, on the remote storage. The others are what
 * their names say.
 */
export const actNames = ["backup", "upload", "drill", "restore", "upgrade", "rollback", "smoke"] as const;
export type ActName = (typeof actNames)[number];

const resultSchema = z.strictObject({
  /** When it ended, in UTC. */
  time: z.iso.datetime(),
  ok: z.boolean(),
  seconds: z.number().nonnegative(),
  /** Of the set that it was about. */
  id: z.string().optional(),
  /** In one line, without secrets; where it failed. */
  error: z.string().optional(),
  /** Figures of the act's own, such as dataAgeSeconds of a drill, or passed and failed of a smoke. */
  figures: z.record(z.string(), z.number()).optional(),
});

const recordSchema = z.strictObject({ last: resultSchema, lastOk: resultSchema.optional() });

const resultsSchema = z.partialRecord(z.enum(actNames), recordSchema);

export type Result = z.output<typeof resultSchema>;
/** The last result of an act, and the last good one. */
export type ActRecord = z.output<typeof recordSchema>;
/** Of each act that was ever done. */
export type Results = z.output<typeof resultsSchema>;

const fileOf = ({ folder }: Deployment) => path.join(folder, "results.json");

/**
 * Keeps what came of an act; safe from several processes at once.
 * @param result `time` is now where it is missing
 * @throws Error of the file system, or where the file is not what this program writes
 */
export function recordResult(
  deployment: Deployment,
  act: ActName,
  result: Omit<Result, "time"> & { time?: string },
): Result {
  const last = resultSchema.parse({ time: new Date().toISOString(), ...result });
  changeJson(fileOf(deployment), resultsSchema, {}, (results) => {
    const lastOk = last.ok ? last : results[act]?.lastOk;
    return { ...results, [act]: { last, ...(lastOk && { lastOk }) } };
  });
  return last;
}

/** @throws Error where the file is not what this program writes */
export const results = (deployment: Deployment): Results => readJson(fileOf(deployment), resultsSchema, {});
