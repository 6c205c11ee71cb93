// Reads a plan off what `pulumi preview --json` prints (display.PreviewDigest of Pulumi's Go module pkg).
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import type { Operation, Plan, Step } from "../plan.ts";
import {
  assertResourceState,
  isInternal,
  isManaged,
  isObject,
  nameOf,
  plannedResource,
  type ResourceState,
  unexpected,
} from "./resource-state.ts";

/** A preview that tells everything: by itself Pulumi leaves out what stays the same, and how a replacement goes. */
export const previewCommand = "pulumi preview --json --show-sames --show-replacement-steps";

/** There is no plan: the program or a provider has refused. */
export class PreviewFailed extends Error {
  override name = "PreviewFailed";
  /** What Pulumi said, without colours. */
  readonly messages: string[];

  constructor(messages: string[]) {
    super(`The preview has failed:\n${messages.join("\n").replaceAll(/^/gm, "  ")}`);
    this.messages = messages;
  }
}

/**
 * The plan of a preview, ordered by URN. Components, providers and the stack itself are left out: nobody bills them.
 * What is only read has a step and is neither before nor after: whoever manages it pays for it. What a deletion only
 * forgets (`kept`) is not after, for the stack does not know it any more. What the preview leaves out, as it does by
 * itself, is counted (`omitted`).
 * @param json the parsed output of `previewCommand`
 * @throws PreviewFailed where the preview reports an error
 * @throws Error where this is no preview
 */
export function readPreview(json: unknown): Plan & { omitted: number } {
  const { steps: told, omitted } = toldBy(json);
  const steps = told.flatMap((step, index) => previewStep(step, index) ?? []);
  const byUrn = Map.groupBy(steps, ({ subject }) => subject.urn);
  const plan: Plan = { before: [], after: [], steps: [] };
  for (const urn of [...byUrn.keys()].sort()) addTo(plan, urn, byUrn.get(urn) ?? []);
  return { ...plan, omitted };
}

/** Adds what becomes of one resource, and what earlier runs have left over under its URN. */
function addTo(plan: Plan, urn: string, steps: PreviewStep[]): void {
  // What is taken over and then replaced has two steps that count.
  const main = steps.find(({ op }) => op === "replace") ?? steps.find(({ kind }) => kind.operation);
  if (main) {
    const { kind, old, planned } = main;
    if (kind.before && old && isManaged(old) && !isGone(old, steps))
      plan.before.push(plannedResource(old, urn));
    if (kind.after && planned && isManaged(planned)) plan.after.push(plannedResource(planned));
    const operation = operationOf(main);
    if (operation) plan.steps.push(toldStep(main, operation));
  }
  for (const leftover of deletedFor(steps).filter(({ old }) => old?.id !== main?.old?.id)) {
    if (leftover.old) plan.before.push(plannedResource(leftover.old, urn));
    plan.steps.push(toldStep(leftover, "delete"));
  }
}

/** What is deleted because it is replaced: now, or by an earlier run that was interrupted. */
const deletedFor = (steps: PreviewStep[]): PreviewStep[] =>
  steps
    .filter(({ op }) => op === "delete-replaced")
    .sort((a, b) => ((a.old?.id ?? "") < (b.old?.id ?? "") ? -1 : 1));

/**
 * An earlier run has deleted it, and was interrupted before it made the new one. Pulumi marks what this run deletes as
 * well: there is a step for that, if the preview shows how replacements go.
 */
const isGone = ({ pendingReplacement, id }: ResourceState, steps: PreviewStep[]): boolean =>
  pendingReplacement === true &&
  steps.some(({ op }) => op === "create-replacement") &&
  !deletedFor(steps).some(({ old }) => old?.id === id);

const digest = z.object({
  steps: z.array(z.unknown()).default([]),
  diagnostics: z
    .array(z.object({ message: z.string().default(""), severity: z.string().default("info") }))
    .default([]),
  changeSummary: z.record(z.string(), z.number()).default({}),
});

function toldBy(json: unknown): { steps: unknown[]; omitted: number } {
  if (isObject(json) && "deployment" in json)
    throw new Error("this is a state, as pulumi stack export prints it, and no preview");
  const isPreview = isObject(json) && ["steps", "diagnostics", "changeSummary"].some((key) => key in json);
  const { data, error } = digest.safeParse(json);
  if (error) throw new Error(`not what ${previewCommand} prints:\n${z.prettifyError(error)}`);
  if (!isPreview) throw new Error(`not what ${previewCommand} prints: there are no steps`);
  const { steps, diagnostics, changeSummary } = data;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0)
    throw new PreviewFailed(errors.map(({ message }) => stripVTControlCharacters(message).trim()));
  const { same = 0 } = changeSummary;
  const shown = steps.filter((step) => isObject(step) && step.op === "same").length;
  return { steps, omitted: Math.max(0, same - shown) };
}

/** A step of the engine. A resource may have several: its replacement has up to three, and a refresh may come first. */
interface PreviewStep {
  kind: Kind;
  op: string;
  /** The new state, or the old one of what goes. */
  subject: ResourceState;
  old: ResourceState | undefined;
  planned: ResourceState | undefined;
  /** As it stands in the file. */
  json: Record<string, unknown>;
}

interface Kind {
  /** What people call it; undefined for a part of what another step of the resource says. */
  operation?: Operation;
  /** Its old state is there before the run. */
  before?: boolean;
  /** Its new state is there after the run. */
  after?: boolean;
}

/** By name of the engine's operation (deploy.StepOp). */
const kinds: Record<string, Kind> = {
  same: { operation: "same", before: true, after: true },
  create: { operation: "create", after: true },
  update: { operation: "update", before: true, after: true },
  delete: { operation: "delete", before: true },
  replace: { operation: "replace", before: true, after: true },
  import: { operation: "create", after: true },
  read: { operation: "read" },
  discard: { operation: "delete" },
  // Parts of a replacement.
  "create-replacement": {},
  "delete-replaced": {},
  "read-replacement": {},
  "discard-replaced": {},
  "import-replacement": {},
  // Ends a replacement that an earlier run has begun by the deletion.
  "remove-pending-replace": {},
  // Comes before the step that says what follows from it.
  refresh: {},
};

/** Undefined for what is no resource of a provider, or does not exist and is not made either. */
function previewStep(json: unknown, index: number): PreviewStep | undefined {
  const path = (field = "") => `steps[${index}]${field}`;
  if (!isObject(json)) throw unexpected(path(), json, "a step");
  const { op, oldState: old, newState: planned } = json;
  if (old !== undefined) assertResourceState(old, () => path(".oldState"));
  if (planned !== undefined) assertResourceState(planned, () => path(".newState"));
  const subject = planned ?? old;
  if (!subject) throw unexpected(path(".newState"), subject, "a resource where there is no oldState");
  if (!subject.custom || isInternal(subject.type)) return undefined;
  const kind = typeof op === "string" && Object.hasOwn(kinds, op) ? kinds[op] : undefined;
  if (typeof op !== "string" || !kind)
    throw unexpected(path(".op"), op, `one of ${Object.keys(kinds).join(", ")}`);
  if (kind.before && !old) throw unexpected(path(".oldState"), old, "a resource");
  if (kind.after && !planned) throw unexpected(path(".newState"), planned, "a resource");
  // A new resource that --target passes over.
  if (op === "same" && !old?.id) return undefined;
  return { kind, op, subject, old, planned, json };
}

/** The replacement of what is only read deletes nothing. */
function operationOf({ kind, old, planned }: PreviewStep): Operation | undefined {
  if (kind.operation !== "replace" || (old && isManaged(old))) return kind.operation;
  return planned && isManaged(planned) ? "create" : "read";
}

function toldStep(step: PreviewStep, operation: Operation): Step {
  const { op, subject, old } = step;
  const deletes = operation === "delete" || operation === "replace";
  return {
    operation,
    type: subject.type,
    name: nameOf(subject.urn),
    urn: subject.urn,
    changes: operation === "update" || operation === "replace" ? changesOf(step, operation) : [],
    kept: deletes && (op === "discard" || old?.retainOnDelete === true),
  };
}

/** Of the step's three lists, the last one may be missing where the provider is an old one. */
function changesOf({ json }: PreviewStep, operation: "update" | "replace"): string[] {
  const details = isObject(json.detailedDiff) ? Object.entries(json.detailedDiff) : [];
  const paths =
    operation === "update"
      ? [...names(json.diffReasons), ...details.map(([path]) => path)]
      : [
          ...names(json.replaceReasons),
          ...details.filter(([, diff]) => forcesReplacement(diff)).map(([path]) => path),
        ];
  return [...new Set(paths.map(inputOf))].sort();
}

const names = (reasons: unknown): string[] => (Array.isArray(reasons) ? reasons.map(String) : []);

const forcesReplacement = (diff: unknown): boolean =>
  isObject(diff) && typeof diff.kind === "string" && diff.kind.endsWith("-replace");

/** `nodePool` of the path `nodePool.labels["a.b"]`. */
const inputOf = (path: string): string => path.split(/[.[]/, 1)[0] || path;
