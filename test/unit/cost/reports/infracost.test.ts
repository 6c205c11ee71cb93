import type Big from "big.js";
import { describe, expect, test } from "vitest";
import { compare } from "../../../../components/cost/compare.ts";
import { type Estimate, sum } from "../../../../components/cost/estimate.ts";
import { fromInfracost, infracostReport } from "../../../../components/cost/reports/infracost.ts";
import type { Report } from "../../../../components/cost/reports/report.ts";
import { estimated, line, priced, usageLine } from "./estimates.ts";
import { type Breakdown, infracostSchema } from "./infracost-schema.ts";
import { scenarios } from "./scenarios.ts";

const written = (report: Report): unknown => JSON.parse(JSON.stringify(infracostReport(report)));
const reportOf = (estimate: Estimate, past?: Estimate): Report => ({
  name: "prod",
  estimate,
  alternatives: [],
  ...(past && { past: { name: "main", estimate: past } }),
});

const addUp = (figures: (Big | null | undefined)[]) =>
  sum(figures.flatMap((figure) => figure ?? [])).toFixed();

function expectSums({ resources, freeResources = [], ...totals }: Breakdown) {
  const all = [...resources, ...freeResources];
  expect(addUp(all.map(({ monthlyCost }) => monthlyCost))).toBe(totals.totalMonthlyCost?.toFixed());
  expect(addUp(all.map(({ monthlyUsageCost }) => monthlyUsageCost))).toBe(
    totals.totalMonthlyUsageCost?.toFixed(),
  );
  expect(addUp(all.map(({ hourlyCost }) => hourlyCost))).toBe(totals.totalHourlyCost?.toFixed());
  for (const { costComponents = [], monthlyCost } of all) {
    expect(addUp(costComponents.map((component) => component.monthlyCost))).toBe(addUp([monthlyCost]));
    for (const { monthlyQuantity, price, monthlyCost: cost } of costComponents)
      if (monthlyQuantity && price) expect(monthlyQuantity.times(price).toFixed()).toBe(cost?.toFixed());
  }
}

test.each(Object.entries(scenarios))("%s has the shape, and its sums match", (_, report) => {
  const { projects, ...root } = infracostSchema.parse(written(report));
  const [project] = projects;
  if (!project) throw new Error("no project");
  expectSums(project.breakdown);
  if (project.pastBreakdown) expectSums(project.pastBreakdown);
  expect(root.totalMonthlyCost).toEqual(project.breakdown.totalMonthlyCost);
  expect(root.totalMonthlyCost).toEqual(report.estimate.monthly.plus(report.estimate.usage));
  expect(root.totalMonthlyUsageCost).toEqual(report.estimate.usage);
  expect(root.timeGenerated).toBe("2026-10-09T00:00:00Z");
});

test("the difference holds what differs, and its sums match", () => {
  const past = estimated([
    priced("Droplet", "a", [line("Droplet", "24")]),
    priced("Volume", "b", [line("Volume", "2")]),
  ]);
  const now = estimated([
    priced("Droplet", "a", [line("Droplet", "48"), usageLine("Transfer", "GiB", "0.01", "50")]),
    priced("Volume", "b", [line("Volume", "2")]),
  ]);
  const { projects, diffTotalMonthlyCost, pastTotalMonthlyCost } = infracostSchema.parse(
    written(reportOf(now, past)),
  );
  const diff = projects[0]?.diff;
  expect(diff?.resources).toHaveLength(1);
  expect(diff?.resources[0]).toMatchObject({
    metadata: { change: "changed" },
    costComponents: [{ name: "Droplet" }, { name: "Transfer" }],
  });
  expect(addUp(diff?.resources.map(({ monthlyCost }) => monthlyCost) ?? [])).toBe("24.5");
  expect(
    addUp(
      diff?.resources.flatMap(({ costComponents = [] }) =>
        costComponents.map(({ monthlyCost }) => monthlyCost),
      ) ?? [],
    ),
  ).toBe("24.5");
  expect([diffTotalMonthlyCost?.toFixed(), pastTotalMonthlyCost?.toFixed()]).toEqual(["24.5", "26"]);
});

test("without a past there is none, rather than one of 0", () => {
  expect(written(reportOf(estimated([])))).toMatchObject({
    pastTotalMonthlyCost: null,
    diffTotalMonthlyCost: null,
    projects: [{ pastBreakdown: null, diff: null }],
  });
});

test("what has no known price is null and said so, never 0; what is free counts as having no price", () => {
  const resources = [
    priced("App", "unknown", [line("App", undefined)]),
    priced("Droplet", "partly", [line("Droplet", undefined), line("Backups", "4.80")]),
    priced("Droplet", "used", [line("Droplet", "6"), usageLine("Transfer", "GiB", "0.01")]),
    priced("Tag", "free"),
  ];
  const { projects, summary } = infracostSchema.parse(written(reportOf(estimated(resources))));
  expect(projects[0]?.breakdown.resources).toMatchObject([
    {
      monthlyCost: null,
      costComponents: [{ price: null, monthlyCost: null, hourlyCost: null, priceNotFound: true }],
    },
    { costComponents: [{ priceNotFound: true }, { priceNotFound: false }] },
    {
      costComponents: [
        {},
        { usageBased: true, monthlyQuantity: null, monthlyCost: null, priceNotFound: false },
      ],
    },
  ]);
  expect(summary).toEqual({
    totalDetectedResources: 4,
    totalSupportedResources: 2,
    totalUnsupportedResources: 1,
    totalUsageBasedResources: 1,
    totalNoPriceResources: 1,
    unsupportedResourceCounts: { "digitalocean:index/app:App": 1 },
    noPriceResourceCounts: { "digitalocean:index/tag:Tag": 1 },
  });
});

test("local Docker's footprint stands among what is free", () => {
  const { local } = scenarios;
  expect(local && written(local)).toMatchObject({
    totalMonthlyCost: "0",
    projects: [
      {
        breakdown: {
          freeResources: expect.arrayContaining([
            expect.objectContaining({
              name: "local:footprint::this machine",
              metadata: {
                memoryMiB: 2304,
                logMiB: 150,
                volumes: ["atlas-postgres", "atlas-storage"],
                elsewhere: { size: "s-2vcpu-4gb", volumeGiB: 10, backups: "weekly", monthlyCost: "24" },
              },
            }),
          ]),
        },
      },
    ],
  });
});

describe("reading", () => {
  test.each(Object.entries(scenarios))("%s again gives the same estimate", (_, report) => {
    const again = fromInfracost(written(report));
    const { changes, monthly, hourly, usage } = compare(again, report.estimate);
    expect(changes.map(({ kind }) => kind)).toEqual(report.estimate.resources.map(() => "same"));
    expect([monthly, hourly, usage].map(({ difference }) => difference.toFixed())).toEqual(["0", "0", "0"]);
    expect(again.resources.map(({ name, unknown }) => [name, unknown]).toSorted()).toEqual(
      report.estimate.resources.map(({ name, unknown }) => [name, unknown]).toSorted(),
    );
    expect(again.priceBookDate).toBe(report.estimate.priceBookDate);
  });

  test("keeps the URN, by which resources match", () => {
    const urn = "urn:pulumi:prod::atlas::digitalocean:index/droplet:Droplet::atlas";
    const estimate = estimated([priced("Droplet", "atlas", [line("Droplet", "24")], urn)]);
    expect(fromInfracost(written(reportOf(estimate))).resources).toMatchObject([{ name: "atlas", urn }]);
  });

  test("takes Infracost's own reports: parts of parts, and a price of 0 that was not found", () => {
    const component = { unit: "hours", monthlyQuantity: "730", hourlyCost: "0.01", usageBased: false };
    const read = fromInfracost({
      version: "0.2",
      currency: "USD",
      timeGenerated: "2025-07-08T12:32:33.052444307Z",
      projects: [
        {
          breakdown: {
            resources: [
              {
                name: "aws_instance.web",
                resourceType: "aws_instance",
                metadata: {},
                hourlyCost: "0.01",
                monthlyCost: "7.3",
                costComponents: [
                  { ...component, name: "Usage", price: "0.01", monthlyCost: "7.3", priceNotFound: false },
                ],
                subresources: [
                  {
                    name: "disk",
                    metadata: {},
                    costComponents: [
                      { ...component, name: "Disk", price: "0", monthlyCost: "0", priceNotFound: true },
                    ],
                  },
                ],
              },
            ],
          },
        },
      ],
    });
    expect(read.priceBookDate).toBe("2025-07-08");
    expect(read.monthly.toFixed()).toBe("7.3");
    expect(read.resources).toMatchObject([
      {
        name: "aws_instance.web",
        unknown: true,
        lines: [{ label: "Usage" }, { label: "Disk", price: undefined, monthly: undefined }],
      },
    ]);
  });

  test("names all that is wrong with another file", () => {
    expect(() => fromInfracost({ version: "0.1", projects: [], timeGenerated: 3 })).toThrow(
      /not a report in the shape of Infracost's output 0\.2:[\s\S]*version[\s\S]*currency[\s\S]*timeGenerated/,
    );
    const resources = [{ name: "a", monthlyCost: "many" }];
    const report = {
      version: "0.2",
      currency: "USD",
      timeGenerated: "2026-10-09T00:00:00Z",
      projects: [{ breakdown: { resources } }],
    };
    expect(() => fromInfracost(report)).toThrow(/must be a decimal in quotes[\s\S]*monthlyCost/);
  });
});
