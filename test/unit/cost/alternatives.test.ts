import { describe, expect, test } from "vitest";
import { alternatives } from "../../../components/cost/alternatives.ts";
import { priceBook } from "../../../components/cost/price-book.ts";
import type { PlannedResource } from "../../../components/cost/resource.ts";
import { planned } from "./pricing/planned.ts";

const book = priceBook();
const weekly = { backups: true, backupPolicy: { plan: "weekly" } };
const web = planned("Droplet", "web", { size: "s-2vcpu-4gb", ...weekly });
const volume = planned("Volume", "data", { size: 20 });
const table = (resources: PlannedResource[], stack?: string) =>
  Object.fromEntries(
    alternatives(resources, book, stack).map(({ label, monthly }) => [label, monthly?.toFixed(2)]),
  );

test("of one droplet with backups and a volume: sizes, backups, a managed database", () => {
  expect(table([web, volume])).toEqual({
    "Next size down (s-2vcpu-2gb)": "23.60",
    "Next size up (s-4vcpu-8gb)": "59.60",
    "Backups off": "26.00",
    "Backups daily": "33.20",
    "Managed PostgreSQL besides (db-s-1vcpu-1gb, one node)": "45.95",
  });
});

test("sizes stay within family and CPU", () => {
  expect(Object.keys(table([planned("Droplet", "web", { size: "c-4" })])).slice(0, 2)).toEqual([
    "Next size down (c-2)",
    "Next size up (c-8)",
  ]);
  expect(Object.keys(table([planned("Droplet", "web", { size: "s-4vcpu-8gb-amd" })]))[0]).toBe(
    "Next size down (s-2vcpu-8gb-amd)",
  );
});

test("below the smallest there is none; what is off cannot be switched off", () => {
  expect(Object.keys(table([planned("Droplet", "web", { size: "s-1vcpu-512mb-10gb" })]))).toEqual([
    "Next size up (s-1vcpu-1gb)",
    "Backups weekly",
    "Backups daily",
    expect.stringContaining("Managed PostgreSQL"),
  ]);
});

test("several droplets change together, each by its own step", () => {
  const two = [web, planned("Droplet", "other", { size: "s-4vcpu-8gb" })];
  expect(table(two)).toMatchObject({
    "Next size down (each droplet)": "45.60",
    "Next size up (each droplet)": "153.60",
    "Backups off": "72.00",
    "Backups weekly": "86.40",
  });
});

test("no droplet, or one of an unknown size: no alternative; an unknown price beside it: no figure", () => {
  expect(alternatives([volume], book)).toEqual([]);
  expect(alternatives([planned("Droplet", "web", { size: "x-1" })], book)).toEqual([]);
  expect(table([web, planned("App", "site", {})])["Backups off"]).toBeUndefined();
});

test("a plan that has a managed database gets no other", () => {
  const database = planned("DatabaseCluster", "db", { engine: "pg", size: "db-s-1vcpu-1gb", nodeCount: 1 });
  expect(Object.keys(table([web, database])).join()).not.toContain("Managed");
});

describe("for a stack of this project", () => {
  const smoke = planned("pulumi-nodejs:dynamic/atlas:Smoke", "atlas-smoke", {
    memoryMiB: { backend: 1536, postgres: 512, frontend: 256, storage: 512, ingress: 128 },
  });
  const found = alternatives([web, volume, smoke], book, "prod");

  test("the command that makes it so is named", () => {
    expect(found.map(({ how }) => how)).toEqual([
      "pulumi config set atlas:dropletSize s-2vcpu-2gb --stack prod",
      "pulumi config set atlas:dropletSize s-4vcpu-8gb --stack prod",
      "pulumi config set atlas:backups off --stack prod",
      "pulumi config set atlas:backups daily --stack prod",
      undefined,
    ]);
    expect(alternatives([web], book).map(({ how }) => how)).not.toContain(expect.anything());
  });

  test("a smaller size says what it takes away", () => {
    expect(found[0]?.note).toBe(
      "its 2048 MiB do not hold the 2944 MiB that the services may take; its disk is smaller, so it needs a new droplet (the data stays on its volume)",
    );
    expect(found[2]?.note).toBe("atlas:backupsWaiver must say why, in words");
  });
});
