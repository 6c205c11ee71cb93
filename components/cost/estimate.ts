// The estimate: resources and a price book in, every figure with its source out. Pure.
import Big from "big.js";
import type { PriceBook, PriceSource } from "./price-book.ts";
import { linesFor } from "./pricing/rules.ts";
import type { PlannedResource } from "./resource.ts";
import type { Usage } from "./usage.ts";

/** One position of a resource's bill. Money is in the book's currency, exact. */
export interface Line {
  /** What is paid for, such as "Droplet s-2vcpu-4gb" or "Backups, weekly". */
  label: string;
  /** What is counted, such as "droplet", "GiB" or "node". */
  unit: string;
  /** How many of them; undefined where only the usage file could tell, and does not. */
  quantity: Big | undefined;
  /** For one unit and a month; undefined where it is not known. */
  price: Big | undefined;
  /** Undefined where quantity or price is. */
  monthly: Big | undefined;
  /** What an hour costs before the monthly cap is reached; undefined like `monthly`. */
  hourly: Big | undefined;
  /** Depends on use that no plan knows: apart from the baseline. */
  usageBased: boolean;
  /** Where the price was read, and when; undefined where there is none. */
  source: PriceSource | undefined;
  /** What was assumed, or why the price is not known. */
  note?: string;
  /** The book's minimum is charged for it as soon as it is there (`forHours`). */
  hasMinimum?: true;
  /** Its hours are paid without a bound; `monthly` is the longest month (`forHours`). */
  uncapped?: true;
}

export interface PricedResource {
  type: string;
  name: string;
  urn?: string;
  /** Empty where DigitalOcean bills nothing for it. */
  lines: Line[];
  /** Of the baseline, without usage; what is unknown is not in it. */
  monthly: Big;
  hourly: Big;
  /** What the usage file adds. */
  usage: Big;
  /** A price of the baseline is not known: the sums are too low. */
  unknown: boolean;
}

export interface Estimate {
  currency: string;
  /** ISO date on which the prices held. */
  priceBookDate: string;
  /** By type and name. */
  resources: PricedResource[];
  monthly: Big;
  hourly: Big;
  usage: Big;
}

/**
 * What the resources cost.
 * @param usage what a plan cannot know, by resource name (docs/cost.md)
 */
export function estimate(resources: PlannedResource[], book: PriceBook, usage: Usage = {}): Estimate {
  const priced = linesFor(resources, book, usage).map(([resource, lines]) => totalled(resource, lines));
  priced.sort(
    (a, b) =>
      compareText(a.type, b.type) || compareText(a.name, b.name) || compareText(a.urn ?? "", b.urn ?? ""),
  );
  return {
    currency: book.currency,
    priceBookDate: book.asOf,
    resources: priced,
    monthly: sum(priced.map(({ monthly }) => monthly)),
    hourly: sum(priced.map(({ hourly }) => hourly)),
    usage: sum(priced.map(({ usage }) => usage)),
  };
}

/** What was priced not at all, or in part only. */
export const unpriced = ({ resources }: Estimate): PricedResource[] =>
  resources.filter(({ unknown }) => unknown);

export const sum = (amounts: Big[]): Big => amounts.reduce((total, amount) => total.plus(amount), zero);

const zero = Big(0);

function totalled({ type, name, urn }: PlannedResource, lines: Line[]): PricedResource {
  const baseline = lines.filter(({ usageBased }) => !usageBased);
  return {
    type,
    name,
    ...(urn !== undefined && { urn }),
    lines,
    monthly: sum(baseline.map(({ monthly }) => monthly ?? zero)),
    hourly: sum(baseline.map(({ hourly }) => hourly ?? zero)),
    usage: sum(lines.filter(({ usageBased }) => usageBased).map(({ monthly }) => monthly ?? zero)),
    unknown: baseline.some(({ monthly }) => monthly === undefined),
  };
}

/** Not by the reader's language: reports are the same everywhere. */
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
