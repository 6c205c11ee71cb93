// A plan: what there is before a run, what there will be after it, and what happens to each resource.
import type { PlannedResource } from "./resource.ts";

export type Operation = "same" | "create" | "update" | "replace" | "delete" | "read";

export interface Step {
  operation: Operation;
  type: string;
  name: string;
  urn: string;
  /** Names of the inputs that differ; of a replacement, those that force it. */
  changes: string[];
  /** A deletion that only forgets it: the thing itself stays, and is billed on. */
  kept: boolean;
}

export interface Plan {
  before: PlannedResource[];
  after: PlannedResource[];
  steps: Step[];
}
