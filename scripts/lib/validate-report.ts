// What a validation found, and how people read it.
import type { ClientDescription } from "../../client/index.ts";
import { median } from "../../test/bench/numbers.ts";

export interface StepResult {
  readonly id: string;
  readonly title: string;
  readonly status: "PASS" | "FAIL";
  readonly milliseconds: number;
  /** What was seen, or what is wrong. */
  readonly detail: string;
}

/** Milliseconds of the client's operations that succeeded; a sign-in is none of the calls. */
export interface Times {
  readonly signIns: readonly number[];
  readonly calls: readonly number[];
}

export interface ValidationReport {
  readonly time: string;
  /** Without secrets. */
  readonly configuration: ClientDescription;
  readonly steps: readonly StepResult[];
  readonly passed: number;
  readonly total: number;
  readonly milliseconds: number;
  readonly times: Times;
  /** Why what this run made could not be deleted; undefined when nothing is left. */
  readonly leftBehind?: string;
}

export const isValid = ({ passed, total, leftBehind }: ValidationReport): boolean =>
  passed === total && leftBehind === undefined;

const LABEL = 22;

export function configurationText(configuration: ClientDescription): string {
  const rows = Object.entries(configuration).map(
    ([name, value]) => `  ${name.padEnd(LABEL)}${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  return ["Configuration", ...rows, `  ${"secrets".padEnd(LABEL)}(not shown)`].join("\n");
}

export function stepText({ title, status, milliseconds, detail }: StepResult, number: number, total: number) {
  const place = `[${number}/${total}]`.padStart(7);
  return `${place} ${title.padEnd(LABEL)}${status}  ${`${milliseconds} ms`.padStart(8)}  ${detail}`;
}

export function summaryText(report: ValidationReport): string {
  const { passed, total, milliseconds, leftBehind } = report;
  return [
    `Summary: ${passed}/${total} passed in ${(milliseconds / 1000).toFixed(1)} s`,
    ...(leftBehind === undefined ? [] : [`Left behind: ${leftBehind}`]),
    timesText(report.times),
  ].join("\n");
}

/** For information: a far or busy server may be slower and still be right. */
function timesText({ signIns, calls }: Times): string {
  const typical = (values: readonly number[]) =>
    values.length === 0 ? "none" : `${Math.round(median([...values]))} ms`;
  return (
    `Times: sign-in ${typical(signIns)} (typically under 500 ms), ` +
    `median call ${typical(calls)} (typically under 200 ms), ${calls.length} calls`
  );
}
