// Computed by hand from the sources in the last column (price-book.json): amounts are a month's.
import { expect, test } from "vitest";
import { unknown } from "../../../../components/cost/resource.ts";
import { parseUsage } from "../../../../components/cost/usage.ts";
import { billOf, planned, priced } from "./planned.ts";

const pool = (own: Record<string, unknown>, cluster: Record<string, unknown> = {}) => ({
  version: "1.33.1-do.0",
  nodePool: { name: "pool", ...own },
  ...cluster,
});
const postgres = (size: string, nodeCount: number, own = {}) => ({ engine: "pg", size, nodeCount, ...own });

const cases: [type: string, inputs: Record<string, unknown>, monthly: string, sources: string][] = [
  ["Droplet", { size: "s-1vcpu-512mb-10gb" }, "4", "S1"],
  ["Droplet", { size: "s-1vcpu-1gb" }, "6", "S1"],
  ["Droplet", { size: "s-1vcpu-2gb" }, "12", "S1"],
  ["Droplet", { size: "s-2vcpu-2gb" }, "18", "S1"],
  ["Droplet", { size: "s-2vcpu-4gb" }, "24", "S1"],
  ["Droplet", { size: "s-4vcpu-8gb" }, "48", "S1"],
  ["Droplet", { size: "s-8vcpu-16gb" }, "96", "S1"],
  ["Droplet", { size: "s-1vcpu-1gb-35gb-intel" }, "8", "S1"],
  ["Droplet", { size: "s-4vcpu-8gb-amd" }, "56", "S1"],
  ["Droplet", { size: "c-2" }, "42", "S1"],
  ["Droplet", { size: "c-60-intel" }, "1639", "S1"],
  ["Droplet", { size: "g-2vcpu-8gb" }, "63", "S1"],
  ["Droplet", { size: "gd-2vcpu-8gb-intel" }, "79", "S1"],
  ["Droplet", { size: "m-2vcpu-16gb" }, "84", "S1"],
  ["Droplet", { size: "so1_5-32vcpu-256gb" }, "2608", "S1"],
  ["Droplet", { size: "s-2vcpu-4gb", backups: false }, "24", "S1"],
  // 24 + 20 %
  ["Droplet", { size: "s-2vcpu-4gb", backups: true }, "28.8", "S1 S7"],
  ["Droplet", { size: "s-2vcpu-4gb", backups: true, backupPolicy: { plan: "weekly" } }, "28.8", "S1 S7"],
  // 24 + 30 %
  ["Droplet", { size: "s-2vcpu-4gb", backups: true, backupPolicy: { plan: "daily" } }, "31.2", "S1 S7"],
  ["Droplet", { size: "s-1vcpu-1gb", backupPolicy: { plan: "daily" } }, "7.8", "S1 S7"],
  // The page's own examples of v5.
  ["Droplet", { size: "s5-1vcpu-3gb-50gb" }, "25.89", "S4"],
  ["Droplet", { size: "g5-2vcpu-4gb-30gb" }, "56.75", "S4"],
  // 744 x (2 x 0.0158219 + 4 x 0.0040411 + 60 x 0.000137) = 744 x 0.0560282
  ["Droplet", { size: "s5-2vcpu-4gb-60gb" }, "41.68", "S4"],
  // 744 x (4 x 0.028 + 16 x 0.0040411 + 100 x 0.000137) = 744 x 0.1903576
  ["Droplet", { size: "g5-4vcpu-16gb-100gb" }, "141.63", "S4"],
  // 25.89 + 5.178
  ["Droplet", { size: "s5-1vcpu-3gb-50gb", backups: true }, "31.068", "S4 S7"],
  [
    "DropletAutoscale",
    { config: { minInstances: 2, maxInstances: 4 }, dropletTemplate: { size: "s-2vcpu-4gb" } },
    "48",
    "S1",
  ],
  [
    "DropletAutoscale",
    { config: { targetNumberInstances: 3 }, dropletTemplate: { size: "c-2" } },
    "126",
    "S1",
  ],
  ["Volume", { size: 1 }, "0.1", "S5"],
  ["Volume", { size: 10 }, "1", "S5"],
  ["Volume", { size: 25 }, "2.5", "S5"],
  ["Volume", { size: 16384 }, "1638.4", "S5"],
  ["ReservedIp", { region: "fra1" }, "5", "S8"],
  ["ReservedIp", { region: "fra1", dropletId: 7 }, "0", "S8"],
  ["FloatingIp", { region: "fra1" }, "5", "S8"],
  ["FloatingIp", { region: "fra1", dropletId: unknown }, "0", "S8"],
  ["LoadBalancer", {}, "12", "S9"],
  ["LoadBalancer", { type: "REGIONAL", sizeUnit: 3 }, "36", "S9"],
  ["LoadBalancer", { size: "lb-small" }, "12", "S9"],
  ["LoadBalancer", { size: "lb-medium" }, "36", "S9"],
  ["LoadBalancer", { size: "lb-large" }, "72", "S9"],
  ["LoadBalancer", { type: "REGIONAL_NETWORK" }, "15", "S9"],
  ["LoadBalancer", { type: "REGIONAL_NETWORK", sizeUnit: 2 }, "30", "S9"],
  ["LoadBalancer", { type: "GLOBAL" }, "15", "S9"],
  ["DatabaseCluster", postgres("db-s-1vcpu-1gb", 1), "15.15", "S10"],
  ["DatabaseCluster", postgres("db-s-1vcpu-2gb", 2), "60.9", "S10"],
  ["DatabaseCluster", postgres("db-s-2vcpu-4gb", 3), "182.7", "S10"],
  ["DatabaseCluster", postgres("db-s-4vcpu-8gb", 1), "122.1", "S10"],
  ["DatabaseCluster", postgres("db-s-6vcpu-16gb", 1), "244.35", "S10"],
  ["DatabaseCluster", { engine: "mysql", size: "db-s-1vcpu-1gb", nodeCount: 1 }, "15.15", "S10"],
  ["DatabaseCluster", { engine: "valkey", size: "db-s-1vcpu-1gb", nodeCount: 1 }, "15", "S10"],
  // 60 GiB are included.
  ["DatabaseCluster", postgres("db-s-2vcpu-4gb", 1, { storageSizeMib: "61440" }), "60.9", "S10"],
  // 70 GiB: 60.90 + 10 x 0.215
  ["DatabaseCluster", postgres("db-s-2vcpu-4gb", 1, { storageSizeMib: "71680" }), "63.05", "S10 S10"],
  // 75 GiB on two nodes: 2 x 60.90 + 2 x 20 x 0.215
  ["DatabaseCluster", postgres("db-s-2vcpu-4gb", 2, { storageSizeMib: 76800 }), "130.4", "S10 S10"],
  ["DatabaseReplica", { size: "db-s-1vcpu-2gb" }, "30.45", "S10"],
  // 40 GiB, of which 30 are included: 30.45 + 10 x 0.215
  ["DatabaseReplica", { size: "db-s-1vcpu-2gb", storageSizeMib: "40960" }, "32.6", "S10 S10"],
  ["KubernetesCluster", pool({ size: "s-2vcpu-2gb", nodeCount: 3 }), "54", "S1"],
  // 40 + 2 x 24
  ["KubernetesCluster", pool({ size: "s-2vcpu-4gb", nodeCount: 2 }, { ha: true }), "88", "S14 S1"],
  ["KubernetesCluster", pool({ size: "s-2vcpu-4gb", nodeCount: 2 }, { ha: false }), "48", "S1"],
  // 40 + 12: from 1.36 on highly available unless told otherwise
  [
    "KubernetesCluster",
    pool({ size: "s-1vcpu-2gb", nodeCount: 1 }, { version: "1.36.0-do.0" }),
    "52",
    "S14 S1",
  ],
  [
    "KubernetesCluster",
    pool({ size: "s-1vcpu-2gb", nodeCount: 1 }, { version: "1.36", ha: false }),
    "12",
    "S1",
  ],
  ["KubernetesCluster", pool({ size: "s-2vcpu-4gb", autoScale: true, minNodes: 2, maxNodes: 5 }), "48", "S1"],
  ["KubernetesNodePool", { size: "c-4", nodeCount: 2 }, "168", "S1"],
  ["KubernetesNodePool", { size: "c-4", autoScale: true, minNodes: 0, maxNodes: 2 }, "0", "S1"],
  // 2 x 25.89
  ["KubernetesNodePool", { size: "s5-1vcpu-3gb-50gb", nodeCount: 2 }, "51.78", "S4"],
  ["SpacesBucket", { region: "fra1" }, "5", "S12"],
  ["ContainerRegistry", { subscriptionTierSlug: "starter" }, "0", "S13"],
  ["ContainerRegistry", { subscriptionTierSlug: "basic" }, "5", "S13"],
  ["ContainerRegistries", { subscriptionTierSlug: "professional" }, "20", "S13"],
  ["UptimeCheck", { target: "https://cmms.example" }, "0", "S20"],
  ["Firewall", { name: "web" }, "0", ""],
  ["random:index/randomPassword:RandomPassword", { length: 20 }, "0", ""],
];

test.each(cases)("%s %j costs %s a month (%s)", (type, inputs, monthly, sources) => {
  const bill = billOf(type, inputs);
  const baseline = bill.lines.filter(({ usageBased }) => !usageBased);
  expect({
    monthly: String(bill.monthly),
    unknown: bill.unknown,
    sources: baseline.map(({ source }) => source?.id).join(" "),
  }).toEqual({ monthly, unknown: false, sources });
});

const usageCases: [type: string, inputs: object, usage: string, monthly: string, source: string][] = [
  ["Droplet", { size: "s-1vcpu-1gb" }, "egress_overage_gib: 100", "1", "S4"],
  ["KubernetesNodePool", { size: "c-4", nodeCount: 2 }, "egress_overage_gib: 0.5", "0.005", "S4"],
  ["DropletSnapshot", { dropletId: "7" }, "snapshot_gib: 20", "1.2", "S6"],
  ["VolumeSnapshot", { volumeId: "7" }, "snapshot_gib: 0.5", "0.03", "S6"],
  // 250 GiB are included.
  ["SpacesBucket", {}, "storage_gib: 200", "0", "S12"],
  ["SpacesBucket", {}, "storage_gib: 300", "1", "S12"],
  // 1,024 GiB are included.
  ["SpacesBucket", {}, "outbound_gib: 2024", "10", "S12"],
  ["SpacesBucket", {}, "cold_storage_gib: 100", "0.7", "S12"],
  ["SpacesBucket", {}, "cold_retrieval_gib: 10", "0.1", "S12"],
  // 5 GiB are included.
  ["ContainerRegistry", { subscriptionTierSlug: "basic" }, "storage_gib: 15", "0.2", "S13"],
  // 25 million requests, 1,000 GB and 5 domains are included.
  ["LoadBalancer", { type: "GLOBAL" }, "requests_million: 35", "7", "S9"],
  ["LoadBalancer", { type: "GLOBAL" }, "transfer_gb: 1500", "10", "S9"],
  ["LoadBalancer", { type: "GLOBAL" }, "domains: 7", "0.28", "S9"],
];

test.each(usageCases)("%s %j with %s costs %s more (%s)", (type, inputs, usage, monthly, source) => {
  const quantities = parseUsage(`version: 0.1\nresource_usage:\n  one:\n    ${usage}\n`);
  const bill = billOf(type, { ...inputs }, quantities);
  expect(String(bill.usage)).toBe(monthly);
  expect(bill.unknown).toBe(false);
  const counted = bill.lines.filter((line) => line.usageBased && line.quantity);
  expect(counted.map((line) => line.source?.id)).toEqual([source]);
});

test("a use that nobody stated is not known, and is not part of the baseline", () => {
  const { lines, unknown: isUnknown, monthly } = billOf("VolumeSnapshot", { volumeId: "7" });
  expect(lines).toMatchObject([{ quantity: undefined, monthly: undefined, usageBased: true }]);
  expect(isUnknown).toBe(false);
  expect(String(monthly)).toBe("0");
});

test("a price is given with the newest day on which it was read", () => {
  const [line] = billOf("Droplet", { size: "s-2vcpu-4gb" }).lines;
  expect(line?.source).toEqual({
    id: "S1",
    what: expect.stringContaining("GET /v2/sizes"),
    url: expect.stringContaining("https://"),
    seen: "2026-10-09",
  });
});

test("one subscription is for all buckets, with the first by name, and so is what it includes", () => {
  const usage = parseUsage(
    "version: 0.1\nresource_usage:\n  a: {storage_gib: 200}\n  b: {storage_gib: 100}\n  c: {storage_gib: 10}",
  );
  const buckets = ["c", "a", "b"].map((name) => planned("SpacesBucket", name));
  const { monthly, resources, usage: extra } = priced(buckets, usage);
  expect(String(monthly)).toBe("5");
  // 310 of which 250 are included: 60 x 0.02
  expect(String(extra)).toBe("1.2");
  expect(resources.map(({ name, monthly: own, usage: more }) => [name, String(own), String(more)])).toEqual([
    ["a", "5", "0"],
    ["b", "0", "1"],
    ["c", "0", "0.2"],
  ]);
  expect(resources[1]?.lines[0]?.note).toBe("the account's one is with a");
});

test("the first uptime check is free, each further one is not", () => {
  const { resources } = priced(["c", "a", "b"].map((name) => planned("UptimeCheck", name)));
  expect(resources.map(({ name, monthly }) => [name, String(monthly)])).toEqual([
    ["a", "0"],
    ["b", "1"],
    ["c", "1"],
  ]);
});
