// Reads a report in the shape of Infracost's output again: this project's own, or one that Infracost wrote.
import Big from "big.js";
import { z } from "zod";
import { type Estimate, type Line, type PricedResource, sum } from "../estimate.ts";
import { keyOf } from "../resource.ts";

/** Among the free resources of this project's reports: what local Docker takes instead of money. */
export const footprintType = "local:footprint";

const amount = z
  .string()
  .regex(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/, "must be a decimal in quotes")
  .transform((text) => Big(text))
  .nullish()
  .transform((big) => big ?? undefined);

const readComponent = z.object({
  name: z.string(),
  unit: z.string(),
  monthlyQuantity: amount,
  price: amount,
  hourlyCost: amount,
  monthlyCost: amount,
  usageBased: z.boolean().default(false),
  priceNotFound: z.boolean().default(false),
});

const readResource = z.object({
  name: z.string(),
  resourceType: z.string().default(""),
  metadata: z.object({ urn: z.string().optional() }).default({}),
  hourlyCost: amount,
  monthlyCost: amount,
  monthlyUsageCost: amount,
  costComponents: z.array(readComponent).default([]),
  get subresources() {
    return z.array(readResource).default([]);
  },
});

type ReadResource = z.output<typeof readResource>;

const readReport = z.object({
  version: z.literal("0.2", "must be 0.2"),
  currency: z.string(),
  timeGenerated: z.iso.datetime({ offset: true }),
  projects: z.array(
    z.object({
      breakdown: z.object({
        resources: z.array(readResource),
        freeResources: z.array(readResource).default([]),
      }),
    }),
  ),
});

/**
 * The estimate in a report that was written earlier, for a comparison; also in one of Infracost's own.
 * @throws {Error} with all that is wrong where it is no such report
 */
export function fromInfracost(json: unknown): Estimate {
  const { data, error } = readReport.safeParse(json);
  if (error)
    throw new Error(`not a report in the shape of Infracost's output 0.2:\n${z.prettifyError(error)}`);
  const resources = data.projects
    .flatMap(({ breakdown }) => [...breakdown.resources, ...breakdown.freeResources])
    .filter(({ resourceType }) => resourceType !== footprintType)
    .map(pricedOf);
  return {
    currency: data.currency,
    priceBookDate: data.timeGenerated.slice(0, 10),
    resources,
    monthly: sum(resources.map(({ monthly }) => monthly)),
    hourly: sum(resources.map(({ hourly }) => hourly)),
    usage: sum(resources.map(({ usage }) => usage)),
  };
}

function pricedOf(resource: ReadResource): PricedResource {
  const {
    name,
    resourceType: type,
    metadata,
    hourlyCost,
    monthlyCost,
    monthlyUsageCost: usage = Big(0),
  } = resource;
  const lines = linesOf(resource);
  const ours = keyOf({ type, name: "" });
  return {
    type,
    name: name.startsWith(ours) ? name.slice(ours.length) : name,
    ...(metadata.urn !== undefined && { urn: metadata.urn }),
    lines,
    monthly: (monthlyCost ?? usage).minus(usage),
    hourly: hourlyCost ?? Big(0),
    usage,
    unknown: lines.some(({ usageBased, monthly }) => !usageBased && monthly === undefined),
  };
}

const linesOf = ({ costComponents, subresources }: ReadResource): Line[] => [
  ...costComponents.map(
    ({ name, unit, monthlyQuantity, price, hourlyCost, monthlyCost, usageBased, priceNotFound }) => ({
      label: name,
      unit,
      quantity: monthlyQuantity,
      // Infracost itself puts 0 where it knows no price.
      price: priceNotFound ? undefined : price,
      monthly: priceNotFound ? undefined : monthlyCost,
      hourly: priceNotFound ? undefined : hourlyCost,
      usageBased,
      source: undefined,
    }),
  ),
  ...subresources.flatMap(linesOf),
];
