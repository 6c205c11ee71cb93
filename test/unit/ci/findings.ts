// Findings to report, in short forms.
import Big from "big.js";
import type { Operation, Step } from "../../../components/cost/plan.ts";
import type { Report } from "../../../components/cost/reports/report.ts";
import { violations } from "../../../components/policies.ts";
import type { Finding } from "../../../scripts/lib/ci/verdict.ts";
import { planned } from "../policies/planned.ts";

const typeOf = (kind: string) =>
  kind.includes(":") ? kind : `digitalocean:index/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`;

export const step = (
  operation: Operation,
  kind: string,
  name: string,
  { changes = [], kept = false }: Partial<Step> = {},
): Step => ({
  operation,
  type: typeOf(kind),
  name,
  urn: `urn:pulumi:prod::atlas::${typeOf(kind)}::${name}`,
  changes,
  kept,
});

export const steps = (count: number, operation: Operation, kind: string, name: string): Step[] =>
  Array.from({ length: count }, (_, index) => step(operation, kind, `${name}-${index}`));

const estimate = (monthly: string) => ({
  currency: "USD",
  priceBookDate: "2026-11-21",
  resources: [],
  monthly: Big(monthly),
  hourly: Big("0"),
  usage: Big("0"),
});

export const costOf = (monthly: string, budget?: string): Report => ({
  name: "prod",
  estimate: estimate(monthly),
  alternatives: [],
  ...(budget && {
    verdict: {
      budget: { monthly: Big(budget), warnAt: 80 },
      status: Big(monthly).gt(budget) ? "over" : "within",
      over: Big(monthly).minus(budget),
      remedies: [],
      unpriced: [],
    },
  }),
});

export const finding = (
  planSteps: Step[],
  { cost = costOf("30.80", "40"), ...others }: Partial<Finding> & { cost?: Report } = {},
): Finding => ({
  stack: "prod",
  production: true,
  seen: { plan: { before: [], after: [], steps: planSteps }, cost, violations: [] },
  unseen: [],
  ...others,
});

/** Of a droplet whose ssh anybody may use, and whose volume anybody may delete. */
export const twoViolations = violations(
  [
    planned("Firewall", "atlas-firewall", {
      inboundRules: [{ protocol: "tcp", portRange: "22", sourceAddresses: ["0.0.0.0/0"] }],
    }),
    planned("Volume", "atlas-data"),
  ],
  { production: true },
);
