// What a pull request is told of a stack: one Markdown text, also the job's summary.
import type { Step } from "../../../components/cost/plan.ts";
import { counted } from "../../../components/cost/reports/cells.ts";
import type { Report } from "../../../components/cost/reports/report.ts";
import { policies, type Violation } from "../../../components/policies.ts";
import { block, code, fitted, kind, type Part, text } from "./markdown.ts";
import { type Danger, type PlanSummary, summarise } from "./plan-summary.ts";
import { type Finding, objections } from "./verdict.ts";

/** GitHub refuses bodies of more than 65,536 characters. */
export const commentLimit = 60_000;
/** A step's summary may have 1 MiB; a character takes up to three bytes. */
export const summaryLimit = 300_000;

/** Hidden; by it the comment of a stack is found again. */
export const marker = (stack: string): string => `<!-- atlas-preview: ${stack} -->`;

/** Longer lists are folded; what is replaced or deleted never is. */
const longestOpenList = 10;

export interface Frame {
  /** The cost section, from the report (components/cost/reports/markdown.ts); never shortened here. */
  cost: (report: Report) => string;
  commit?: string | undefined;
  runUrl?: string | undefined;
  /** Characters; lists are shortened where it takes that, those of violations and dangers last. */
  limit?: number;
}

export function comment(finding: Finding, { cost, commit, runUrl, limit = commentLimit }: Frame): string {
  const { stack, seen, failure, unseen } = finding;
  return fitted(
    [
      text(`${marker(stack)}\n${verdictLine(finding)}`),
      ...(failure === undefined ? [] : [text(`### The preview failed\n\n${block(failure)}`)]),
      ...(seen
        ? [...planParts(summarise(seen.plan)), ...costPart(seen.cost, cost), policyPart(seen.violations)]
        : []),
      ...(unseen.length === 0
        ? []
        : [text(`### What could not be seen\n\n${unseen.map((line) => `- ${line}`).join("\n")}`)]),
      text(foot(commit, runUrl)),
    ],
    limit,
  );
}

function verdictLine(finding: Finding): string {
  const reasons = objections(finding);
  const stack = code(finding.stack);
  if (reasons.length > 0) return `## ❌ ${stack} must not go on: ${reasons.join("; ")}`;
  return `## ✅ ${stack} may go on${finding.unseen.length > 0 ? ", as far as could be seen" : ""}`;
}

function planParts(summary: PlanSummary): Part[] {
  const { dangers, replaced, deleted, changed, created } = summary;
  return [
    text(`### What will happen\n\n${sentence(summary)}`),
    ...dangerPart(dangers),
    ...openPart("Replaced", replaced, dangers, 3),
    ...openPart("Deleted", deleted, dangers, 4),
    ...foldablePart("Changed", changed, 2),
    ...foldablePart("Created", created, 1),
  ];
}

function sentence({ created, changed, replaced, deleted, unchanged }: PlanSummary): string {
  const acts: [Step[], string][] = [
    [created, "created"],
    [changed, "changed"],
    [replaced, "**replaced**"],
    [deleted, "**deleted**"],
  ];
  const said = acts
    .filter(([steps]) => steps.length > 0)
    .map(([steps, act]) => `${counted(steps.length, "resource")} ${act}`);
  return `${[...(said.length > 0 ? said : ["nothing changes"]), `${unchanged} unchanged`].join(", ")}.`.replace(
    /^n/,
    "N",
  );
}

const named = ({ name, type }: Step) => `${code(name)} (${kind(type)})`;

function line(step: Step): string {
  const inputs = step.changes.map((input) => code(input)).join(", ");
  const why = inputs && (step.operation === "replace" ? `, forced by ${inputs}` : `: ${inputs}`);
  return `${named(step)}${why}${step.kept ? "; only forgotten: the thing itself stays, and is billed on" : ""}`;
}

function dangerPart(dangers: Danger[]): Part[] {
  if (dangers.length === 0) return [];
  const items = dangers.map(
    ({ step, loses }) => `- **${step.operation}d**: ${line(step)}. Lost for good: ${loses}.`,
  );
  return [{ head: "#### ⚠️ Data in danger\n", items, tail: "", rank: 6, atLeast: 20 }];
}

function openPart(title: string, steps: Step[], dangers: Danger[], rank: number): Part[] {
  const others = steps.filter((step) => !dangers.some((danger) => danger.step === step));
  if (others.length === 0) return [];
  const above = steps.length - others.length;
  const head = `#### ${title} (${others.length}${above > 0 ? `, and ${above} above` : ""})\n`;
  return [{ head, items: others.map((step) => `- ${line(step)}`), tail: "", rank }];
}

function foldablePart(title: string, steps: Step[], rank: number): Part[] {
  if (steps.length === 0) return [];
  const items = steps.map((step) => `- ${line(step)}`);
  if (steps.length <= longestOpenList)
    return [{ head: `#### ${title} (${steps.length})\n`, items, tail: "", rank }];
  const head = `<details><summary>${title} (${steps.length})</summary>\n`;
  return [{ head, items, tail: "\n</details>", rank }];
}

const costPart = (report: Report, section: Frame["cost"]): Part[] => [
  text(section(report).trim()),
  ...(report.verdict ? [] : [text("No budget is set (`atlas:monthlyBudget`).")]),
];

function policyPart(violations: Violation[]): Part {
  const rows = policies.map(({ name, explains }) => {
    const broken = violations.some(({ policy }) => policy === name);
    return `| ${broken ? "❌" : "✅"} | ${name} | ${explains} |`;
  });
  return {
    head: [
      "### Policies",
      "",
      "| | policy | rule |",
      "| --- | --- | --- |",
      ...rows,
      ...(violations.length > 0 ? [""] : []),
    ].join("\n"),
    items: violations.map(
      ({ policy, name, type, value, fault, mend }) =>
        `- ❌ ${policy}: ${code(name)} (${kind(type)}), ${code(value)}: ${fault}. To mend it, ${mend}.`,
    ),
    tail: "",
    rank: 5,
    atLeast: 20,
  };
}

function foot(commit: string | undefined, runUrl: string | undefined): string {
  const parts = [
    "Atlas preview, updated in place",
    ...(commit ? [`commit ${code(commit.slice(0, 12))}`] : []),
    ...(runUrl ? [`[run](${runUrl})`] : []),
  ];
  return `---\n<sub>${parts.join(" · ")}</sub>`;
}
