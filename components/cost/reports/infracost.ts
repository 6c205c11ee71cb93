// The report as JSON in the shape of Infracost's output, version 0.2, so that its readers take it.
// Source of the shape: github.com/infracost/infracost, internal/output/output.go and schema/infracost.schema.json.
import Big from "big.js";
import { type Change, type Comparison, compare, type Pair } from "../compare.ts";
import type { Estimate, Line, PricedResource } from "../estimate.ts";
import { keyOf } from "../resource.ts";
import { footprintType } from "./infracost-reader.ts";
import type { Report } from "./report.ts";

export { fromInfracost } from "./infracost-reader.ts";

/**
 * @returns plain data for JSON: decimals as strings, null where a figure is not known
 * @throws {Error} where the estimates that it compares are in different currencies
 */
export function infracostReport({ name, estimate, past, footprint }: Report) {
  const breakdown = breakdownOf(estimate);
  if (footprint) breakdown.freeResources.push(footprintOf(footprint));
  const pastBreakdown = past ? breakdownOf(past.estimate) : null;
  const diff = past ? diffOf(compare(past.estimate, estimate)) : null;
  const summary = summaryOf(estimate);
  return {
    version: "0.2",
    metadata: {
      infracostCommand: past ? "diff" : "breakdown",
      // Where the checkout stands is not the estimate's to know; these are Infracost's values outside of one.
      vcsBranch: "",
      vcsCommitSha: "",
      vcsCommitAuthorName: "",
      vcsCommitAuthorEmail: "",
      vcsCommitTimestamp: "0001-01-01T00:00:00Z",
      vcsCommitMessage: "",
    },
    currency: estimate.currency,
    projects: [
      {
        name,
        displayName: name,
        metadata: { path: name, type: "pulumi" },
        pastBreakdown,
        breakdown,
        diff,
        summary,
      },
    ],
    totalHourlyCost: breakdown.totalHourlyCost,
    totalMonthlyCost: breakdown.totalMonthlyCost,
    totalMonthlyUsageCost: breakdown.totalMonthlyUsageCost,
    pastTotalHourlyCost: pastBreakdown?.totalHourlyCost ?? null,
    pastTotalMonthlyCost: pastBreakdown?.totalMonthlyCost ?? null,
    pastTotalMonthlyUsageCost: pastBreakdown?.totalMonthlyUsageCost ?? null,
    diffTotalHourlyCost: diff?.totalHourlyCost ?? null,
    diffTotalMonthlyCost: diff?.totalMonthlyCost ?? null,
    diffTotalMonthlyUsageCost: diff?.totalMonthlyUsageCost ?? null,
    // Not the clock: the same input gives the same bytes, and what counts is the day on which the prices held.
    timeGenerated: `${estimate.priceBookDate}T00:00:00Z`,
    summary,
  };
}

interface Costs {
  hourly: Big;
  monthly: Big;
  usage: Big;
}

/**
 * Infracost's monthly cost holds the usage, and says how much of it that is. Hourly is DigitalOcean's own figure, the
 * baseline's: a month is at most 672 such hours, where Infracost counts 730.
 */
const totals = ({ hourly, monthly, usage }: Costs) => ({
  totalHourlyCost: decimal(hourly),
  totalMonthlyCost: decimal(monthly.plus(usage)),
  totalMonthlyUsageCost: decimal(usage),
});

function breakdownOf(estimate: Estimate) {
  const isFree = ({ lines }: PricedResource) => lines.length === 0;
  return {
    resources: estimate.resources.filter((resource) => !isFree(resource)).map(resourceOf),
    freeResources: estimate.resources.filter(isFree).map(resourceOf),
    ...totals(estimate),
  };
}

type Resource = ReturnType<typeof resource>;

function resourceOf(priced: PricedResource): Resource {
  const { hourly, monthly, usage, lines, urn } = priced;
  // Where the figures come from, for which the components have no room.
  const prices = lines.map(({ label, source, note }) => ({
    name: label,
    source: source?.url ?? null,
    seen: source?.seen ?? null,
    note: note ?? null,
  }));
  return resource(
    priced,
    { ...(urn !== undefined && { urn }), prices },
    isPriced(priced) ? { hourly, monthly, usage } : undefined,
    lines.map(componentOf),
  );
}

function resource(
  { type, name }: PricedResource,
  metadata: Record<string, unknown>,
  costs: Costs | undefined,
  costComponents: Component[],
) {
  return {
    // Pulumi's names are unique for each type only, and readers tell resources apart by this name.
    name: keyOf({ type, name }),
    resourceType: type,
    metadata,
    hourlyCost: decimal(costs?.hourly),
    monthlyCost: decimal(costs?.monthly.plus(costs.usage)),
    monthlyUsageCost: decimal(costs?.usage),
    costComponents,
  };
}

/** A resource that has lines, but no price for any, is not one of 0. */
const isPriced = ({ lines }: PricedResource): boolean =>
  lines.length === 0 || lines.some(({ monthly, usageBased }) => usageBased || monthly !== undefined);

type Component = ReturnType<typeof componentOf>;

const componentOf = ({ label, unit, quantity, price, hourly, monthly, usageBased }: Line) => ({
  name: label,
  unit,
  // The price is that of a month, which is no number of hours.
  hourlyQuantity: null,
  monthlyQuantity: decimal(quantity),
  price: decimal(price),
  hourlyCost: decimal(hourly),
  monthlyCost: decimal(monthly),
  usageBased,
  priceNotFound: price === undefined,
});

const decimal = (amount: Big | undefined): string | null => amount?.toFixed() ?? null;

// The difference

function diffOf({ changes, hourly, monthly, usage }: Comparison) {
  return {
    resources: changes.filter(({ kind }) => kind !== "same").map(resourceDiff),
    ...totals({ hourly: hourly.difference, monthly: monthly.difference, usage: usage.difference }),
  };
}

function resourceDiff({ before, after, subject, kind, difference, lines }: Change): Resource {
  const costs = difference && {
    hourly: minus(after?.hourly, before?.hourly),
    monthly: difference,
    usage: minus(after?.usage, before?.usage),
  };
  return resource(subject, { change: kind }, costs, lines.map(componentDiff));
}

/** What is not there counts as 0; what has no figure on a side where it is there makes the difference unknown. */
function componentDiff({ before, after, subject }: Pair<Line>): Component {
  const difference = (figure: "quantity" | "price" | "hourly" | "monthly") =>
    [before, after].some((line) => line && line[figure] === undefined)
      ? undefined
      : minus(after?.[figure], before?.[figure]);
  return componentOf({
    ...subject,
    quantity: difference("quantity"),
    price: difference("price"),
    hourly: difference("hourly"),
    monthly: difference("monthly"),
  });
}

const minus = (after = Big(0), before = Big(0)): Big => after.minus(before);

function footprintOf({ memoryMiB, logMiB, volumes, elsewhere }: NonNullable<Report["footprint"]>): Resource {
  const { estimate: there, ...droplet } = elsewhere ?? { estimate: undefined };
  const metadata = {
    memoryMiB,
    logMiB,
    volumes,
    elsewhere: there ? { ...droplet, monthlyCost: decimal(there.monthly) } : null,
  };
  const nothing = { hourly: Big(0), monthly: Big(0), usage: Big(0) };
  return resource(
    { type: footprintType, name: "this machine", lines: [], unknown: false, ...nothing },
    metadata,
    nothing,
    [],
  );
}

/** "No price" is Infracost's word for free; what no line has a price for, it calls unsupported. */
function summaryOf({ resources }: Estimate) {
  const free = resources.filter(({ lines }) => lines.length === 0);
  const unsupported = resources.filter((one) => !isPriced(one));
  return {
    totalDetectedResources: resources.length,
    totalSupportedResources: resources.length - free.length - unsupported.length,
    totalUnsupportedResources: unsupported.length,
    totalUsageBasedResources: resources.filter(({ lines }) => lines.some(({ usageBased }) => usageBased))
      .length,
    totalNoPriceResources: free.length,
    unsupportedResourceCounts: countsOf(unsupported),
    noPriceResourceCounts: countsOf(free),
  };
}

const countsOf = (resources: PricedResource[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(resources, ({ type }) => type)].map(([type, { length }]) => [type, length]),
  );
