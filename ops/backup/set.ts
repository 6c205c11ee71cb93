// A backup set: database and objects of one moment, with a manifest that says how to tell whether it is whole.
import type { Readable } from "node:stream";
import { z } from "zod";
import { jsonOf } from "../json-file.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const file = z.strictObject({ name: z.string(), bytes: count, sha256 });

/** File `manifest.json` of a set: written last, so a set without it was never finished. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** When it was begun, in UTC, and a few random characters: 20261121T164500Z-3f9a2c. Sorts by time. */
  id: z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/),
  createdAt: z.iso.datetime(),
  /** Why: daily, by hand, before an upgrade, before a restore. */
  reason: z.enum(["daily", "manual", "upgrade", "restore"]),
  /** Of the deployment that it is of. */
  namePrefix: z.string(),
  publicUrl: z.url(),
  images: z.record(z.string(), z.string()),
  postgresVersion: z.string(),
  /** Liquibase's change sets: how many have run, and the last one. */
  schema: z.strictObject({ changeSets: count, last: z.string() }),
  /** `pg_dump` in custom format; `rows` by table, counted in the dump's own snapshot. */
  database: z.strictObject({ ...file.shape, rows: z.record(z.string(), count) }),
  /** A tar of all objects by key; undefined where there is no object store. `digest` is of the sorted list of keys, sizes and SHA-256 sums. */
  objects: z.strictObject({ ...file.shape, count, totalBytes: count, digest: sha256 }).optional(),
});

export type Manifest = z.output<typeof manifestSchema>;
export type SetFile = z.output<typeof file>;
export type Reason = Manifest["reason"];

export const manifestName = "manifest.json";
export const isSetId = (text: string): boolean => manifestSchema.shape.id.safeParse(text).success;
/** "20261121T164500Z-3f9a2c" -> 2026-11-21T16:45:00Z */
export const timeOf = (id: string): Date =>
  new Date(id.replace(/^(....)(..)(..)T(..)(..)(..)Z.*$/, "$1-$2-$3T$4:$5:$6Z"));

export const filesOf = ({ database, objects }: Manifest): SetFile[] => [
  database,
  ...(objects ? [objects] : []),
];

/**
 * Reads a manifest's text.
 * @param where for the message, such as "set ID in FOLDER"
 * @throws SetFault saying what is wrong with it
 */
export function parseManifest(text: string, id: string, where: string): Manifest {
  const parsed = manifestSchema.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SetFault(
      `${where}: its manifest is not one (${issue?.path.join(".") || "its text"}: ${issue?.message})`,
    );
  }
  if (parsed.data.id !== id) throw new SetFault(`${where}: its manifest is of set ${parsed.data.id}`);
  return parsed.data;
}

/** A set that cannot be used: unfinished, cut off, altered, or not one of ours. */
export class SetFault extends Error {
  override name = "SetFault";
}

/** A place where sets lie. */
export interface Store {
  /** For people: a folder's path, or a bucket's address. */
  readonly name: string;
  /** Ids of finished sets, oldest first. */
  list(): Promise<string[]>;
  /** @throws SetFault naming store, set and what is wrong */
  manifest(id: string): Promise<Manifest>;
  /**
   * A file of a set, as it was written. The stream fails where it cannot be had whole.
   * @throws SetFault where there is no such file
   */
  read(id: string, name: string): Promise<Readable>;
  remove(id: string): Promise<void>;
}

/** A store that this program fills. */
export interface OwnStore extends Store {
  /**
   * Removes what was begun before a time and never finished.
   * @returns for people: what was removed
   */
  removeUnfinished(before: Date): Promise<string[]>;
}
