// What is costly to find out is found out once in a while: file `remembered.json` in the deployment's folder, so that a
// status in the terminal and the watch share what either has seen.
import path from "node:path";
import { type ZodType, z } from "zod";
import type { Deployment } from "../deployment.ts";
import { changeJson, readJson } from "../json-file.ts";

const fileSchema = z.record(z.string(), z.strictObject({ time: z.iso.datetime(), value: z.unknown() }));

/**
 * What was measured last, or now where that is too old or was something else.
 * @returns the value, and when it was measured, in UTC
 * @throws what `measure` throws, which is not remembered
 */
export async function remembered<T>(
  deployment: Deployment,
  { name, schema, maxAgeMs }: { name: string; schema: ZodType<T>; maxAgeMs: number },
  measure: () => Promise<T>,
): Promise<{ value: T; time: string }> {
  const file = path.join(deployment.folder, "remembered.json");
  const known = readJson(file, fileSchema, {})[name];
  const age = known ? Date.now() - Date.parse(known.time) : Infinity;
  const last = schema.safeParse(known?.value);
  // A clock that was set back must not keep a value for ever.
  if (known && last.success && age >= 0 && age < maxAgeMs) return { value: last.data, time: known.time };
  const time = new Date().toISOString();
  const value = await measure();
  changeJson(file, fileSchema, {}, (all) => ({ ...all, [name]: { time, value } }));
  return { value, time };
}
