// What the faults did, as tables in Markdown.
import { median } from "../../../bench/numbers.ts";
import { type Fault, kindNames } from "./plan.ts";

export interface Row {
  fault: Fault;
  /** Longest time without an acknowledged write. */
  downMs: number;
  /** From the fault's end until all was well; undefined where it was not in time. */
  recoveredMs: number | undefined;
  acknowledged: number;
  failed: number;
  unknown: number;
}

export function report(seed: number, rows: Row[]): string {
  return `# ${rows.length} faults, seed ${seed}

${table([
  ["#", "fault", "of", "lasted s", "down s", "recovered s", "acknowledged", "failed", "unknown"],
  ...rows.map(({ fault, downMs, recoveredMs, acknowledged, failed, unknown }) => [
    String(fault.number),
    fault.kind,
    fault.target,
    String(fault.seconds),
    inSeconds(downMs),
    recoveredMs === undefined ? "never" : inSeconds(recoveredMs),
    ...[acknowledged, failed, unknown].map(String),
  ]),
])}

"down" is the longest time without an acknowledged write, "recovered" counts from the fault's end (of a reboot: its order)
until sign-in, a new work order, the front end and every container's health were well; the writes are those meanwhile.

${summary(rows)}
`;
}

function summary(rows: Row[]): string {
  const lines = kindNames.map((kind) => {
    const mine = rows.filter(({ fault }) => fault.kind === kind);
    const recovered = mine.map(({ recoveredMs }) => recoveredMs ?? Number.POSITIVE_INFINITY);
    return [
      kind,
      String(mine.length),
      ...middleAndWorst(mine.map(({ downMs }) => downMs)),
      ...middleAndWorst(recovered),
    ];
  });
  const head = ["fault", "count", "down s, median", "worst", "recovered s, median", "worst"];
  return table([head, ...lines.filter(([, count]) => count !== "0")]);
}

const middleAndWorst = (values: number[]): string[] =>
  values.length === 0 ? ["", ""] : [inSeconds(median(values)), inSeconds(Math.max(...values))];

const inSeconds = (ms: number) => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : "never");

/** The first row is the head; texts stand left, numbers right. */
function table([head = [], ...rows]: string[][]): string {
  const isNumber = head.map((_, column) => rows.every((row) => /^([\d.]*|never)$/.test(row[column] ?? "")));
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (isNumber[column] ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
