// How a deployment is: what was seen, and what is to be thought of it.
import { z } from "zod";
import type { AuditEntry } from "../audit.ts";
import type { Results } from "../results.ts";
import type { AlertState } from "./alert-state.ts";

/** A fact, or why it is not known, in one line and without secrets. */
export type Fact<T> = { value: T } | { error: string };

export interface ContainerFacts {
  service: string;
  container: string;
  image: string;
  /** Docker's word, or missing. */
  status: string;
  /** healthy, unhealthy, starting, or none without a probe. */
  health: string;
  restarts: number;
  startedAt: string | undefined;
  /** In use; undefined where it does not run. */
  memoryBytes: number | undefined;
  /** 0 = none. */
  memoryLimitBytes: number;
}

export interface DiskFacts {
  /** data, docker, system: what lies there. */
  name: string;
  path: string;
  sizeBytes: number;
  usedBytes: number;
  freeBytes: number;
  /** 0 where the file system counts none. */
  inodes: number;
  inodesFree: number;
}

export interface CertificateFacts {
  issuer: string;
  expiresAt: string;
  /** Why it is not one of the public name; undefined where it is. */
  wrongName: string | undefined;
}

export const setsSchema = z.strictObject({
  count: z.int().nonnegative(),
  newest: z
    .strictObject({ id: z.string(), createdAt: z.iso.datetime(), bytes: z.int().nonnegative() })
    .optional(),
});
export type SetsFacts = z.output<typeof setsSchema>;

export const atlasSchema = z.strictObject({
  calls: z.array(
    z.strictObject({
      name: z.string(),
      seconds: z.number(),
      /** Of the answer. */
      status: z.int().optional(),
      /** Why there was none. */
      error: z.string().optional(),
    }),
  ),
});
export type AtlasFacts = z.output<typeof atlasSchema> & { time: string };

export const objectsSchema = z.strictObject({
  count: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
});
export type ObjectsFacts = z.output<typeof objectsSchema>;

export interface Observation {
  /** When it was begun, in UTC. */
  time: string;
  seconds: number;
  /** Since when there is a folder for sets: how long a first backup has been waited for. */
  since: string;
  containers: Fact<ContainerFacts[]>;
  disks: { name: string; fact: Fact<DiskFacts> }[];
  /** Missing where the public name is not https. */
  certificate?: Fact<CertificateFacts>;
  local: Fact<SetsFacts>;
  /** Missing where none is configured; so with the objects. */
  remote?: Fact<SetsFacts>;
  atlas: Fact<AtlasFacts>;
  databaseBytes: Fact<number>;
  objects?: Fact<ObjectsFacts>;
  /** What this machine's own files tell. */
  records: Fact<Records>;
}

export interface Records {
  results: Results;
  /** How the last alert by each channel went. */
  channels: AlertState["channels"];
  /** The latest first. */
  acts: AuditEntry[];
}

export const verdicts = ["ok", "warning", "bad"] as const;
export type Verdict = (typeof verdicts)[number];

export const partKinds = [
  "docker",
  "container",
  "atlas",
  "disk",
  "certificate",
  "backup",
  "remote",
  "drill",
  "smoke",
  "database",
  "objects",
  "records",
  "channel",
] as const;
export type PartKind = (typeof partKinds)[number];

export interface Part {
  kind: PartKind;
  /** Its kind, and which one where there are several: container/postgres. */
  id: string;
  title: string;
  verdict: Verdict;
  /** What was seen, in one line. */
  why: string;
  /** What to do about it; missing where nothing is to be done. */
  next?: string;
  /** How much is used up of what there is, 0 to 1: a disk, a memory limit. */
  used?: number;
}

/** Of a part, what there is to say once it is known which one it is. */
export type Judgement = Pick<Part, "verdict" | "why" | "next" | "used">;

export interface Condition {
  name: string;
  publicUrl: string;
  /** That of the worst part. */
  verdict: Verdict;
  parts: Part[];
  observation: Observation;
}

/** The worst of them; ok where there are none. */
export const worst = (parts: Part[]): Verdict =>
  verdicts.findLast((verdict) => parts.some((part) => part.verdict === verdict)) ?? "ok";
