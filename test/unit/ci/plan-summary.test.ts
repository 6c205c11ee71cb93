import { describe, expect, test } from "vitest";
import { declaredChange, summarise } from "../../../scripts/lib/ci/plan-summary.ts";
import { planned } from "../policies/planned.ts";
import { step } from "./findings.ts";

const names = (list: { name: string }[]) => list.map(({ name }) => name);

describe("a plan in words", () => {
  const plan = {
    before: [],
    after: [],
    steps: [
      step("create", "pulumi:providers:digitalocean", "provider"),
      step("same", "pulumi:pulumi:Stack", "stack"),
      step("create", "Droplet", "new"),
      step("update", "Volume", "grown"),
      step("replace", "DatabaseCluster", "db"),
      step("delete", "SpacesBucket", "files"),
      step("delete", "Volume", "kept", { kept: true }),
      step("delete", "Tag", "tag"),
      step("same", "Vpc", "vpc"),
      step("read", "Image", "image"),
    ],
  };

  test("tells each act apart, and leaves Pulumi's own resources out", () => {
    const { created, changed, replaced, deleted, unchanged } = summarise(plan);
    expect([created, changed, replaced, deleted].map(names)).toEqual([
      ["new"],
      ["grown"],
      ["db"],
      ["files", "kept", "tag"],
    ]);
    expect(unchanged).toBe(1);
  });

  test("names what is lost for good", () => {
    expect(summarise(plan).dangers.map((danger) => [danger.step.name, danger.loses])).toEqual([
      ["db", "all databases of the cluster, and its backups with it"],
      ["files", "all files in the bucket"],
    ]);
  });
});

describe("the plan between two states of a program", () => {
  const same = planned("Tag", "tag", { name: "web" });
  const plan = declaredChange(
    [
      same,
      planned("Droplet", "web", { size: "small", tags: ["a"], image: "debian" }),
      planned("Volume", "data"),
    ],
    [
      same,
      planned("Droplet", "web", { size: "large", tags: ["a"], ipv6: true, image: "debian" }),
      planned("Volume", "new"),
    ],
  );

  test("knows what is new, other and gone", () => {
    expect(plan.steps.map(({ operation, name, changes }) => [operation, name, changes])).toEqual([
      ["same", "tag", []],
      ["update", "web", ["ipv6", "size"]],
      ["create", "new", []],
      ["delete", "data", []],
    ]);
  });

  test("does not mind the order of keys", () => {
    const rule = { protocol: "tcp", portRange: "22" };
    const before = [planned("Firewall", "wall", { inboundRules: [rule] })];
    const after = [planned("Firewall", "wall", { inboundRules: [{ portRange: "22", protocol: "tcp" }] })];
    expect(declaredChange(before, after).steps.map(({ operation }) => operation)).toEqual(["same"]);
  });

  test("holds dangers as well", () => {
    expect(names(summarise(plan).dangers.map((danger) => danger.step))).toEqual(["data"]);
  });
});
