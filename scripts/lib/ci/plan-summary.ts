// A plan in plain words: what happens to what, and which data goes with it.

import type { Operation, Plan, Step } from "../../../components/cost/plan.ts";
import { keyOf, type PlannedResource } from "../../../components/cost/resource.ts";
import { isIrreplaceable, lossOf } from "../../../components/policies/data.ts";

export interface PlanSummary {
  /** Replaced or deleted for good, with what they hold. */
  dangers: Danger[];
  /** All of these, those in danger included. */
  replaced: Step[];
  deleted: Step[];
  created: Step[];
  changed: Step[];
  unchanged: number;
}

export interface Danger {
  step: Step;
  /** What is lost. */
  loses: string;
}

/** Stacks and providers are Pulumi's own, and nobody's concern. */
const isOwn = ({ type }: Step) => type.startsWith("pulumi:");

export function summarise({ steps }: Plan): PlanSummary {
  const others = steps.filter((step) => !isOwn(step));
  const of = (operation: Operation) => others.filter((step) => step.operation === operation);
  return {
    dangers: others.flatMap(dangerOf),
    replaced: of("replace"),
    deleted: of("delete"),
    created: of("create"),
    changed: of("update"),
    unchanged: of("same").length,
  };
}

function dangerOf(step: Step): Danger[] {
  const ends = step.operation === "delete" || step.operation === "replace";
  const loses = lossOf(step.type);
  return ends && !step.kept && loses ? [{ step, loses }] : [];
}

/** What production does not part with in passing, protected or not: whoever means it does it by hand. */
export const irreplaceable = (dangers: Danger[]): Danger[] =>
  dangers.filter(({ step }) => isIrreplaceable(step.type));

/**
 * The plan from one state of the program to another, where there is no engine to tell. It knows no replacement: that
 * takes the provider's word.
 */
export function declaredChange(before: PlannedResource[], after: PlannedResource[]): Plan {
  const past = new Map(before.map((resource) => [keyOf(resource), resource]));
  const present = new Set(after.map(keyOf));
  const stepFor = (resource: PlannedResource, operation: Operation, changes: string[] = []): Step => {
    const { type, name } = resource;
    return { operation, type, name, urn: keyOf(resource), changes, kept: false };
  };
  const steps = after.map((resource) => {
    const old = past.get(keyOf(resource));
    if (!old) return stepFor(resource, "create");
    const changes = changedInputs(old.inputs, resource.inputs);
    return stepFor(resource, changes.length > 0 ? "update" : "same", changes);
  });
  const deleted = before.filter((resource) => !present.has(keyOf(resource)));
  return { before, after, steps: [...steps, ...deleted.map((resource) => stepFor(resource, "delete"))] };
}

function changedInputs(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.filter((name) => sorted(before[name]) !== sorted(after[name]));
}

/** As text, whatever the order of the keys. */
const sorted = (value: unknown): string | undefined =>
  JSON.stringify(value, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
