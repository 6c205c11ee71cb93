import { expect, test } from "vitest";
import { type Interval, length, union, without } from "../../bench/droplet/intervals.ts";

const at = (begin: number, end: number): Interval => ({ begin, end });

test("overlapping, touching and contained intervals become one; empty and reversed ones nothing", () => {
  expect(union([at(5, 8), at(0, 2), at(2, 3), at(6, 7), at(9, 9), at(12, 11)])).toEqual([at(0, 3), at(5, 8)]);
  expect(union([])).toEqual([]);
  expect(length([at(0, 10), at(2, 4), at(8, 12)])).toBe(12);
});

test("union leaves what it was given as it was", () => {
  const given = [at(0, 2), at(1, 5)];
  union(given);
  expect(given).toEqual([at(0, 2), at(1, 5)]);
});

test.each([
  { others: [], rest: [at(10, 20)] },
  { others: [at(0, 30)], rest: [] },
  { others: [at(0, 5), at(25, 30)], rest: [at(10, 20)] },
  { others: [at(0, 12), at(18, 30)], rest: [at(12, 18)] },
  { others: [at(14, 16), at(12, 13), at(15, 17)], rest: [at(10, 12), at(13, 14), at(17, 20)] },
  { others: [at(10, 10), at(20, 20)], rest: [at(10, 20)] },
])("what is left of 10 to 20 without $others", ({ others, rest }) => {
  expect(without(at(10, 20), others)).toEqual(rest);
});
