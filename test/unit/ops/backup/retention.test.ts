import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DatedSet, expired } from "../../../../ops/backup/retention.ts";
import type { Reason } from "../../../../ops/backup/set.ts";

const keep = { daily: 7, weekly: 4, monthly: 12 };
const now = new Date("2026-11-21T18:00:00Z");
const hour = 60 * 60_000;
const day = 24 * hour;

const set = (time: Date | string, reason: Reason = "daily"): DatedSet => {
  const stamp = new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return { id: `${stamp}-00000a`, reason };
};
const idsOf = (sets: DatedSet[]) => sets.map(({ id }) => id);
const daysAgo = (days: number) => new Date(now.getTime() - days * day);
const keptOf = (sets: DatedSet[], of = keep, also: string[] = []) => {
  const gone = expired(sets, of, now, also);
  return idsOf(sets).filter((id) => !gone.includes(id));
};

describe("sets that are kept", () => {
  test("are the newest of each day, week and month", () => {
    const year = Array.from({ length: 365 }, (_, index) => set(daysAgo(364 - index)));
    expect(keptOf(year).map((id) => id.slice(0, 8))).toEqual([
      ...["20251231", "20260131", "20260228", "20260331", "20260430", "20260531"],
      ...["20260630", "20260731", "20260831", "20260930", "20261031", "20261101", "20261108"],
      ...["20261115", "20261116", "20261117", "20261118", "20261119", "20261120", "20261121"],
    ]);
  });

  test.each([
    {
      what: "the newest of several a day",
      keep: { daily: 2, weekly: 0, monthly: 0 },
      times: ["2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z", "2026-11-21T12:00:00Z"],
      kept: [1, 3],
    },
    {
      what: "of days that have one, whatever the gaps",
      keep: { daily: 3, weekly: 0, monthly: 0 },
      times: ["2026-01-01T03:00:00Z", "2026-03-01T03:00:00Z", "2026-06-01T03:00:00Z", "2026-06-02T03:00:00Z"],
      kept: [1, 2, 3],
    },
    {
      what: "a day around a change of the clocks, which UTC has none of",
      keep: { daily: 2, weekly: 0, monthly: 0 },
      times: ["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T23:30:00Z"],
      kept: [0, 2],
    },
    {
      what: "a week from Monday to Sunday, across the year's end",
      keep: { daily: 0, weekly: 2, monthly: 0 },
      times: ["2025-12-28T23:59:59Z", "2025-12-29T00:00:00Z", "2026-01-04T23:59:59Z"],
      kept: [0, 2],
    },
    {
      what: "a month of each year",
      keep: { daily: 0, weekly: 0, monthly: 2 },
      times: ["2025-11-30T03:00:00Z", "2026-11-01T03:00:00Z", "2026-11-20T03:00:00Z"],
      kept: [0, 2],
    },
    {
      what: "the newest, even where none are to be kept",
      keep: { daily: 0, weekly: 0, monthly: 0 },
      times: ["2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"],
      kept: [1],
    },
    { what: "none of none", keep, times: [], kept: [] },
  ])("are $what", ({ keep, times, kept }) => {
    const sets = times.map((time) => set(time));
    expect(keptOf(sets, keep)).toEqual(kept.map((index) => sets[index]?.id));
  });

  test.each<{ reason: Reason; age: number; stays: boolean }>([
    { reason: "upgrade", age: 14 * day - 1000, stays: true },
    { reason: "restore", age: 14 * day - 1000, stays: true },
    { reason: "upgrade", age: 14 * day, stays: false },
    { reason: "restore", age: 14 * day, stays: false },
    { reason: "manual", age: day, stays: false },
    { reason: "daily", age: day, stays: false },
  ])("are those before a change ($reason, $age ms old: $stays)", ({ reason, age, stays }) => {
    const one = set(new Date(now.getTime() - age), reason);
    const kept = keptOf([one, set(now)], { daily: 0, weekly: 0, monthly: 0 });
    expect(kept.includes(one.id)).toBe(stays);
  });

  test("are the one that a drill has proven", () => {
    const [old, proven, newest] = [set(daysAgo(900)), set(daysAgo(800)), set(now)];
    const none = { daily: 0, weekly: 0, monthly: 0 };
    expect(expired([proven, newest, old], none, now, [proven.id])).toEqual([old.id]);
  });

  test("stay kept, and go oldest first, whatever the times", () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 800 * 24 }), { maxLength: 60 });
    fc.assert(
      fc.property(times, (hours) => {
        const sets = hours.map((ago) => set(new Date(now.getTime() - ago * hour)));
        const gone = expired(sets, keep, now);
        expect(gone).toEqual(gone.toSorted());
        expect(gone).not.toContain(idsOf(sets).toSorted().at(-1));
        const left = sets.filter(({ id }) => !gone.includes(id));
        expect(left.length).toBeLessThanOrEqual(7 + 4 + 12);
        expect(left.length).toBeGreaterThanOrEqual(
          Math.min(7, new Set(idsOf(sets).map((id) => id.slice(0, 8))).size),
        );
        expect(expired(left, keep, now)).toEqual([]);
      }),
    );
  });
});
