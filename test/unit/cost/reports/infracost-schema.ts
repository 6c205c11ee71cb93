// Infracost's output 0.2, as its schema/infracost.schema.json and its internal/output/output.go have it. Null stands
// where Go's pointers may be nil; further keys are an error, as in the schema.
import Big from "big.js";
import { z } from "zod";

const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .transform((text) => Big(text));
const figure = decimal.nullable();

const component = z.strictObject({
  name: z.string(),
  unit: z.string(),
  hourlyQuantity: figure,
  monthlyQuantity: figure,
  price: figure,
  hourlyCost: figure,
  monthlyCost: figure,
  usageBased: z.boolean().optional(),
  priceNotFound: z.boolean(),
});

const resource = z.strictObject({
  name: z.string().min(1),
  resourceType: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()),
  hourlyCost: figure.optional(),
  monthlyCost: figure.optional(),
  monthlyUsageCost: figure.optional(),
  costComponents: z.array(component).optional(),
});

const breakdown = z.strictObject({
  resources: z.array(resource),
  freeResources: z.array(resource).optional(),
  totalHourlyCost: figure,
  totalMonthlyCost: figure,
  totalMonthlyUsageCost: figure,
});

const counts = z.record(z.string(), z.int());
const summary = z.strictObject({
  totalDetectedResources: z.int(),
  totalSupportedResources: z.int(),
  totalUnsupportedResources: z.int(),
  totalUsageBasedResources: z.int(),
  totalNoPriceResources: z.int(),
  unsupportedResourceCounts: counts,
  noPriceResourceCounts: counts,
});

export const infracostSchema = z.strictObject({
  version: z.literal("0.2"),
  metadata: z.strictObject({
    infracostCommand: z.string(),
    vcsBranch: z.string(),
    vcsCommitSha: z.string(),
    vcsCommitAuthorName: z.string(),
    vcsCommitAuthorEmail: z.string(),
    vcsCommitTimestamp: z.iso.datetime(),
    vcsCommitMessage: z.string(),
  }),
  currency: z.string().length(3),
  projects: z.array(
    z.strictObject({
      name: z.string(),
      displayName: z.string(),
      metadata: z.strictObject({ path: z.string(), type: z.string() }),
      pastBreakdown: breakdown.nullable(),
      breakdown,
      diff: breakdown.nullable(),
      summary,
    }),
  ),
  totalHourlyCost: figure,
  totalMonthlyCost: figure,
  totalMonthlyUsageCost: figure,
  pastTotalHourlyCost: figure,
  pastTotalMonthlyCost: figure,
  pastTotalMonthlyUsageCost: figure,
  diffTotalHourlyCost: figure,
  diffTotalMonthlyCost: figure,
  diffTotalMonthlyUsageCost: figure,
  timeGenerated: z.iso.datetime(),
  summary,
});

export type Breakdown = z.output<typeof breakdown>;
