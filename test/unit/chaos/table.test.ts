import { expect, test } from "vitest";
import { type Row, report } from "../../e2e/droplet/chaos/table.ts";

const row = (number: number, kind: Row["fault"]["kind"], downMs: number, recoveredMs?: number): Row => ({
  fault: { number, kind, target: "postgres", seconds: 4 },
  downMs,
  recoveredMs,
  acknowledged: 12,
  failed: 0,
  unknown: 3,
});

test("a report has a line for each fault, and the middle and the worst of each kind", () => {
  const text = report(42, [row(1, "kill", 900, 4000), row(2, "pause", 5040), row(3, "kill", 1100, 2000)]);
  const lines = text.split("\n").filter((line) => /^[#|]/.test(line));
  expect(lines).toEqual([
    "# 3 faults, seed 42",
    "| # | fault | of       | lasted s | down s | recovered s | acknowledged | failed | unknown |",
    "|--:|-------|----------|---------:|-------:|------------:|-------------:|-------:|--------:|",
    "| 1 | kill  | postgres |        4 |    0.9 |         4.0 |           12 |      0 |       3 |",
    "| 2 | pause | postgres |        4 |    5.0 |       never |           12 |      0 |       3 |",
    "| 3 | kill  | postgres |        4 |    1.1 |         2.0 |           12 |      0 |       3 |",
    "| fault | count | down s, median | worst | recovered s, median | worst |",
    "|-------|------:|---------------:|------:|--------------------:|------:|",
    "| kill  |     2 |            1.0 |   1.1 |                 3.0 |   4.0 |",
    "| pause |     1 |            5.0 |   5.0 |               never | never |",
  ]);
});

test("a report of nothing has its heads", () => {
  expect(report(1, [])).toContain("# 0 faults, seed 1");
});
