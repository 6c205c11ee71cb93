import { describe, expect, test } from "vitest";
import { Ledger, type Outcome } from "../../e2e/droplet/chaos/ledger.ts";

/** One write each second, from second 1 on. */
function ledgerOf(...outcomes: Outcome[]): Ledger {
  const ledger = new Ledger();
  outcomes.forEach((outcome, index) => {
    ledger.begin(`w${index + 1}`);
    ledger.end({ title: `w${index + 1}`, outcome, at: (index + 1) * 1000 });
  });
  return ledger;
}

test("a title is sent once", () => {
  const ledger = ledgerOf("acknowledged");
  expect(() => ledger.begin("w1")).toThrow('"w1" was sent before');
});

test("writes are counted by what became of them, and when that was known", () => {
  const ledger = ledgerOf("acknowledged", "failed", "unknown", "acknowledged");
  expect(ledger.titles("acknowledged")).toEqual(["w1", "w4"]);
  expect(ledger.count("acknowledged", 0, 3000)).toBe(1);
  expect(ledger.count("failed", 2000, 2000)).toBe(1);
  expect(ledger.count("unknown", 3001, 9000)).toBe(0);
  expect(ledger.lastAcknowledged()).toBe(4000);
});

describe("the longest silence", () => {
  test("lasts from one acknowledged write to the next, over all that failed", () => {
    const ledger = ledgerOf("acknowledged", "failed", "unknown", "acknowledged", "acknowledged");
    expect(ledger.longestSilence(1500, 4500)).toBe(3000);
    expect(ledger.longestSilence(4100, 4500)).toBe(1000);
  });

  test("is unknown without writes, and counts none", () => {
    expect(new Ledger().longestSilence(0, 1000)).toBe(0);
  });
});

describe("the rows of the database", () => {
  const faults = (ledger: Ledger, ...rows: string[]) => ledger.faults(rows, ledger.titles("acknowledged"));

  test("hold each acknowledged title once, and may hold one of unknown outcome", () => {
    const ledger = ledgerOf("acknowledged", "unknown", "failed");
    ledger.begin("under way");
    expect(faults(ledger, "w1")).toEqual([]);
    expect(faults(ledger, "w1", "w2", "under way")).toEqual([]);
  });

  test("are at fault when one is lost, twice there, there though it failed, or from nowhere", () => {
    const ledger = ledgerOf("acknowledged", "unknown", "failed", "acknowledged");
    expect(faults(ledger, "w1", "w1", "w2", "w2", "w3", "x")).toEqual([
      "w4: acknowledged, and lost",
      "w1: there 2 times",
      "w2: there 2 times",
      "w3: failed, and there",
      "x: never sent",
    ]);
  });

  test("may lack what was acknowledged after they were read", () => {
    const ledger = ledgerOf("acknowledged");
    const before = ledger.titles("acknowledged");
    ledger.begin("later");
    ledger.end({ title: "later", outcome: "acknowledged", at: 2000 });
    expect(ledger.faults(["w1"], before)).toEqual([]);
  });
});
