// The report for a terminal: plain text, aligned, nothing to parse.
import type { Row, Sheet } from "./cells.ts";
import { type Content, contentOf } from "./content.ts";
import type { Report } from "./report.ts";

/** @throws {Error} where the estimates that it compares are in different currencies */
export function tableReport(report: Report): string {
  const content = contentOf(report);
  const { breakdown, totals, usage, whatIf, verdict } = content;
  return `${[
    [`${content.name}: ${content.headline}`, ...content.warnings.map((text) => `Note: ${text}`)],
    aligned({ ...breakdown, rows: [...breakdown.rows, ...totals] }),
    section(
      "On this machine",
      content.footprint.map(([term, value]) => `${term}: ${value}`),
    ),
    section("Price not known, and not in the total", content.unknown),
    content.free === undefined ? [] : [content.free],
    usage ? ["Usage, apart from the estimate", ...aligned(usage)] : [],
    section("Budget", verdict ? [verdict.judgement, ...advised(verdict)] : []),
    whatIf ? ["What if", ...aligned(whatIf)] : [],
    foot(content),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const section = (title: string, lines: string[]): string[] =>
  lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)] : [];

const advised = ({ advice, remedies }: NonNullable<Content["verdict"]>): string[] =>
  advice === undefined ? [] : [advice, ...remedies.map((remedy) => `  ${remedy}`)];

const foot = ({ prices, sources }: Content): string[] => [
  prices,
  ...(sources.length > 0 ? ["Sources"] : []),
  ...sources.map(({ url, seen }) => `  ${url}, seen ${seen}`),
];

/** Labels to the left, amounts to the right, notes below. */
function aligned({ columns, rows }: Sheet): string[] {
  const label = (row: Row) => `${row.part ? "    " : "  "}${row.label}`;
  const first = widest(rows.map(label));
  const widths = columns.map((column, index) =>
    widest([column, ...rows.map(({ amounts }) => amounts[index] ?? "")]),
  );
  const line = (start: string, cells: string[]) =>
    [start.padEnd(first), ...cells.map((cell, index) => cell.padStart(widths[index] ?? 0))]
      .join("  ")
      .trimEnd();
  return [
    line("", columns),
    ...rows.flatMap((row) => [line(label(row), row.amounts), ...row.notes.map((note) => `      ${note}`)]),
  ];
}

const widest = (texts: string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0);
