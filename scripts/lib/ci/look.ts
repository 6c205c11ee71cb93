// Looks at what a change would do to a stack: by a preview where one can be run, else by the program alone.
import { spawnSync } from "node:child_process";
import { estimate } from "../../../components/cost/estimate.ts";
import { PreviewFailed, previewCommand, readPreview } from "../../../components/cost/plan/preview.ts";
import type { Plan } from "../../../components/cost/plan.ts";
import { priceBook } from "../../../components/cost/price-book.ts";
import type { PlannedResource } from "../../../components/cost/resource.ts";
import { type PolicyContext, violations } from "../../../components/policies.ts";
import { resourcesAtCommit } from "../at-commit.ts";
import { reportOf, type Source, sourceOf } from "../cost-sources.ts";
import { Stop } from "../process.ts";
import { root } from "../root.ts";
import { selectStack } from "../stack.ts";
import { runsOnDroplet } from "../stack-file.ts";
import { enterWorld, type WorldName } from "../world.ts";
import type { Run } from "./event.ts";
import { declaredChange } from "./plan-summary.ts";
import type { Finding } from "./verdict.ts";

/** What the two looks have found, before anything is concluded from it. */
export interface Looks {
  /** The plan, Pulumi's refusal, or why nobody could ask it. */
  preview: { plan: Plan } | { failure: string } | { blind: string };
  /** What the program asks for by itself; the message where it fails. */
  declared: Source | { failure: string };
  /** The same at the commit that the change is for; undefined where there is none to compare with. */
  base: { commit: string; resources: PlannedResource[] } | { failure: string } | undefined;
  /** Nobody keeps the stack's state for the preview: to it, everything is new. */
  stateless: boolean;
}

/**
 * @param world to preview in; otherwise the one that can be reached
 * @param run that this is part of
 */
export async function look(stack: string, world: WorldName | undefined, run: Run): Promise<Looks> {
  const base = run.pullRequest?.base;
  const { PULUMI_BACKEND_URL, PULUMI_ACCESS_TOKEN } = process.env;
  return {
    preview: await preview(stack, world),
    declared: orFailure(() => sourceOf({ stack })),
    base: base === undefined ? undefined : baseAt(base, stack),
    stateless: base !== undefined && world !== "sandbox" && !PULUMI_BACKEND_URL && !PULUMI_ACCESS_TOKEN,
  };
}

const baseAt = (commit: string, stack: string) =>
  orFailure(() => ({ commit, resources: resourcesAtCommit(commit, stack) }));

function orFailure<T>(work: () => T): T | { failure: string } {
  try {
    return work();
  } catch (error) {
    if (error instanceof Stop) return { failure: error.message };
    throw error;
  }
}

async function preview(stack: string, asked: WorldName | undefined): Promise<Looks["preview"]> {
  const { DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN } = process.env;
  if (runsOnDroplet(stack) && asked !== "sandbox" && !DIGITALOCEAN_TOKEN && !DIGITALOCEAN_ACCESS_TOKEN)
    return { blind: "`DIGITALOCEAN_TOKEN` is not set, as for every pull request from a fork" };
  try {
    const world = await enterWorld(stack, asked);
    await selectStack(world, stack);
    const [command = "", ...args] = [...previewCommand.split(" "), "--stack", stack, "--non-interactive"];
    const options = { cwd: root, env: world.env, encoding: "utf8", maxBuffer: 512 * 1024 * 1024 } as const;
    const { stdout, stderr, error, status } = spawnSync(command, args, options);
    if (error) throw error;
    // A failed preview is JSON as well, unless it failed before it began.
    if (!stdout.trimStart().startsWith("{"))
      throw new Stop(`pulumi preview ended with ${status}:\n${stderr}`);
    return { plan: readPreview(JSON.parse(stdout)) };
  } catch (error) {
    if (error instanceof Stop || error instanceof PreviewFailed) return { failure: error.message };
    throw error;
  }
}

/** What follows from the looks. */
export function conclude(stack: string, looks: Looks, context: PolicyContext): Finding {
  const { preview, declared } = looks;
  const common = { stack, production: context.production, failure: failureOf(looks), unseen: unseen(looks) };
  if ("failure" in declared) return { ...common, seen: undefined };
  const { plan, past } = planOf(preview, declared, looks);
  const before =
    past === undefined ? undefined : { name: past, estimate: estimate(plan.before, priceBook()) };
  const cost = reportOf({ ...declared, resources: plan.after }, { past: before });
  return { ...common, seen: { plan, cost, violations: violations(plan.after, context) } };
}

function failureOf({ preview, declared }: Looks): string | undefined {
  if ("failure" in preview) return preview.failure;
  return "failure" in declared ? declared.failure : undefined;
}

/** The preview's plan, unless it knows less than the base commit's program; and what it counts from. */
function planOf(
  preview: Looks["preview"],
  { resources }: Source,
  { base, stateless }: Looks,
): { plan: Plan; past?: string } {
  const known = base && "resources" in base ? base : undefined;
  if ("plan" in preview && !(stateless && known)) return { plan: preview.plan, past: "now deployed" };
  if (!known) return { plan: declaredChange([], resources) };
  return { plan: declaredChange(known.resources, resources), past: `commit ${known.commit.slice(0, 12)}` };
}

function unseen({ preview, declared, base, stateless }: Looks): string[] {
  if ("failure" in declared) return ["Plan, cost and policies: the program itself fails."];
  const compared = base
    ? "failure" in base
      ? `The program at the base commit failed, so everything looks new: ${firstLine(base.failure)}`
      : `The plan compares what the program asks for at commit \`${base.commit.slice(0, 12)}\` and now. It does not know the state, so it cannot tell what would be replaced.`
    : "Nothing is known of the state, so everything looks new.";
  if ("blind" in preview)
    return [
      `No preview was run: ${preview.blind}.`,
      compared,
      "Secret settings: the program ran with stand-ins for them.",
    ];
  if ("failure" in preview) return [compared];
  if (!stateless) return [];
  return [
    "The preview passed on an empty state, since `PULUMI_BACKEND_URL` is not set: what runs is not known.",
    compared,
  ];
}

const firstLine = (text: string) => text.trim().split("\n")[0] ?? "";
