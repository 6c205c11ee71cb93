import fc from "fast-check";
import { expect, test } from "vitest";
import { estimate } from "../../../../components/cost/estimate.ts";
import { priceBook } from "../../../../components/cost/price-book.ts";
import { htmlReport } from "../../../../components/cost/reports/html.ts";
import { infracostReport } from "../../../../components/cost/reports/infracost.ts";
import { costMarkdown } from "../../../../components/cost/reports/markdown.ts";
import { tableReport } from "../../../../components/cost/reports/table.ts";
import type { PlannedResource } from "../../../../components/cost/resource.ts";

const planned = (type: string, name: string, inputs: Record<string, unknown> = {}): PlannedResource => ({
  type: `digitalocean:index/${type}`,
  name,
  inputs,
  uses: {},
  protect: false,
});

const past = [
  planned("droplet:Droplet", "web", { size: "s-2vcpu-4gb", backups: true }),
  planned("volume:Volume", "data", { size: 20 }),
  planned("reservedIp:ReservedIp", "spare", { region: "fra1" }),
  planned("firewall:Firewall", "web"),
  planned("tag:Tag", "b"),
  planned("tag:Tag", "a"),
];
const now = [
  planned("droplet:Droplet", "web", { size: "s-4vcpu-8gb", backups: true }),
  planned("droplet:Droplet", "odd", { size: "no-such-size" }),
  planned("volume:Volume", "data", { size: 20 }),
  planned("spacesBucket:SpacesBucket", "files"),
  planned("spacesBucket:SpacesBucket", "more-files"),
  planned("uptimeCheck:UptimeCheck", "one"),
  planned("uptimeCheck:UptimeCheck", "two"),
  planned("firewall:Firewall", "web"),
];

const formats = [
  tableReport,
  costMarkdown,
  htmlReport,
  (report: Parameters<typeof infracostReport>[0]) => JSON.stringify(infracostReport(report)),
];

/** Of the same resources in another order. */
const reports = (before: PlannedResource[], after: PlannedResource[]) => {
  const [earlier, later] = [before, after].map((resources) => estimate(resources, priceBook()));
  if (!earlier || !later) throw new Error("no estimate");
  return formats.map((render) =>
    render({ name: "prod", estimate: later, past: { name: "main", estimate: earlier }, alternatives: [] }),
  );
};

const shuffled = (resources: PlannedResource[]) =>
  fc.shuffledSubarray(resources, { minLength: resources.length, maxLength: resources.length });

test("the order of the resources changes no byte of any report", () => {
  const expected = reports(past, now);
  fc.assert(
    fc.property(shuffled(past), shuffled(now), (before, after) => {
      expect(reports(before, after)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});
