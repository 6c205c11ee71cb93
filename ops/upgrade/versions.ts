// Which version of Atlas serves, and what it takes to go back to the one before: file `versions.json` in a deployment's folder.
import path from "node:path";
import { z } from "zod";
import type { Deployment } from "../deployment.ts";
import { changeJson, readJson } from "../json-file.ts";

/** Service -> image reference. */
export const imagesSchema = z.record(z.string(), z.string());
export type Images = z.output<typeof imagesSchema>;

/** A state that one can go back to. */
const pointSchema = z.strictObject({
  images: imagesSchema,
  /** Taken while nobody could write; undefined where only the front end changed. */
  set: z.string().optional(),
  /** Of the database then. */
  schema: z.strictObject({ changeSets: z.int(), last: z.string() }).optional(),
});

const pendingSchema = z.strictObject({
  to: imagesSchema,
  from: pointSchema,
  /** The data are those of `from` already, and its images are to come. */
  returning: z.boolean(),
  since: z.iso.datetime(),
});

export const versionsSchema = z.strictObject({
  /** What an up has come to its end with last. */
  serving: imagesSchema.optional(),
  /** What served before the last change of version. */
  before: pointSchema.optional(),
  /** A change of version that has not come to its end. */
  pending: pendingSchema.optional(),
  /** Every image that has served and is still on the machine. */
  pulled: z.array(z.string()).default([]),
});

export type Point = z.output<typeof pointSchema>;
export type Pending = z.output<typeof pendingSchema>;
export type Versions = z.output<typeof versionsSchema>;

type Place = Pick<Deployment, "folder">;

const fileOf = ({ folder }: Place) => path.join(folder, "versions.json");
const none: Versions = { pulled: [] };

/** @throws Error where the file is not what this program writes */
export const versions = (deployment: Place): Versions =>
  readJson<Versions>(fileOf(deployment), versionsSchema, none);

/** @throws Error of the file system, or where the file is not what this program writes */
export const changeVersions = (deployment: Deployment, change: (now: Versions) => Versions): Versions =>
  changeJson<Versions>(fileOf(deployment), versionsSchema, none, change);

/** The containers that are one version of Atlas; the others have versions of their own. */
const atlas = ["backend", "frontend"] as const;

export const sameVersion = (one: Images, other: Images): boolean =>
  atlas.every((service) => one[service] === other[service]);

/** intelloop/atlas-cmms-backend:v1.8.0 -> v1.8.0, for people; a reference without a tag as it is. */
export const versionName = ({ backend = "unknown" }: Images): string =>
  /^[^@]*:([^:/@]+)$/.exec(backend)?.[1] ?? backend;

/** Sets that are not to be removed. */
export const setsToGoBack = ({ before, pending }: Versions): string[] =>
  [before?.set, pending?.from.set].filter((id) => id !== undefined);
