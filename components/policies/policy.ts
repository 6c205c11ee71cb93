// What a policy is, and how it reads inputs that may not be known before the run.
import { type PlannedResource, unknown } from "../cost/resource.ts";

export interface PolicyContext {
  /** People depend on the stack: data is protected and backed up. */
  production: boolean;
  /** Why a production droplet needs no backups, in words (atlas:backupsWaiver). */
  backupsWaiver?: string | undefined;
}

export interface Violation {
  /** Name of the policy. */
  policy: string;
  type: string;
  name: string;
  /** The value at fault, as text. */
  value: string;
  /** What is wrong with it. */
  fault: string;
  /** What to do about it. */
  mend: string;
}

/** A violation before it knows whose it is. */
export type Finding = Pick<Violation, "value" | "fault" | "mend">;

export interface Policy {
  name: string;
  /** The rule in one sentence. */
  explains: string;
  /** What is wrong with one resource; the others are there for what depends on them. */
  check: (resource: PlannedResource, all: PlannedResource[], context: PolicyContext) => Finding[];
}

export const isUnknown = (value: unknown): boolean => value === unknown;

/** A policy that depends on a value which only the run can tell fails, since nobody can say that it holds. */
export const notKnown = (what: string): Finding => ({
  value: "not known before the run",
  fault: `${what} only becomes known during the run, so nobody can say that the rule holds`,
  mend: `give ${what} as a plain value`,
});

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The objects of a list input.
 * @returns undefined where list or entries are not known, or are of another form
 */
export function fieldsOf(value: unknown): Fields[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) && value.every(isFields) ? value : undefined;
}

/** The texts of a list input, numbers as text; undefined where list or entries are not known. */
export function textsOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const known = value.every((item) => ["string", "number"].includes(typeof item) && !isUnknown(item));
  return known ? value.map(String) : undefined;
}
