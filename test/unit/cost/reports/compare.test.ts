import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare } from "../../../../components/cost/compare.ts";
import { sum } from "../../../../components/cost/estimate.ts";
import { estimated, line, priced, usageLine } from "./estimates.ts";

const droplet = (price: string, urn?: string) => priced("Droplet", "atlas", [line("Droplet", price)], urn);

const seen = (past: Parameters<typeof estimated>[0], now: Parameters<typeof estimated>[0]) =>
  compare(estimated(past), estimated(now)).changes.map(({ kind, subject, before, after, difference }) => [
    kind,
    subject.name,
    before?.monthly.toFixed(),
    after?.monthly.toFixed(),
    difference?.toFixed(),
  ]);

describe("resources", () => {
  test("are the same, changed, added or removed", () => {
    const kept = priced("Volume", "data", [line("Volume", "2")]);
    const past = [droplet("24"), kept, priced("App", "old", [line("App", "5")])];
    const now = [droplet("48.10"), kept, priced("Tag", "new")];
    expect(seen(past, now)).toEqual([
      ["removed", "old", "5", undefined, "-5"],
      ["changed", "atlas", "24", "48.1", "24.1"],
      ["same", "data", "2", "2", "0"],
      ["added", "new", undefined, "0", "0"],
    ]);
  });

  test("with a URN each match by it alone", () => {
    const [first, second] = ["urn:pulumi:s::p::a$t::atlas", "urn:pulumi:s::p::b$t::atlas"];
    expect(seen([droplet("1", first), droplet("2", second)], [droplet("4", second)])).toEqual([
      ["removed", "atlas", "1", undefined, "-1"],
      ["changed", "atlas", "2", "4", "2"],
    ]);
    expect(seen([droplet("1", first)], [droplet("1", second)]).map(([kind]) => kind)).toEqual([
      "removed",
      "added",
    ]);
  });

  test("match by type and name where one has no URN", () => {
    const urn = "urn:pulumi:s::p::t::atlas";
    expect(seen([droplet("1", urn)], [droplet("1")])).toEqual([["same", "atlas", "1", "1", "0"]]);
    expect(seen([droplet("1")], [droplet("3", urn)])).toEqual([["changed", "atlas", "1", "3", "2"]]);
    expect(seen([priced("Volume", "atlas")], [droplet("1")]).map(([kind]) => kind)).toEqual([
      "removed",
      "added",
    ]);
  });

  test("of which one side has no known price differ by nobody knows what", () => {
    const unknown = priced("Droplet", "atlas", [line("Droplet", undefined)]);
    expect(seen([droplet("1")], [unknown])).toEqual([["changed", "atlas", "1", "0", undefined]]);
    expect(seen([unknown], [unknown])).toEqual([["same", "atlas", "0", "0", undefined]]);
  });

  test("of which only the use differs are changed, and their baseline is not", () => {
    const using = (amount: string) => [
      priced("Droplet", "atlas", [usageLine("Transfer", "GiB", "0.01", amount)]),
    ];
    const { changes, usage, monthly } = compare(estimated(using("100")), estimated(using("300")));
    expect(changes.map(({ kind, difference }) => [kind, difference?.toFixed()])).toEqual([["changed", "0"]]);
    expect([usage.difference.toFixed(), monthly.difference.toFixed()]).toEqual(["2", "0"]);
  });
});

test("lines match by label, equal labels in their order", () => {
  const past = priced("Droplet", "atlas", [line("Pool", "1"), line("Pool", "2"), line("Backups", "3")]);
  const now = priced("Droplet", "atlas", [line("Pool", "1"), line("Pool", "5"), line("Other", "7")]);
  const [change] = compare(estimated([past]), estimated([now])).changes;
  expect(
    change?.lines.map(({ before, after }) => [before?.monthly?.toFixed(), after?.monthly?.toFixed()]),
  ).toEqual([
    ["3", undefined],
    ["1", "1"],
    ["2", "5"],
    [undefined, "7"],
  ]);
});

test("the differences add up to the total's, exactly", () => {
  const cents = fc.integer({ min: 0, max: 1_000_000 }).map((amount) => Big(amount).div(1000).toFixed());
  const resources = fc.uniqueArray(fc.record({ name: fc.string({ maxLength: 2 }), price: cents }), {
    selector: ({ name }) => name,
  });
  const of = (list: { name: string; price: string }[]) =>
    estimated(list.map(({ name, price }) => priced("Droplet", name, [line("Droplet", price)])));
  fc.assert(
    fc.property(resources, resources, (past, now) => {
      const { changes, monthly } = compare(of(past), of(now));
      expect(sum(changes.flatMap(({ difference }) => difference ?? [])).eq(monthly.difference)).toBe(true);
      expect(monthly.before.plus(monthly.difference).eq(monthly.after)).toBe(true);
    }),
  );
});

test("two currencies are not compared", () => {
  expect(() => compare(estimated([]), { ...estimated([]), currency: "EUR" })).toThrow(
    "cannot compare an estimate in USD with one in EUR",
  );
});
