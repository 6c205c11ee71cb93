// What stands in a report, in words and figures: the formats differ in layout only. No text here is escaped.
import type Big from "big.js";
import { type Verdict, verdictText } from "../budget.ts";
import { type Amounts, type Change, type Comparison, compare } from "../compare.ts";
import { type Estimate, type PricedResource, unpriced } from "../estimate.ts";
import type { Footprint } from "../footprint.ts";
import { change, money } from "../money.ts";
import {
  called,
  cells,
  columns,
  counted,
  isBaseline,
  labelOf,
  lineRow,
  notKnown,
  plain,
  type Row,
  rate,
  resourceRow,
  row,
  type Sheet,
  typeName,
  type View,
} from "./cells.ts";
import type { Report } from "./report.ts";

export interface Content {
  name: string;
  headline: string;
  /** Each resource that costs something, with its lines. */
  breakdown: Sheet;
  /** Under the breakdown's columns: a month, and an hour. */
  totals: [Row, Row];
  /** What costs something else than before, the greatest difference first; none without a comparison. */
  changes: Sheet | undefined;
  free: string | undefined;
  /** Resources whose price is not known, each with the reason. */
  unknown: string[];
  usage: Sheet | undefined;
  verdict: { judgement: string; advice: string | undefined; remedies: string[] } | undefined;
  whatIf: Sheet | undefined;
  /** Term and value. */
  footprint: [string, string][];
  warnings: string[];
  prices: string;
  /** Where the prices were read, and when. */
  sources: { url: string; seen: string }[];
}

/** @throws {Error} where the estimates that it compares are in different currencies */
export function contentOf(report: Report): Content {
  const { estimate, past, footprint, verdict, warnings = [] } = report;
  const view = { currency: estimate.currency, compared: past !== undefined };
  // Without a past, all is new: the columns that would say so are left out.
  const comparison = compare(past?.estimate ?? { ...estimate, resources: [] }, estimate);
  return {
    name: plain(report.name),
    headline: headline(report, comparison),
    breakdown: breakdown(comparison, view),
    totals: totals(report, comparison, view),
    changes: past && changes(comparison, view),
    free: free(estimate),
    unknown: unpriced(estimate).map(whyUnknown),
    usage: usage(comparison, view),
    verdict: verdict && judged(verdict, estimate),
    whatIf: whatIf(report),
    footprint: footprint ? footprintFacts(footprint) : [],
    warnings: warnings.map(plain),
    prices: pricesOf(report),
    sources: sourcesOf(estimate),
  };
}

function headline({ estimate, past, footprint }: Report, { monthly }: Comparison): string {
  const { currency } = estimate;
  const after = money(monthly.after, currency);
  const but = missing(estimate, past?.estimate);
  if (!past)
    return `Monthly estimate is ${after}${footprint ? ": all of it runs on this machine" : ""}${but}.`;
  if (monthly.difference.eq(0)) return `Monthly estimate is unchanged at ${after}${but}.`;
  const verb = monthly.difference.gt(0) ? "increases" : "decreases";
  const by = rate(monthly.difference.abs(), currency);
  return `Monthly estimate ${verb} by ${by} (from ${money(monthly.before, currency)} to ${after})${but}.`;
}

/** A figure that is too low says so in the same sentence. */
function missing(estimate: Estimate, past: Estimate | undefined): string {
  const now = unpriced(estimate).length;
  if (now > 0) return `, without what has no known price (${counted(now, "resource")})`;
  return past && unpriced(past).length > 0 ? ", without what had no known price before" : "";
}

function breakdown({ changes }: Comparison, view: View): Sheet {
  const rows = changes
    .filter(({ lines }) => lines.some(isBaseline))
    .flatMap((one) => [
      resourceRow(one, view),
      ...one.lines.filter(isBaseline).map((line) => lineRow(line, view)),
    ]);
  return { columns: columns(view), rows };
}

function totals({ estimate, past }: Report, { monthly, hourly }: Comparison, view: View): [Row, Row] {
  const least = (one: Estimate | undefined) => (one && unpriced(one).length > 0 ? "at least " : "");
  const before = least(past?.estimate);
  const after = least(estimate);
  const amounts = (amounts: Amounts, text: (amount: Big, currency: string) => string) => {
    const difference = `${amounts.difference.gt(0) ? "+" : ""}${text(amounts.difference, view.currency)}`;
    return cells(
      view,
      before + text(amounts.before, view.currency),
      after + text(amounts.after, view.currency),
      before || after ? notKnown : difference,
    );
  };
  return [row("Total a month", amounts(monthly, money)), row("Total an hour", amounts(hourly, rate))];
}

function changes({ changes }: Comparison, view: View): Sheet {
  const rows = changes
    .filter(({ kind, lines }) => kind !== "same" && lines.some(isBaseline))
    .toSorted(greatestFirst)
    .map((one) => resourceRow(one, view));
  return { columns: columns(view), rows };
}

/** What nobody knows comes first: it may be the greatest. */
function greatestFirst({ difference: a }: Change, { difference: b }: Change): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return b.abs().cmp(a.abs());
}

function usage({ changes, usage: total }: Comparison, view: View): Sheet | undefined {
  const rows = changes.flatMap(({ subject, lines }) =>
    lines
      .filter((line) => !isBaseline(line))
      .map((line) => ({
        ...lineRow(line, view),
        label: `${called(subject)}: ${labelOf(line.subject, view)}`,
        part: false,
      })),
  );
  if (rows.length === 0) return undefined;
  const amount = (value: Big) => money(value, view.currency);
  const sums = cells(
    view,
    amount(total.before),
    amount(total.after),
    change(total.difference, view.currency),
  );
  return { columns: columns(view), rows: [...rows, row("Usage a month", sums)] };
}

/** Over budget, the text has a line of advice; its further lines are here apart. */
function judged(verdict: Verdict, estimate: Estimate): Content["verdict"] {
  const text = verdictText(verdict, estimate);
  if (verdict.status !== "over") return { judgement: plain(text), advice: undefined, remedies: [] };
  const [judgement = "", advice = ""] = text.split("\n");
  const remedies = verdict.remedies.map(({ label, monthly, how }) => {
    const bill = monthly ? `${money(monthly, estimate.currency)} a month` : notKnown;
    return plain(`${label}: ${bill}${how === undefined ? "" : `: ${how}`}`);
  });
  return { judgement: plain(judgement), advice: plain(advice), remedies };
}

function whatIf({ alternatives, estimate: { monthly: now, currency } }: Report): Sheet | undefined {
  if (alternatives.length === 0) return undefined;
  return {
    columns: ["Monthly", "Difference"],
    rows: alternatives.map(({ label, monthly, note, how }) => ({
      label: plain(label),
      amounts: monthly
        ? [money(monthly, currency), change(monthly.minus(now), currency)]
        : [notKnown, notKnown],
      notes: [note, how].filter((text) => text !== undefined).map(plain),
      part: false,
    })),
  };
}

/** By type, since a plan may have hundreds. */
function free({ resources }: Estimate): string | undefined {
  const without = resources.filter(({ lines }) => lines.length === 0);
  if (without.length === 0) return undefined;
  const types = [...Map.groupBy(without, ({ type }) => typeName(type))];
  const names = types.map(([type, { length }]) => (length > 1 ? `${type} (${length})` : type));
  return `${counted(without.length, "resource")} without charge: ${names.join(", ")}`;
}

function whyUnknown(resource: PricedResource): string {
  const reasons = resource.lines
    .filter(({ usageBased, monthly }) => !usageBased && monthly === undefined)
    .map(({ label, note }) => plain(note === undefined ? label : `${label}, ${note}`));
  return `${called(resource)}: ${reasons.join("; ")}`;
}

function footprintFacts({ memoryMiB, logMiB, volumes, elsewhere }: Footprint): [string, string][] {
  return [
    ["Memory reserved", `${memoryMiB} MiB`],
    ["Logs at most", `${logMiB} MiB`],
    ["Volumes", volumes.length > 0 ? `${volumes.map(plain).join(", ")} (Docker sets them no limit)` : "none"],
    [
      "The same at DigitalOcean",
      elsewhere ? elsewhereText(elsewhere) : "no droplet of the price book is large enough",
    ],
  ];
}

function elsewhereText(there: NonNullable<Footprint["elsewhere"]>): string {
  const { size, volumeGiB, backups, estimate } = there;
  const least = unpriced(estimate).length > 0 ? "at least " : "";
  return (
    `${least}${money(estimate.monthly, estimate.currency)} a month on ${plain(size)}, ` +
    `the cheapest droplet that holds it, with a volume of ${volumeGiB} GiB and ${backups === "off" ? "no" : plain(backups)} backups`
  );
}

function pricesOf({ estimate: { priceBookDate, currency }, past }: Report): string {
  const now = `List prices of ${priceBookDate} in ${currency}, before tax.`;
  if (!past) return now;
  const other = past.estimate.priceBookDate;
  return `${now} "Before" is ${plain(past.name)}${other === priceBookDate ? "" : `, at prices of ${other}`}.`;
}

function sourcesOf({ resources }: Estimate): Content["sources"] {
  const sources = resources.flatMap(({ lines }) => lines.flatMap(({ source }) => source ?? []));
  const byPlace = Map.groupBy(sources, ({ url }) => plain(url));
  return [...byPlace.keys()].toSorted().map((url) => ({
    url,
    seen: [...new Set(byPlace.get(url)?.map(({ seen }) => plain(seen)))].toSorted().join(", "),
  }));
}
