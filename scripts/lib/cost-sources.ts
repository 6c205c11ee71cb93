// Where the resources of a cost report come from: a stack's program, a file of Pulumi's, or a specification.
import { existsSync, readFileSync } from "node:fs";
import Big from "big.js";
import { costSchema } from "../../components/config-schema-cost.ts";
import { dropletSchema } from "../../components/config-schema-droplet.ts";
import { alternatives } from "../../components/cost/alternatives.ts";
import { type Budget, judge } from "../../components/cost/budget.ts";
import { type Estimate, estimate } from "../../components/cost/estimate.ts";
import { footprint } from "../../components/cost/footprint.ts";
import { readPreview } from "../../components/cost/plan/preview.ts";
import { readSpecification } from "../../components/cost/plan/specification.ts";
import { readState } from "../../components/cost/plan/state.ts";
import { priceBook } from "../../components/cost/price-book.ts";
import { fromInfracost } from "../../components/cost/reports/infracost.ts";
import type { Report } from "../../components/cost/reports/report.ts";
import type { PlannedResource } from "../../components/cost/resource.ts";
import { parseUsage, type Usage, unusedUsage } from "../../components/cost/usage.ts";
import { resourcesAtCommit } from "./at-commit.ts";
import { declaredPlan } from "./declared-plan.ts";
import { Stop, succeeds } from "./process.ts";
import { root } from "./root.ts";
import { configured } from "./stack-file.ts";

export interface Source {
  name: string;
  resources: PlannedResource[];
  /** What a plan says is there now. */
  before?: PlannedResource[];
  /** Set where the source is a stack of this project: its commands can change it. */
  stack?: string;
  budget: Budget | undefined;
}

export interface Asked {
  stack: string;
  plan?: string | undefined;
  state?: string | undefined;
  spec?: string | undefined;
  /** Where the stack's program runs. */
  env?: NodeJS.ProcessEnv;
}

export function sourceOf({ stack, plan, state, spec, env = process.env }: Asked): Source {
  if (plan !== undefined) return ofPreview(plan, jsonOf(plan));
  if (state !== undefined) return { name: state, resources: readState(jsonOf(state)), budget: undefined };
  if (spec !== undefined)
    return { name: spec, resources: readSpecification(jsonOf(spec)), budget: undefined };
  const resources = declaredPlan(stack, root, env);
  return { name: stack, resources, stack, budget: budgetOf((key) => configured(stack, key)) };
}

function ofPreview(name: string, json: unknown): Source {
  const { before, after } = readPreview(json);
  const { config = {} } = json as { config?: Record<string, unknown> };
  const budget = budgetOf((key) => {
    const value = config[`atlas:${key}`];
    return typeof value === "string" ? value : undefined;
  });
  return { name, resources: after, before, budget };
}

/** The program has refused what is no budget; a file of another program has none. */
function budgetOf(settingOf: (key: "monthlyBudget" | "warnAt") => string | undefined): Budget | undefined {
  const monthly = costSchema.monthlyBudget.safeParse(settingOf("monthlyBudget")).data;
  const warnAt = costSchema.warnAt.safeParse(settingOf("warnAt")).data;
  return monthly instanceof Big && warnAt !== undefined ? { monthly, warnAt } : undefined;
}

/** @param past what to compare with, where it is not what the source says is there now */
export function reportOf(
  source: Source,
  { usage: file, past }: { usage?: string | undefined; past?: Report["past"] | undefined } = {},
): Report {
  const book = priceBook();
  const usage = file === undefined ? {} : usageOf(file, source.resources);
  const bill = estimate(source.resources, book, usage);
  const droplet = {
    volumeGiB: dropletSchema.volumeSize.parse(undefined),
    backups: dropletSchema.backups.parse(undefined),
  };
  const others = alternatives(source.resources, book, source.stack, usage);
  const local = footprint(source.resources, book, droplet);
  const compared = past ?? (source.before && { name: "now", estimate: estimate(source.before, book, usage) });
  return {
    name: source.name,
    estimate: bill,
    alternatives: others,
    ...(compared && { past: compared }),
    ...(source.budget && { verdict: judge(bill, source.budget, others) }),
    ...(local && { footprint: local }),
  };
}

function usageOf(file: string, resources: PlannedResource[]): Usage {
  const usage = parseUsage(textOf(file));
  const unused = unusedUsage(usage, resources);
  if (unused.length > 0)
    throw new Stop(
      `${file} speaks of ${unused.join(", ")}, which the plan does not have. Names are those of its resources.`,
    );
  return usage;
}

/**
 * An earlier bill: a JSON file of Pulumi's or of this script's, or what the stack's program and configuration ask for
 * at a commit, at today's prices.
 */
export function compareWith(other: string, { stack }: Source): NonNullable<Report["past"]> {
  if (existsSync(other)) return { name: other, estimate: ofFile(other) };
  if (!succeeds("git", ["-C", root, "rev-parse", "--verify", "--quiet", `${other}^{commit}`]))
    throw new Stop(`--compare ${other} is neither a file here nor a commit of this repository.`);
  if (stack === undefined)
    throw new Stop(
      `--compare ${other} is a commit, and only a stack has one: compare a file with another JSON file.`,
    );
  return {
    name: other,
    estimate: estimate(resourcesAtCommit(other, stack), priceBook()),
  };
}

function ofFile(file: string): Estimate {
  const json = jsonOf(file);
  const has = (key: string) => typeof json === "object" && json !== null && key in json;
  if (has("projects")) return fromInfracost(json);
  const resources = has("steps")
    ? readPreview(json).after
    : has("deployment")
      ? readState(json)
      : readSpecification(json);
  return estimate(resources, priceBook());
}

function jsonOf(file: string): unknown {
  const text = textOf(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Stop(`${file} is no JSON: ${(error as Error).message}`);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Stop(`${file} cannot be read: ${(error as Error).message}`);
  }
}
