// Estimates by hand: reports are tested on figures, not on prices.
import Big from "big.js";
import type { Estimate, Line, PricedResource } from "../../../../components/cost/estimate.ts";
import { sum } from "../../../../components/cost/estimate.ts";

const droplets = {
  id: "S1",
  what: "droplet prices",
  url: "https://docs.example.com/droplets/pricing",
  seen: "2026-10-09",
};
const volumes = {
  id: "S2",
  what: "volume prices",
  url: "https://docs.example.com/volumes/pricing",
  seen: "2026-10-07",
};

/** A position of the baseline; hours are those of a month of 672. */
export function line(label: string, price: string | undefined, more: Partial<Line> = {}): Line {
  const known = price === undefined ? undefined : Big(price);
  const { quantity = Big(1) } = more;
  const monthly = known?.times(quantity);
  return {
    label,
    unit: "piece",
    quantity,
    price: known,
    monthly,
    hourly: monthly?.div(672),
    usageBased: false,
    source: known && (label.startsWith("Volume") ? volumes : droplets),
    ...more,
  };
}

/** Depends on use; without a quantity its amount is not known. */
export function usageLine(label: string, unit: string, price: string, quantity?: string): Line {
  const used = quantity === undefined ? undefined : Big(quantity);
  const monthly = used?.times(price);
  return { ...line(label, price), unit, quantity: used, monthly, hourly: undefined, usageBased: true };
}

export function priced(kind: string, name: string, lines: Line[] = [], urn?: string): PricedResource {
  const baseline = lines.filter(({ usageBased }) => !usageBased);
  const known = (amounts: (Big | undefined)[]) => sum(amounts.flatMap((amount) => amount ?? []));
  return {
    type: `digitalocean:index/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`,
    name,
    ...(urn !== undefined && { urn }),
    lines,
    monthly: known(baseline.map(({ monthly }) => monthly)),
    hourly: known(baseline.map(({ hourly }) => hourly)),
    usage: known(lines.filter(({ usageBased }) => usageBased).map(({ monthly }) => monthly)),
    unknown: baseline.some(({ monthly }) => monthly === undefined),
  };
}

export const estimated = (resources: PricedResource[], priceBookDate = "2026-10-09"): Estimate => ({
  currency: "USD",
  priceBookDate,
  resources,
  monthly: sum(resources.map(({ monthly }) => monthly)),
  hourly: sum(resources.map(({ hourly }) => hourly)),
  usage: sum(resources.map(({ usage }) => usage)),
});
