import { describe, expect, test } from "vitest";
import { kindNames, pairs, plan } from "../../e2e/droplet/chaos/plan.ts";

const pairOf = ({ kind, target }: { kind: string; target: string }) => `${kind} of ${target}`;

test("the same seed is the same plan, another one another", () => {
  expect(plan(7, 100)).toEqual(plan(7, 100));
  expect(plan(8, 100)).not.toEqual(plan(7, 100));
});

test("a shorter plan is the beginning of a longer one", () => {
  expect(plan(7, 33)).toEqual(plan(7, 100).slice(0, 33));
});

test("faults are numbered from 1", () => {
  expect(plan(1, 3).map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(plan(1, 0)).toEqual([]);
});

describe.each([1, 2, 3, 4, 5])("with seed %d", (seed) => {
  test("each kind has come once before any comes twice", () => {
    const first = plan(seed, kindNames.length).map(({ kind }) => kind);
    expect(first.toSorted()).toEqual([...kindNames].sort());
  });

  test("each kind with each of its targets comes as often as the others", () => {
    const faults = plan(seed, 3 * pairs.length).map(pairOf);
    for (const pair of pairs.map(pairOf))
      expect(
        faults.filter((fault) => fault === pair),
        pair,
      ).toHaveLength(3);
  });

  test("what lasts, lasts whole seconds within its bounds; what is over at once, none", () => {
    const seconds = (...kinds: string[]) =>
      plan(seed, 200)
        .filter(({ kind }) => kinds.includes(kind))
        .map((fault) => fault.seconds);
    expect(new Set(seconds("kill", "kill engine", "kill shims", "reboot", "power cycle"))).toEqual(
      new Set([0]),
    );
    for (const one of seconds("disconnect", "drop packets", "cut network", "stop engine", "pause"))
      expect([2, 3, 4, 5, 6, 7, 8, 9, 10]).toContain(one);
    for (const one of seconds("fill disk", "fill disk and kill")) {
      expect(one).toBeGreaterThanOrEqual(10);
      expect(one).toBeLessThanOrEqual(30);
    }
  });
});
