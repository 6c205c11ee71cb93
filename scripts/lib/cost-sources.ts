// Where the resources of a cost report come from: a stack's program, a file of Pulumi's, or a specification.
import { existsSync, readFileSync } from "node:fs";
import Big from "big.js";
import { costSchema } from "../../components/config-schema-cost.ts";
import { dropletDefaults } from "../../components/config-schema-droplet.ts";
import { alternatives } from "../../components/cost/alternatives.ts";
import { type Budget, judge } from "../../components/cost/budget.ts";
import { type Estimate, estimate } from "../../components/cost/estimate.ts";
import { footprint } from "../../components/cost/footprint.ts";
import { parseOutput } from "../../components/cost/plan/output-text.ts";
import { previewCommand, readPreview } from "../../components/cost/plan/preview.ts";
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
  /** What its reader has to know. */
  warnings?: string[];
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
  if (plan !== undefined) return read(plan, (json) => ofPreview(plan, json));
  if (state !== undefined) return { name: state, resources: read(state, readState), budget: undefined };
  if (spec !== undefined) return { name: spec, resources: read(spec, readSpecification), budget: undefined };
  const resources = declaredPlan(stack, root, env);
  return { name: stack, resources, stack, budget: budgetOf((key) => configured(stack, key)) };
}

function ofPreview(name: string, json: unknown): Source {
  const { before, after, omitted } = readPreview(json);
  if (omitted > 0) {
    const warning = `${omitted} resources that stay the same are not in this preview, nor in any sum here; for the whole bill take that of ${previewCommand}`;
    return { name, resources: after, before, budget: undefined, warnings: [warning] };
  }
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
  const others = alternatives(source.resources, book, source.stack, usage);
  const local = footprint(source.resources, book, dropletDefaults);
  const compared = past ?? (source.before && { name: "now", estimate: estimate(source.before, book, usage) });
  return {
    name: source.name,
    estimate: bill,
    alternatives: others,
    ...(compared && { past: compared }),
    ...(source.budget && { verdict: judge(bill, source.budget, others) }),
    ...(local && { footprint: local }),
    ...(source.warnings && { warnings: source.warnings }),
  };
}

function usageOf(file: string, resources: PlannedResource[]): Usage {
  const usage = readable(file, parseUsage);
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
  if (existsSync(other)) return { name: other, estimate: read(other, estimateOf) };
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

function estimateOf(json: unknown): Estimate {
  const has = (key: string) => typeof json === "object" && json !== null && key in json;
  if (has("projects")) return fromInfracost(json);
  const resources = has("steps")
    ? readPreview(json).after
    : has("deployment")
      ? readState(json)
      : readSpecification(json);
  return estimate(resources, priceBook());
}

const read = <T>(file: string, what: (json: unknown) => T): T =>
  readable(file, (text) => what(parseOutput(text)));

/** @throws Stop with the file's name and what is wrong with what it holds */
function readable<T>(file: string, what: (text: string) => T): T {
  try {
    return what(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError)
      throw error;
    throw new Stop(`${file}: ${error.message}`);
  }
}
