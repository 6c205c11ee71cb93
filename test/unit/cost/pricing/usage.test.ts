import { describe, expect, test } from "vitest";
import { parseUsage, unusedUsage, usageTaken } from "../../../../components/cost/usage.ts";
import { planned, priced } from "./planned.ts";

const file = (usage: string) => `version: 0.1\nresource_usage:\n${usage}`;
const snapshot = (name: string) => planned("VolumeSnapshot", name);

describe("a usage file", () => {
  test("holds exact decimals, in quotes or not", () => {
    const usage = parseUsage(
      file("  web: {egress_overage_gib: 0.1}\n  db:\n    snapshot_gib: '12345678901234567.25'\n"),
    );
    expect(String(usage.web?.egress_overage_gib)).toBe("0.1");
    expect(usage.db?.snapshot_gib?.toFixed()).toBe("12345678901234567.25");
  });

  test("is told all its faults at once", () => {
    const parse = () =>
      parseUsage("version: 0.2\nresource_usage:\n  web: {egres: 1}\n  db: {snapshot_gib: -1}\n  x:\n");
    for (const fault of [
      "must be 0.1",
      "has the unknown egres; known are egress_overage_gib, snapshot_gib,",
      "must be a number such as 250 or 0.5\n  → at resource_usage.db.snapshot_gib",
      "must be quantities by name, such as egress_overage_gib: 100\n  → at resource_usage.x",
    ])
      expect(parse).toThrow(fault);
  });

  test.each([
    ["", "The usage file is at fault"],
    ["version: 0.1", "must be quantities by resource name"],
    ["version: 0.1\nresource_usage: [", "The usage file is no YAML"],
    ["version: 0.1\nresource_usage:\n  a: {}\n  a: {}", "Map keys must be unique"],
    [file("  a: {snapshot_gib: 1e3}"), "must be a number such as 250 or 0.5"],
    [file("  a: {snapshot_gib: }"), "must be a number such as 250 or 0.5"],
  ])("is not %j", (text, message) => {
    expect(() => parseUsage(text)).toThrow(message);
  });
});

describe("usage is found", () => {
  const usageOf = (text: string, ...names: Parameters<typeof planned>[]) => {
    const resources = names.map((one) => planned(...one));
    const bill = priced(resources, parseUsage(file(text)));
    return [String(bill.usage), unusedUsage(parseUsage(file(text)), resources)];
  };

  test("by the name of the one resource that takes any", () => {
    expect(usageOf("  web: {snapshot_gib: 10}", ["VolumeSnapshot", "web"], ["Firewall", "web"])).toEqual([
      "0.6",
      [],
    ]);
  });

  test("by type and name, before the name alone", () => {
    const key = "digitalocean:index/volumeSnapshot:VolumeSnapshot::web";
    expect(usageOf(`  ${key}: {snapshot_gib: 10}`, ["VolumeSnapshot", "web"])).toEqual(["0.6", []]);
    expect(
      usageOf(`  ${key}: {snapshot_gib: 10}\n  web: {snapshot_gib: 99}`, ["VolumeSnapshot", "web"]),
    ).toEqual(["0.6", [`web is given as ${key} too, which is what counts`]]);
  });

  test("not by a name that two share, and the reader is told", () => {
    expect(
      usageOf("  web: {snapshot_gib: 10}", ["VolumeSnapshot", "web"], ["Droplet", "web", { size: "c-2" }]),
    ).toEqual([
      "0",
      [
        "web is the name of 2 resources: say which, as in digitalocean:index/volumeSnapshot:VolumeSnapshot::web",
      ],
    ]);
  });

  test("nowhere, and the reader is told", () => {
    const usage = parseUsage(
      file("  a: {domains: 1}\n  b: {domains: 1}\n  c: {domains: 1, snapshot_gib: 1}\n"),
    );
    expect(unusedUsage(usage, [planned("Firewall", "b"), snapshot("c")])).toEqual([
      "a is no resource of this plan",
      "b is not billed by use",
      "c does not take domains, only snapshot_gib",
    ]);
    expect(unusedUsage({}, [snapshot("c")])).toEqual([]);
  });

  test.each(["constructor", "toString"])("by the name %s like any other", (name) => {
    expect(String(priced([snapshot(name)], parseUsage(file("  web: {snapshot_gib: 1}"))).usage)).toBe("0");
    expect(String(priced([snapshot(name)], parseUsage(file(`  ${name}: {snapshot_gib: 10}`))).usage)).toBe(
      "0.6",
    );
  });
});

const inputs: Record<string, Record<string, unknown>> = {
  LoadBalancer: { type: "GLOBAL" },
  ContainerRegistry: { subscriptionTierSlug: "basic" },
  ContainerRegistries: { subscriptionTierSlug: "basic" },
};
const taken = [...usageTaken].flatMap(([type, quantities]) => quantities.map((one) => [type, one] as const));

test.each(taken)("%s is billed by %s", (type, quantity) => {
  const own = inputs[type.slice(type.lastIndexOf(":") + 1)];
  const usage = parseUsage(file(`  one: {${quantity}: 1000000}`));
  expect(priced([planned(type, "one", own)], usage).usage.gt(0)).toBe(true);
});
