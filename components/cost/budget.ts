// The budget guard: an estimate against what may be spent a month.
import type Big from "big.js";
import type { Alternative } from "./alternatives.ts";
import { type Estimate, unpriced } from "./estimate.ts";
import { money } from "./money.ts";

export interface Budget {
  /** A month, in the price book's currency. */
  monthly: Big;
  /** Percent of it from which on a warning is due. */
  warnAt: number;
}

export type Remedy = Alternative & { monthly: Big };

export interface Verdict {
  budget: Budget;
  /** `unknown` where a price is not known: nobody can say that it is within, so it counts as over. */
  status: "within" | "warning" | "over" | "unknown";
  /** The estimate less the budget: negative where there is room. */
  over: Big;
  /** What would bring it under, the smallest saving first. */
  remedies: Remedy[];
  /** Names of what has no price. */
  unpriced: string[];
}

export const mayGoOn = ({ status }: Verdict): boolean => status === "within" || status === "warning";

export function judge(estimate: Estimate, budget: Budget, alternatives: Alternative[] = []): Verdict {
  const over = estimate.monthly.minus(budget.monthly);
  const missing = unpriced(estimate).map(({ name }) => name);
  return {
    budget,
    status: statusOf(estimate, budget, missing.length),
    over,
    remedies: alternatives
      .filter((one): one is Remedy => one.monthly !== undefined)
      .filter(({ monthly }) => monthly.lte(budget.monthly) && monthly.lt(estimate.monthly))
      .toSorted((a, b) => b.monthly.cmp(a.monthly)),
    unpriced: missing,
  };
}

function statusOf({ monthly }: Estimate, budget: Budget, missing: number): Verdict["status"] {
  if (monthly.gt(budget.monthly)) return "over";
  if (missing > 0) return "unknown";
  return monthly.gte(budget.monthly.times(budget.warnAt).div(100)) ? "warning" : "within";
}

/** The verdict in words, for whoever has to act on it. */
export function verdictText(
  { status, over, budget, remedies, unpriced: missing }: Verdict,
  { monthly, currency }: Estimate,
): string {
  const amount = (value: Big) => money(value, currency);
  const limit = `the budget of ${amount(budget.monthly)} (atlas:monthlyBudget)`;
  if (status === "within") return `${amount(monthly)} a month is within ${limit}.`;
  if (status === "warning")
    return `${amount(monthly)} a month is ${percentOf(monthly, budget.monthly)} % of ${limit}; atlas:warnAt is ${budget.warnAt} %.`;
  if (status === "unknown")
    return `No price is known for ${missing.join(", ")}: whether it is within ${limit} cannot be said.`;
  const hints = remedies.map(
    ({ label, monthly: then, how, note }) =>
      `\n  ${label}: ${amount(then)} a month${note ? ` (${note})` : ""}${how ? `\n    ${how}` : ""}`,
  );
  return `${amount(monthly)} a month is ${amount(over)} above ${limit}.${
    hints.length > 0
      ? `\nWhat would bring it under:${hints.join("")}`
      : "\nNothing single brings it under: raise the budget, or ask for less."
  }`;
}

const percentOf = (part: Big, whole: Big): string =>
  whole.eq(0) ? "100" : part.times(100).div(whole).toFixed(0);
