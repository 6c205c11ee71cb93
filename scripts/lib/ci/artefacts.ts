// What a preview leaves behind: the comment, the job's summary, and files for people and programs.
import { htmlReport } from "../../../components/cost/reports/html.ts";
import { infracostReport } from "../../../components/cost/reports/infracost.ts";
import { costMarkdown } from "../../../components/cost/reports/markdown.ts";
import { hidden } from "../../../components/secrets/hide.ts";
import { masked } from "../../../components/secrets/mask.ts";
import { comment, summaryLimit } from "./comment.ts";
import type { Run } from "./event.ts";
import { summarise } from "./plan-summary.ts";
import { type Finding, objections } from "./verdict.ts";

export interface Artefacts {
  comment: string;
  summary: string;
  /** By file name. */
  files: Record<string, string>;
}

/** @param secrets must not be in any of them: a log hides a job's secrets, comments and files do not */
export function artefacts(finding: Finding, { commit, url }: Run, secrets: string[]): Artefacts {
  const frame = { cost: costMarkdown, commit, runUrl: url };
  const safe = (text: string) => masked(text, hidden(secrets));
  const files = {
    "comment.md": comment(finding, frame),
    "result.json": `${JSON.stringify(result(finding, commit), undefined, 2)}\n`,
    ...(finding.seen && {
      "report.html": htmlReport(finding.seen.cost),
      "cost.json": `${JSON.stringify(infracostReport(finding.seen.cost), undefined, 2)}\n`,
    }),
  };
  return {
    comment: safe(files["comment.md"]),
    summary: safe(comment(finding, { ...frame, limit: summaryLimit })),
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, safe(text)])),
  };
}

/** Everything that was found, for programs; nothing is shortened. */
function result(finding: Finding, commit: string | undefined) {
  const { stack, seen, failure, unseen } = finding;
  const reasons = objections(finding);
  return {
    stack,
    commit,
    mayGoOn: reasons.length === 0,
    objections: reasons,
    failure,
    unseen,
    ...(seen && {
      plan: summarise(seen.plan),
      cost: {
        currency: seen.cost.estimate.currency,
        monthly: seen.cost.estimate.monthly,
        pastMonthly: seen.cost.past?.estimate.monthly,
        budget: seen.cost.verdict && {
          status: seen.cost.verdict.status,
          monthly: seen.cost.verdict.budget.monthly,
        },
      },
      violations: seen.violations,
    }),
  };
}

/** Values of the environment's variables that are secret by their name. */
export const secretsIn = (env: NodeJS.ProcessEnv): string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    value && /(TOKEN|SECRET|PASSWORD|PASSPHRASE|_KEY|BACKEND_URL)$/.test(name) ? [value] : [],
  );
