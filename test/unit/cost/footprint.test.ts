import { expect, test } from "vitest";
import { estimate } from "../../../components/cost/estimate.ts";
import { footprint } from "../../../components/cost/footprint.ts";
import { costOutput } from "../../../components/cost/output.ts";
import { priceBook } from "../../../components/cost/price-book.ts";
import { planned } from "./pricing/planned.ts";

const book = priceBook();
const droplet = { volumeGiB: 20, backups: "weekly" };
const container = (name: string, memory: number, logOpts?: Record<string, string>) =>
  planned("docker:index/container:Container", name, { memory, ...(logOpts && { logOpts }) });
const log = { "max-size": "10m", "max-file": "3" };

test("what containers and volumes reserve, and the cheapest droplet that holds it", () => {
  const resources = [
    container("backend", 1536, log),
    container("postgres", 512, { "max-size": "1g" }),
    planned("docker:index/volume:Volume", "atlas-volume", { name: "atlas-postgres" }),
  ];
  const found = footprint(resources, book, droplet);
  expect(found).toMatchObject({ memoryMiB: 2048, logMiB: 1054, volumes: ["atlas-postgres"] });
  // 2048 and 512 for the system need 4 GiB; 24 + 20 % + 2 for the volume.
  expect(found?.elsewhere).toMatchObject({ size: "s-2vcpu-4gb", volumeGiB: 20, backups: "weekly" });
  expect(found?.elsewhere?.estimate.monthly.toFixed(2)).toBe("30.80");
});

test.each([
  [1536, "s-1vcpu-2gb", "16.40"],
  [1537, "s-2vcpu-4gb", "30.80"],
  [3584, "s-2vcpu-4gb", "30.80"],
  [3585, "s-2vcpu-8gb-amd", "52.40"],
])("%i MiB fit on %s", (memory, size, monthly) => {
  const { elsewhere } = footprint([container("one", memory)], book, droplet) ?? {};
  expect([elsewhere?.size, elsewhere?.estimate.monthly.toFixed(2)]).toEqual([size, monthly]);
});

test("without backups, and with a larger volume", () => {
  const { elsewhere } = footprint([container("one", 100)], book, { volumeGiB: 100, backups: "off" }) ?? {};
  expect([elsewhere?.size, elsewhere?.estimate.monthly.toFixed(2)]).toEqual(["s-1vcpu-1gb", "16.00"]);
});

test("what no droplet holds, and what has no containers", () => {
  expect(footprint([container("huge", 10_000_000)], book, droplet)?.elsewhere).toBeUndefined();
  expect(footprint([planned("Droplet", "web")], book, droplet)).toBeUndefined();
});

test("the stack's output is plain data: 0 for Docker, null for what has no price", () => {
  const docker = [container("backend", 1536, log)];
  expect(costOutput(estimate(docker, book), undefined, footprint(docker, book, droplet))).toEqual({
    monthly: 0,
    hourly: 0,
    currency: "USD",
    breakdown: [],
    unpriced: [],
    priceBookDate: book.asOf,
    local: {
      memoryMiB: 1536,
      logMiB: 30,
      volumes: [],
      onDroplet: { size: "s-1vcpu-2gb", volumeGiB: 20, backups: "weekly", monthly: 16.4 },
    },
  });
  const cloud = [planned("Volume", "data", { size: 30 }), planned("App", "site", {})];
  expect(costOutput(estimate(cloud, book))).toMatchObject({
    monthly: 3,
    breakdown: [
      { name: "site", monthly: null },
      { name: "data", monthly: 3 },
    ],
    unpriced: ["site"],
  });
});
