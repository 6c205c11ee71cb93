import { describe, expect, test } from "vitest";
import { estimate } from "../../../../components/cost/estimate.ts";
import { answer, readSpecification } from "../../../../components/cost/plan/specification.ts";
import { priceBook } from "../../../../components/cost/price-book.ts";

const ask = (...resources: object[]) => answer(estimate(readSpecification({ resources }), priceBook()));
const web = { resource_type: "droplet", resource_name: "web", size: "s-1vcpu-1gb" };

test("the answer has a month's cost of the whole and of each, exact", () => {
  const answered = ask(
    { ...web, count: 2, backups: "weekly" },
    { resource_type: "volume", resource_name: "data", size_gb: 100 },
    { resource_type: "database", resource_name: "db", engine: "pg", size: "db-s-1vcpu-1gb", storage_gb: 20 },
    { resource_type: "load_balancer", resource_name: "lb", nodes: 2 },
  );
  expect(answered).toEqual({
    // 2 x (6 + 20 %), 100 x 0.10, 15.15 + 10 GiB x 0.215, 2 x 12
    estimated_monthly_cost: 65.7,
    currency: "USD",
    breakdown: [
      { resource_type: "database", resource_name: "db", estimated_cost: 17.3 },
      { resource_type: "droplet", resource_name: "web-1", estimated_cost: 7.2 },
      { resource_type: "droplet", resource_name: "web-2", estimated_cost: 7.2 },
      { resource_type: "load_balancer", resource_name: "lb", estimated_cost: 24 },
      { resource_type: "volume", resource_name: "data", estimated_cost: 10 },
    ],
  });
});

test("a sum with an unknown part is not known", () => {
  expect(ask(web, { ...web, resource_name: "huge", size: "s-99vcpu-1tb" })).toEqual({
    estimated_monthly_cost: null,
    currency: "USD",
    breakdown: [
      { resource_type: "droplet", resource_name: "huge", estimated_cost: null },
      { resource_type: "droplet", resource_name: "web", estimated_cost: 6 },
    ],
    unknown: ["huge"],
  });
});

test("nothing costs nothing", () => {
  expect(ask()).toEqual({ estimated_monthly_cost: 0, currency: "USD", breakdown: [] });
});

test("daily backups and standby nodes count", () => {
  expect(ask({ ...web, backups: "daily" }).estimated_monthly_cost).toBe(7.8);
  const pair = {
    resource_type: "database",
    resource_name: "db",
    engine: "pg",
    size: "db-s-2vcpu-4gb",
    nodes: 2,
  };
  expect(ask(pair).estimated_monthly_cost).toBe(121.8);
});

describe("at fault", () => {
  const faultsOf = (json: unknown): string[] => {
    try {
      readSpecification(json);
    } catch (error) {
      return String(error).split("\n").slice(1);
    }
    return [];
  };

  test("is everything at once, with path, value and reason", () => {
    const resources = [
      { ...web, count: 0, backups: "hourly", colour: "red" },
      { resource_type: "volume", size_gb: 1.5 },
      { resource_type: "bucket", resource_name: "b" },
      3,
    ];
    expect(faultsOf({ resources, region: "fra1" })).toEqual([
      expect.stringMatching(/^ {2}resources\[0\]\.count = 0: .*>=1/),
      expect.stringMatching(/^ {2}resources\[0\]\.backups = "hourly": .*"weekly"\|"daily"\|false/),
      '  resources[0].colour = "red": there is no such field',
      expect.stringMatching(/^ {2}resources\[1\]\.resource_name = missing: /),
      expect.stringMatching(/^ {2}resources\[1\]\.size_gb = 1\.5: /),
      expect.stringMatching(/^ {2}resources\[2\]\.resource_type = "bucket": .*'load_balancer'/),
      expect.stringMatching(/^ {2}resources\[3\] = 3: /),
      '  region = "fra1": there is no such field',
    ]);
  });

  test("are two of a name, counted ones too, but not of different types", () => {
    const volume = { resource_type: "volume", resource_name: "web", size_gb: 1 };
    expect(faultsOf({ resources: [web, volume] })).toEqual([]);
    expect(
      faultsOf({
        resources: [
          { ...web, count: 2 },
          { ...web, resource_name: "web-2" },
        ],
      }),
    ).toEqual(['  resources[1].resource_name = "web-2": there is another droplet web-2']);
  });

  test.each([undefined, null, [], "resources"])("is %j", (json) => {
    expect(faultsOf(json)).toHaveLength(1);
  });
});
