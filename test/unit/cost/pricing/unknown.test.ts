import { describe, expect, test } from "vitest";
import { keyOf, unknown } from "../../../../components/cost/resource.ts";
import { billOf, notesOf, planned, priced } from "./planned.ts";

const postgres = { engine: "pg", size: "db-s-2vcpu-4gb", nodeCount: 1 };
const pool = { size: "s-2vcpu-4gb", nodeCount: 1 };

test.each<[type: string, inputs: Record<string, unknown>, why: string]>([
  ["Droplet", { size: unknown }, "`size` is not known before the run"],
  ["Droplet", {}, "`size` is not set"],
  ["Droplet", { size: 4 }, "`size` must be a text, and is 4"],
  ["Droplet", { size: { plaintext: "hush" } }, "`size` must be a text, and is object"],
  ["Droplet", { size: "s-99vcpu" }, 'the size "s-99vcpu" is not in the price book of '],
  ["Droplet", { size: "constructor" }, 'the size "constructor" is not in the price book of '],
  ["Droplet", { size: "s-1vcpu-1gb", backups: unknown }, "`backups` is not known before the run"],
  [
    "Droplet",
    { size: "s-1vcpu-1gb", backups: true, backupPolicy: unknown },
    "`backupPolicy.plan` is not known before the run",
  ],
  [
    "Droplet",
    { size: "s-1vcpu-1gb", backups: true, backupPolicy: { plan: "hourly" } },
    '`backupPolicy.plan` must be weekly or daily, and is "hourly"',
  ],
  ["Droplet", { size: "s-1vcpu-1gb", backups: "true" }, '`backups` must be true or false, and is "true"'],
  ["DropletAutoscale", { dropletTemplate: { size: "c-2" } }, "`config.minInstances` is not set"],
  [
    "DropletAutoscale",
    { config: { minInstances: 1 }, dropletTemplate: unknown },
    "`dropletTemplate.size` is not known",
  ],
  ["Volume", { size: "10" }, '`size` must be a whole number from 1 on, and is "10"'],
  ["Volume", { size: 1.5 }, "`size` must be a whole number from 1 on, and is 1.5"],
  ["Volume", { size: 0 }, "`size` must be a whole number from 1 on, and is 0"],
  ["Volume", { size: -1 }, "and is -1"],
  ["Volume", { size: Number.NaN }, "`size` must be a whole number"],
  ["Volume", { size: null }, "`size` is not set"],
  ["LoadBalancer", { sizeUnit: unknown }, "`sizeUnit` is not known before the run"],
  ["LoadBalancer", { type: unknown }, "`type` is not known before the run"],
  [
    "LoadBalancer",
    { type: "LUNAR" },
    '`type` must be REGIONAL or REGIONAL_NETWORK or GLOBAL, and is "LUNAR"',
  ],
  ["LoadBalancer", { size: "lb-huge" }, '`size` must be lb-small or lb-medium or lb-large, and is "lb-huge"'],
  [
    "DatabaseCluster",
    { ...postgres, engine: "kafka" },
    '"kafka" in size "db-s-2vcpu-4gb" is not in the price book',
  ],
  ["DatabaseCluster", { ...postgres, size: unknown }, "`size` is not known before the run"],
  [
    "DatabaseCluster",
    { ...postgres, nodeCount: "2" },
    '`nodeCount` must be a whole number from 1 on, and is "2"',
  ],
  [
    "DatabaseCluster",
    { ...postgres, storageSizeMib: unknown },
    "`storageSizeMib` is not known before the run",
  ],
  [
    "DatabaseCluster",
    { ...postgres, storageSizeMib: "much" },
    "`storageSizeMib` must be a whole number of MiB",
  ],
  [
    "DatabaseCluster",
    { engine: "mysql", size: "db-s-1vcpu-1gb", nodeCount: 1, storageSizeMib: "20480" },
    "how much storage the plan includes is not in the price book",
  ],
  ["DatabaseReplica", {}, "`size` is not set"],
  ["KubernetesCluster", { version: "1.33" }, "`nodePool.size` is not set"],
  [
    "KubernetesCluster",
    { version: "1.33", nodePool: unknown },
    "`nodePool.autoScale` is not known before the run",
  ],
  [
    "KubernetesCluster",
    { version: unknown, nodePool: pool },
    "`ha` is not set, and its default depends on `version`",
  ],
  ["KubernetesCluster", { version: "1.33", ha: unknown, nodePool: pool }, "`ha` is not known before the run"],
  ["KubernetesCluster", { version: "1.33", isolatedWorkers: true, nodePool: pool }, "hardware of their own"],
  ["KubernetesNodePool", { ...pool, autoScale: true }, "`minNodes` is not set"],
  ["KubernetesNodePool", { ...pool, nodeCount: 2.5 }, "and is 2.5"],
  [
    "ContainerRegistry",
    { subscriptionTierSlug: "gold" },
    "`subscriptionTierSlug` must be starter or basic or",
  ],
  ["ContainerRegistry", {}, "`subscriptionTierSlug` is not set"],
])("the price of %s %j is not known", (type, inputs, why) => {
  expect(billOf(type, inputs).unknown).toBe(true);
  expect(notesOf(type, inputs)).toContain(why);
  expect(notesOf(type, inputs)).not.toContain("hush");
});

test("what is known of a resource is counted all the same", () => {
  const bill = billOf("Droplet", { size: "s-2vcpu-4gb", backups: unknown });
  expect([String(bill.monthly), bill.unknown]).toEqual(["24", true]);
});

describe("notes tell what was assumed", () => {
  test.each<[type: string, inputs: Record<string, unknown>, note: string]>([
    ["DatabaseCluster", { ...postgres, nodeCount: 2 }, "each standby node costs as much as the primary"],
    [
      "DatabaseCluster",
      { ...postgres, storageAutoscale: { enabled: true } },
      "the storage may grow by itself",
    ],
    [
      "DatabaseCluster",
      { ...postgres, storageSizeMib: "71680" },
      "assumed: in steps of 10 GiB, on each node",
    ],
    ["DatabaseReplica", { size: "db-s-1vcpu-2gb" }, "taken as PostgreSQL: its cluster is not in this plan"],
    [
      "KubernetesNodePool",
      { ...pool, autoScale: true, minNodes: 1, maxNodes: 5 },
      "up to 5 for $120.00 a month",
    ],
    [
      "KubernetesNodePool",
      { ...pool, autoScale: true, minNodes: 1 },
      "scales by itself; `maxNodes` is not set",
    ],
    [
      "Droplet",
      { size: "s5-1vcpu-3gb-50gb" },
      "billed by the hour without a monthly cap; a month is 744 hours",
    ],
    ["ReservedIp", {}, "not billed below 1 USD"],
  ])("%s %j: %s", (type, inputs, note) => {
    expect(notesOf(type, inputs)).toContain(note);
  });
});

test("a replica is of its cluster's engine", () => {
  const cluster = planned("DatabaseCluster", "db", {
    engine: "valkey",
    size: "db-s-1vcpu-1gb",
    nodeCount: 1,
  });
  const replica = planned(
    "DatabaseReplica",
    "copy",
    { size: "db-s-1vcpu-1gb" },
    { clusterId: [keyOf(cluster)] },
  );
  const { resources } = priced([replica, cluster]);
  expect(resources.map(({ monthly }) => String(monthly))).toEqual(["15", "15"]);
});

describe("an address is free", () => {
  const bill = (...others: Parameters<typeof planned>[]) => {
    const { monthly } = priced(others.map((one) => planned(...one)));
    return String(monthly);
  };
  const key = (type: string) => keyOf(planned(type, "address"));

  test.each(["ReservedIp", "FloatingIp"])("when an assignment uses the %s", (type) => {
    for (const assignment of ["ReservedIpAssignment", "FloatingIpAssignment"])
      expect(
        bill([type, "address"], [assignment, "to", { ipAddress: unknown }, { ipAddress: [key(type)] }]),
      ).toBe("0");
  });

  test("when an assignment names it", () => {
    const ipAddress = "203.0.113.7";
    expect(
      bill(["ReservedIp", "address", { ipAddress }], ["ReservedIpAssignment", "to", { ipAddress }]),
    ).toBe("0");
  });

  test("and not when the assignment is of another one, or of nobody knows which", () => {
    expect(
      bill(
        ["ReservedIp", "address", { ipAddress: unknown }],
        [
          "ReservedIpAssignment",
          "to",
          { ipAddress: unknown },
          { ipAddress: [keyOf(planned("ReservedIp", "other"))] },
        ],
      ),
    ).toBe("5");
  });
});
