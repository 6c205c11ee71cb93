// May it go on? What was found about a stack, and the reasons why not.
import { mayGoOn } from "../../../components/cost/budget.ts";
import type { Plan } from "../../../components/cost/plan.ts";
import { counted } from "../../../components/cost/reports/cells.ts";
import type { Report } from "../../../components/cost/reports/report.ts";
import type { Violation } from "../../../components/policies.ts";
import { irreplaceable, summarise } from "./plan-summary.ts";

export interface Finding {
  stack: string;
  /** People depend on it. */
  production: boolean;
  /** Undefined where neither the preview nor the program alone came to a plan. */
  seen: { plan: Plan; cost: Report; violations: Violation[] } | undefined;
  /** The message of what was run and failed. */
  failure?: string | undefined;
  /** What could not be looked at, in sentences. */
  unseen: string[];
}

/** Why the plan must not be carried out; empty where it may. */
export function objections({ failure, seen, production }: Finding): string[] {
  const failed = failure === undefined ? [] : ["the preview failed"];
  if (!seen) return failed.length > 0 ? failed : ["there is no plan"];
  const { verdict } = seen.cost;
  const lost = production ? irreplaceable(summarise(seen.plan).dangers) : [];
  return [
    ...failed,
    ...(verdict && !mayGoOn(verdict) ? [overBudget(verdict.status)] : []),
    ...(seen.violations.length > 0 ? [counted(seen.violations.length, "policy violation")] : []),
    ...(lost.length > 0 ? [`data of ${counted(lost.length, "production resource")} would be lost`] : []),
  ];
}

const overBudget = (status: string): string =>
  status === "over"
    ? "it is over budget"
    : "a price is not known, so nobody can say that it is within the budget";
