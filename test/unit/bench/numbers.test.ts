import { expect, test } from "vitest";
import { median, table } from "../../bench/numbers.ts";

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])("the median of %j is %d", (values, expected) => {
  expect(median(values)).toBe(expected);
  expect(() => median([])).toThrow(RangeError);
});

test("a table has its numbers under each other", () => {
  expect(
    table([
      ["", "took"],
      ["network", "2 s"],
      ["boot", "10 s"],
    ]),
  ).toBe("            took\n  network    2 s\n  boot      10 s");
});
