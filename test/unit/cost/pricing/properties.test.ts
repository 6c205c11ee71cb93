import fc from "fast-check";
import { expect, test } from "vitest";
import { sum } from "../../../../components/cost/estimate.ts";
import { type PlannedResource, unknown } from "../../../../components/cost/resource.ts";
import { parseUsage } from "../../../../components/cost/usage.ts";
import { planned, priced } from "./planned.ts";

const count = fc.oneof(fc.integer({ min: -1, max: 40 }), fc.constantFrom<unknown>(unknown, "2", 1.5, null));
const size = fc.constantFrom<unknown>("s-1vcpu-1gb", "s-2vcpu-4gb", "g5-2vcpu-4gb-30gb", "moon", unknown, 7);
const record = (model: Record<string, fc.Arbitrary<unknown>>) => fc.record(model, { requiredKeys: [] });
const pool = record({ size, nodeCount: count, autoScale: fc.boolean(), minNodes: count, maxNodes: count });

const inputsOf: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
  Droplet: record({
    size,
    backups: fc.constantFrom<unknown>(true, false, unknown, "yes"),
    backupPolicy: record({ plan: fc.constantFrom<unknown>("weekly", "daily", unknown) }),
  }),
  DropletAutoscale: record({
    config: record({ minInstances: count, maxInstances: count, targetNumberInstances: count }),
    dropletTemplate: record({ size }),
  }),
  Volume: record({ size: count }),
  VolumeSnapshot: record({}),
  ReservedIp: record({ dropletId: count }),
  LoadBalancer: record({
    type: fc.constantFrom<unknown>("REGIONAL", "REGIONAL_NETWORK", "GLOBAL", unknown, "x"),
    sizeUnit: count,
    size: fc.constantFrom<unknown>("lb-small", "lb-large", unknown),
  }),
  DatabaseCluster: record({
    engine: fc.constantFrom<unknown>("pg", "mysql", "valkey", "kafka", unknown),
    size: fc.constantFrom<unknown>("db-s-1vcpu-1gb", "db-s-2vcpu-4gb", unknown),
    nodeCount: count,
    storageSizeMib: fc.constantFrom<unknown>("10240", "200000", 71680, unknown, "x"),
  }),
  DatabaseReplica: record({
    size: fc.constantFrom<unknown>("db-s-1vcpu-1gb", unknown),
    storageSizeMib: count,
  }),
  KubernetesCluster: record({
    version: fc.constantFrom<unknown>("1.30.1-do.0", "1.36.0", "latest", unknown),
    ha: fc.constantFrom<unknown>(true, false, unknown),
    nodePool: fc.oneof(pool, fc.constant<unknown>(unknown)),
  }),
  KubernetesNodePool: pool,
  SpacesBucket: record({}),
  ContainerRegistry: record({
    subscriptionTierSlug: fc.constantFrom<unknown>("starter", "basic", "gold", unknown),
  }),
  UptimeCheck: record({}),
  Firewall: record({}),
  App: record({}),
};

const resource: fc.Arbitrary<PlannedResource> = fc
  .constantFrom(...Object.keys(inputsOf))
  .chain((type) =>
    fc.tuple(fc.constant(type), inputsOf[type] ?? fc.constant({}), fc.string({ maxLength: 3 })),
  )
  .map(([type, inputs, name]) => planned(type, name, inputs));
const plan = fc.uniqueArray(resource, { selector: ({ type, name }) => `${type} ${name}`, maxLength: 25 });

const usage = parseUsage("version: 0.1\nresource_usage:\n  '': {storage_gib: 300, outbound_gib: 5000.5}");
const free = (bill: ReturnType<typeof priced>) => bill.resources.filter(({ lines }) => lines.length === 0);

test("the sum of the breakdown is the total, to the last digit", () => {
  fc.assert(
    fc.property(plan, (resources) => {
      const bill = priced(resources, usage);
      expect(bill.resources).toHaveLength(resources.length);
      const lines = bill.resources.flatMap((one) => one.lines);
      const amounts = (usageBased: boolean, of: "monthly" | "hourly") =>
        lines.filter((line) => line.usageBased === usageBased).flatMap((line) => line[of] ?? []);
      expect(String(sum(amounts(false, "monthly")))).toBe(String(bill.monthly));
      expect(String(sum(amounts(false, "hourly")))).toBe(String(bill.hourly));
      expect(String(sum(amounts(true, "monthly")))).toBe(String(bill.usage));
    }),
  );
});

// But for an assignment, which makes the address free that it is about: none is added here.
test("adding a resource never lowers the total", () => {
  fc.assert(
    fc.property(
      plan.filter(({ length }) => length > 0),
      fc.nat(),
      (resources, at) => {
        const without = priced(resources.toSpliced(at % resources.length, 1), usage);
        const all = priced(resources, usage);
        expect(all.monthly.gte(without.monthly)).toBe(true);
        expect(all.usage.gte(without.usage)).toBe(true);
      },
    ),
  );
});

test("the order of the resources does not matter", () => {
  fc.assert(
    fc.property(
      plan.chain((resources) =>
        fc.tuple(fc.constant(resources), fc.shuffledSubarray(resources, { minLength: resources.length })),
      ),
      ([resources, shuffled]) => {
        expect(priced(shuffled, usage)).toEqual(priced(resources, usage));
      },
    ),
  );
});

test("what is not known is never counted as nothing in silence", () => {
  fc.assert(
    fc.property(plan, (resources) => {
      const bill = priced(resources, usage);
      for (const { lines, unknown: isUnknown, monthly } of bill.resources) {
        const baseline = lines.filter(({ usageBased }) => !usageBased);
        for (const line of baseline) {
          if (line.monthly === undefined) expect(line.note).toMatch(/./);
          else expect(line.source?.url).toMatch(/^https:/);
          expect(line.hourly === undefined).toBe(line.monthly === undefined);
        }
        expect(isUnknown).toBe(baseline.some((line) => line.monthly === undefined));
        expect(monthly.gte(0)).toBe(true);
      }
      expect(free(bill).every(({ type }) => type.endsWith(":Firewall"))).toBe(true);
    }),
  );
});

test("no input whatsoever makes the rules throw", () => {
  const types = fc.constantFrom(...Object.keys(inputsOf));
  const inputs = fc.dictionary(
    fc.constantFrom(
      "size",
      "sizeUnit",
      "nodePool",
      "config",
      "dropletTemplate",
      "backups",
      "engine",
      "ipAddress",
      "ha",
    ),
    fc.anything(),
  );
  fc.assert(
    fc.property(types, inputs, (type, anything) => {
      const [bill] = priced([planned(type, "one", anything)]).resources;
      expect(bill?.monthly.gte(0)).toBe(true);
    }),
  );
});
