// Two estimates side by side: what is dearer, what is cheaper, to the cent. Pure.
import Big from "big.js";
import type { Estimate, Line, PricedResource } from "./estimate.ts";
import { keyOf } from "./resource.ts";

/** The same thing before and after; at least one side is there. */
export interface Pair<T> {
  before?: T;
  after?: T;
  /** As it will be, or as it was where it goes. */
  subject: T;
}

export interface Change extends Pair<PricedResource> {
  kind: "added" | "removed" | "changed" | "same";
  /** Of a month's baseline; undefined where a price of either side is not known. */
  difference: Big | undefined;
  lines: Pair<Line>[];
}

export interface Amounts {
  before: Big;
  after: Big;
  difference: Big;
}

export interface Comparison {
  /** What is removed comes first, then all in the order of the estimate. */
  changes: Change[];
  monthly: Amounts;
  hourly: Amounts;
  usage: Amounts;
}

/**
 * What differs between two estimates. Resources match by URN where both have one, otherwise by type and name;
 * their lines match by label.
 * @throws {Error} where the currencies differ
 */
export function compare(past: Estimate, now: Estimate): Comparison {
  if (past.currency !== now.currency)
    throw new Error(
      `cannot compare an estimate in ${past.currency} with one in ${now.currency}: price both with the same book`,
    );
  return {
    changes: pairResources(past.resources, now.resources).map(changeOf),
    monthly: amounts(past.monthly, now.monthly),
    hourly: amounts(past.hourly, now.hourly),
    usage: amounts(past.usage, now.usage),
  };
}

const amounts = (before: Big, after: Big): Amounts => ({ before, after, difference: after.minus(before) });

function changeOf({ before, after, subject }: Pair<PricedResource>): Change {
  const lines = pairLines(before?.lines ?? [], after?.lines ?? []);
  return {
    before,
    after,
    subject,
    kind: !before ? "added" : !after ? "removed" : lines.every(isSame) ? "same" : "changed",
    difference:
      before?.unknown || after?.unknown
        ? undefined
        : (after?.monthly ?? Big(0)).minus(before?.monthly ?? Big(0)),
    lines,
  };
}

const isSame = ({ before, after }: Pair<Line>): boolean =>
  before !== undefined &&
  after !== undefined &&
  (before.monthly === undefined || after.monthly === undefined
    ? before.monthly === after.monthly
    : before.monthly.eq(after.monthly));

function pairResources(past: PricedResource[], now: PricedResource[]): Pair<PricedResource>[] {
  const withoutUrn = ({ urn }: PricedResource) => urn === undefined;
  const partners = new Map<PricedResource, PricedResource>();
  match(partners, past, now, ({ urn }) => urn);
  match(partners, past.filter(withoutUrn), now, keyOf);
  match(partners, past, now.filter(withoutUrn), keyOf);
  return pairs(partners, past, now);
}

function pairLines(past: Line[], now: Line[]): Pair<Line>[] {
  const partners = new Map<Line, Line>();
  match(partners, past, now, ({ label, usageBased }) => `${usageBased} ${label}`);
  return pairs(partners, past, now);
}

/** Gives each of `now` that has no partner yet the first free one of `past` with the same key. */
function match<T>(partners: Map<T, T>, past: T[], now: T[], key: (item: T) => string | undefined): void {
  const taken = new Set(partners.values());
  const free = Map.groupBy(
    past.filter((item) => !taken.has(item)),
    key,
  );
  for (const item of now) {
    if (partners.has(item) || key(item) === undefined) continue;
    const partner = free.get(key(item))?.shift();
    if (partner) partners.set(item, partner);
  }
}

function pairs<T>(partners: Map<T, T>, past: T[], now: T[]): Pair<T>[] {
  const taken = new Set(partners.values());
  return [
    ...past.filter((before) => !taken.has(before)).map((before) => ({ before, subject: before })),
    ...now.map((after) => ({ before: partners.get(after), after, subject: after })),
  ];
}
