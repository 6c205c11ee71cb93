// The smoke checks of a deployment as Markdown, for the job's summary.
import { type CheckResult, type SmokeReport, total } from "../../../components/smoke/report.ts";
import { code } from "./markdown.ts";

const signs: Record<CheckResult["status"], string> = { PASS: "✅", FAIL: "❌", SKIP: "⏭️" };

/**
 * @param report the stack's output `smoke`; undefined before the first up that has passed
 * @param passed whether the up did whose summary this is: after another, the report is of the last one that did
 */
export function smokeMarkdown(stack: string, report: SmokeReport | undefined, passed: boolean): string {
  const head = `## ${passed ? "✅" : "❌"} ${code(stack)} ${passed ? "is deployed" : "is not deployed: see the log of the up"}`;
  if (!report) return `${head}\n\nNo up of this stack has passed its smoke checks yet.\n`;
  const rows = report.checks.map(
    ({ status, title, milliseconds, detail }) =>
      `| ${signs[status]} | ${cell(title)} | ${milliseconds} ms | ${cell(detail)} |`,
  );
  return [
    head,
    "",
    `${passed ? "Smoke checks" : "Smoke checks of the last up that passed"}, ${report.time}, at ${report.url}: ${total(report)}.`,
    "",
    "| | check | time | seen |",
    "| --- | --- | ---: | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** One line that ends no cell and begins no HTML. */
const cell = (text: string): string =>
  (text.split("\n")[0] ?? "").replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll("<", "&lt;");
