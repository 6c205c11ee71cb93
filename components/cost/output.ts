// The stack output `cost`: the estimate as plain data, for people with `pulumi stack output` and for programs.
import type { Budget } from "./budget.ts";
import { type Estimate, unpriced } from "./estimate.ts";
import type { Footprint } from "./footprint.ts";

/** Amounts are exact decimals, a month's or an hour's, in `currency`. */
export interface CostOutput {
  /** Of all whose price is known; `unpriced` names the rest. */
  monthly: number;
  hourly: number;
  currency: string;
  breakdown: CostPart[];
  unpriced: string[];
  priceBookDate: string;
  budget?: { monthly: number; warnAt: number };
  /** On local Docker: what is reserved on this machine, and the same at DigitalOcean. */
  local?: {
    memoryMiB: number;
    logMiB: number;
    volumes: string[];
    onDroplet?: { size: string; volumeGiB: number; backups: string; monthly: number };
  };
}

export interface CostPart {
  type: string;
  name: string;
  /** null where the price is not known. */
  monthly: number | null;
}

export function costOutput(estimate: Estimate, budget?: Budget, footprint?: Footprint): CostOutput {
  return {
    monthly: estimate.monthly.toNumber(),
    hourly: estimate.hourly.toNumber(),
    currency: estimate.currency,
    breakdown: estimate.resources
      .filter(({ lines }) => lines.length > 0)
      .map(({ type, name, monthly, unknown }) => ({
        type,
        name,
        monthly: unknown ? null : monthly.toNumber(),
      })),
    unpriced: unpriced(estimate).map(({ name }) => name),
    priceBookDate: estimate.priceBookDate,
    ...(budget && { budget: { monthly: budget.monthly.toNumber(), warnAt: budget.warnAt } }),
    ...(footprint && { local: localOutput(footprint) }),
  };
}

function localOutput({ memoryMiB, logMiB, volumes, elsewhere }: Footprint): CostOutput["local"] {
  if (!elsewhere) return { memoryMiB, logMiB, volumes };
  const { size, volumeGiB, backups, estimate } = elsewhere;
  return {
    memoryMiB,
    logMiB,
    volumes,
    onDroplet: { size, volumeGiB, backups, monthly: estimate.monthly.toNumber() },
  };
}
