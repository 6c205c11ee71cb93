import Big from "big.js";
import { describe, expect, test } from "vitest";
import type { Alternative } from "../../../components/cost/alternatives.ts";
import { judge, mayGoOn, verdictText } from "../../../components/cost/budget.ts";
import { planned, priced } from "./pricing/planned.ts";

const droplet = planned("Droplet", "web", { size: "s-2vcpu-4gb" });
const gateway = planned("VpcNatGateway", "way-out", {});
const of = (monthly: string, warnAt = 80) => ({ monthly: Big(monthly), warnAt });

describe("24 US dollars a month", () => {
  test.each([
    ["24", 100, "warning"],
    ["24", 80, "warning"],
    ["30", 80, "warning"],
    ["30.01", 80, "within"],
    ["100", 24, "warning"],
    ["100", 25, "within"],
    ["23.99", 80, "over"],
    ["0", 80, "over"],
  ] as const)("with a budget of %s and a warning at %i %% is %s", (monthly, warnAt, status) => {
    const verdict = judge(priced([droplet]), of(monthly, warnAt));
    expect(verdict.status).toBe(status);
    expect(mayGoOn(verdict)).toBe(status !== "over");
    expect(verdict.over.eq(Big(24).minus(monthly))).toBe(true);
  });

  test("and nothing at all is within a budget of nothing", () => {
    expect(judge(priced([]), of("0")).status).toBe("warning");
  });
});

test("what has no price may not go on, however large the budget; above it by what is known it is over", () => {
  const bill = priced([droplet, gateway]);
  const verdict = judge(bill, of("1000000"));
  expect(verdict).toMatchObject({ status: "unknown", unpriced: ["way-out"] });
  expect(mayGoOn(verdict)).toBe(false);
  expect(verdictText(verdict, bill)).toBe(
    "No price is known for way-out: whether it is within the budget of $1,000,000.00 (atlas:monthlyBudget) cannot be said.",
  );
  expect(judge(bill, of("1")).status).toBe("over");
});

test("only what brings it under is a remedy, the smallest saving first", () => {
  const alternatives: Alternative[] = [
    { label: "much cheaper", monthly: Big(10), how: "do this", note: "it hurts" },
    { label: "dearer", monthly: Big(50) },
    { label: "still above", monthly: Big("20.01") },
    { label: "just right", monthly: Big(20) },
    { label: "who knows", monthly: undefined },
  ];
  const bill = priced([droplet]);
  expect(verdictText(judge(bill, of("20"), alternatives), bill)).toBe(
    [
      "$24.00 a month is $4.00 above the budget of $20.00 (atlas:monthlyBudget).",
      "What would bring it under:",
      "  just right: $20.00 a month",
      "  much cheaper: $10.00 a month (it hurts)",
      "    do this",
    ].join("\n"),
  );
  expect(verdictText(judge(bill, of("5"), alternatives), bill)).toContain("Nothing single brings it under");
});

test("a warning tells how much of the budget is gone", () => {
  const bill = priced([droplet]);
  expect(verdictText(judge(bill, of("25")), bill)).toBe(
    "$24.00 a month is 96 % of the budget of $25.00 (atlas:monthlyBudget); atlas:warnAt is 80 %.",
  );
});
