// The condition as text, for scripts/status.
import { oneLine } from "../log.ts";
import { durationText, timeText } from "../words.ts";
import type { Condition, Part, Verdict } from "./condition.ts";
import { summary, type Table, tables } from "./report.ts";

const marks: Record<Verdict, string> = { ok: "✓", warning: "!", bad: "✗" };
const colours: Record<Verdict, number> = { ok: 32, warning: 33, bad: 31 };
const bold = 1;
const faint = 2;

/**
 * @param options.colour for a terminal that shows colours
 * @returns lines, without a newline at the end
 */
export function statusText(condition: Condition, { colour = false }: { colour?: boolean } = {}): string {
  const { name, publicUrl, verdict, parts, observation } = condition;
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const width = Math.max(...parts.map(({ title }) => title.length));
  const line = ({ verdict, title, why, next }: Part): string[] => [
    `${paint(colours[verdict], marks[verdict])} ${title.padEnd(width)}  ${oneLine(why)}`,
    ...(next === undefined ? [] : [paint(faint, `  ${" ".repeat(width)}  next: ${next}`)]),
  ];
  const looked = `looked at ${timeText(observation.time)} in ${durationText(observation.seconds * 1000)}`;
  return [
    `${paint(bold, name)}  ${publicUrl}`,
    `${paint(colours[verdict], summary(condition))}, ${looked}`,
    "",
    ...parts.flatMap(line),
    ...tables(condition).flatMap((table) => ["", paint(bold, table.title), ...aligned(table)]),
  ].join("\n");
}

function aligned({ columns, rows }: Table): string[] {
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, at) => oneLine(cell).padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd(),
  );
}
