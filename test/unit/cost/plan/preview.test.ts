import { describe, expect, test } from "vitest";
import { PreviewFailed, readPreview } from "../../../../components/cost/plan/preview.ts";
import { unknown } from "../../../../components/cost/resource.ts";
import { previewOf } from "./recordings.ts";

const type = "digitalocean:index/droplet:Droplet";
const urnOf = (name: string) => `urn:pulumi:live::shop::${type}::${name}`;
const state = (name: string, more: object = {}) => ({
  urn: urnOf(name),
  type,
  custom: true,
  id: name,
  inputs: { size: "s-1vcpu-1gb" },
  ...more,
});
const preview = (steps: object[], more: object = {}) => ({ steps, duration: 1, changeSummary: {}, ...more });
const names = (resources: { name: string }[]) => resources.map(({ name }) => name);

describe("steps of the engine become", () => {
  const told = (name: string) =>
    readPreview(previewOf(name)).steps.map(({ operation, type, name, changes, kept }) =>
      [operation, type.split(":").at(-1), name, ...changes, ...(kept ? ["kept"] : [])].join(" "),
    );

  test("one for each resource, a replacement too, with what changes and what only is forgotten", () => {
    expect(told("changes")).toEqual([
      "same DatabaseCluster orders",
      "delete Droplet batch",
      "update Droplet web backupPolicy backups size",
      "replace Droplet worker image",
      "same Firewall web",
      "create ReservedIp front",
      "delete Volume archive kept",
      "replace Volume scratch region",
      "create Volume uploads",
    ]);
  });

  test("a deletion for what an interrupted run has left over", () => {
    expect(told("interrupted").filter((text) => text.includes("worker"))).toEqual([
      "replace Droplet worker image",
      "delete Droplet worker",
    ]);
  });

  test("none where a refresh came before and found it gone, but for the new one", () => {
    expect(told("drift").filter((text) => /worker|archive/.test(text))).toEqual(["create Droplet worker"]);
  });

  test("none for a new resource that --target passes over", () => {
    const { before, after, steps } = readPreview(previewOf("targeted"));
    for (const known of [before, after, steps]) expect(names(known)).not.toContain("uploads");
    expect(names(after)).toContain("archive");
  });

  test("a reading for what others manage, which is neither before nor after", () => {
    const { before, after, steps } = readPreview(previewOf("components"));
    expect(steps.find(({ name }) => name === "shared-bastion")?.operation).toBe("read");
    expect([...names(before), ...names(after)]).not.toContain("shared-bastion");
  });

  test.each([
    ["import", { newState: state("web") }, "create", false],
    ["discard", { oldState: state("web", { external: true }) }, "delete", true],
  ])("%s", (op, states, operation, kept) => {
    const [step] = readPreview(preview([{ op, ...states }])).steps;
    expect(step).toMatchObject({ operation, kept });
  });

  test.each([
    ["read", { oldState: state("web", { external: true }), newState: state("web", { external: true }) }],
    ["create", { oldState: state("web", { external: true }), newState: state("web") }],
  ])("%s, where what is replaced is only read", (operation, states) => {
    const { before, steps } = readPreview(preview([{ op: "replace", ...states }]));
    expect(steps.map((step) => step.operation)).toEqual([operation]);
    expect(before).toEqual([]);
  });

  test("a replacement also where only its main step is shown", () => {
    const old = state("web", { pendingReplacement: true });
    const { before, steps } = readPreview(
      preview([{ op: "replace", oldState: old, newState: state("web") }]),
    );
    expect(names(before)).toEqual(["web"]);
    expect(steps).toMatchObject([{ operation: "replace", kept: false }]);
  });

  test("a replacement that keeps the old one", () => {
    const old = state("web", { retainOnDelete: true });
    const { steps } = readPreview(preview([{ op: "replace", oldState: old, newState: state("web") }]));
    expect(steps).toMatchObject([{ operation: "replace", kept: true }]);
  });
});

test("components, providers and the stack are left out", () => {
  const { before, after, steps } = readPreview(previewOf("components"));
  for (const known of [before, after, steps])
    for (const one of known) expect(one.type).toMatch(/^digitalocean:index/);
  expect(after).toHaveLength(10);
});

test("a resource that was called otherwise is known by its name of now, before as after", () => {
  const { before, after } = readPreview(previewOf("components"));
  const urns = after.map(({ urn }) => urn);
  expect(before.map(({ urn }) => urn).filter((urn) => urn?.includes("edge"))).toHaveLength(2);
  for (const { urn } of before) expect(urns).toContain(urn);
  expect(names(before)).toContain("edge::0-droplet");
});

test("inputs carry what they are made of, what is protected says so", () => {
  const { after } = readPreview(previewOf("database"));
  const of = (end: string) => after.find(({ urn }) => urn?.endsWith(end));
  expect(of("::orders-read")).toMatchObject({
    inputs: { clusterId: unknown, size: "db-s-2vcpu-4gb" },
    uses: { clusterId: ["digitalocean:index/databaseCluster:DatabaseCluster::orders"] },
    protect: false,
  });
  expect(of("DatabaseCluster::orders")).toMatchObject({ protect: true });
});

test("a secret is not known, whatever it is part of", () => {
  const { before, after } = readPreview(previewOf("changes"));
  for (const resources of [before, after])
    expect(resources.find(({ urn }) => urn?.endsWith("Droplet::web"))?.inputs.userData).toBe(unknown);
  const inputs = { tags: ["a", "[secret]"], policy: { plan: "[secret]", hour: 4 } };
  const [droplet] = readPreview(preview([{ op: "create", newState: state("web", { inputs }) }])).after;
  expect(droplet?.inputs).toEqual({ tags: ["a", unknown], policy: { plan: unknown, hour: 4 } });
});

test("changes are names of inputs, not paths in them", () => {
  const states = { oldState: state("web"), newState: state("web") };
  const detailedDiff = { "nodePool.labels.role": { kind: "update" }, "tags[0]": { kind: "add-replace" } };
  const changesOf = (step: object) =>
    readPreview(preview([{ ...states, detailedDiff, ...step }])).steps[0]?.changes;
  expect(changesOf({ op: "update", diffReasons: ["size"] })).toEqual(["nodePool", "size", "tags"]);
  expect(changesOf({ op: "replace", diffReasons: ["size"] })).toEqual(["tags"]);
  expect(changesOf({ op: "replace", replaceReasons: ["image"], detailedDiff: null })).toEqual(["image"]);
});

describe("there is no plan", () => {
  test("of a preview that has failed; its messages are kept", () => {
    const reading = () => readPreview(previewOf("failed"));
    expect(reading).toThrow(PreviewFailed);
    expect(reading).toThrow(/worker.*size must not be empty/s);
  });

  test("of one that failed before its first step; the messages have no colours", () => {
    const diagnostics = [
      { severity: "warning", message: "careful" },
      { severity: "error", message: "\u001b[31merror: the budget\u001b[0m is spent\n" },
    ];
    try {
      readPreview({ diagnostics });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ messages: ["error: the budget is spent"] });
    }
  });

  test("of one that leaves out what stays the same", () => {
    const recorded = previewOf("changes");
    const steps = recorded.steps.filter(({ op, urn }) => op !== "same" || urn.includes("pulumi:Stack"));
    const plan = readPreview({ ...recorded, steps });
    expect(plan.omitted).toBe(2);
    expect(plan.steps).toEqual(readPreview(recorded).steps.filter(({ operation }) => operation !== "same"));
  });

  test.each([
    [{}, /there are no steps/],
    [{ duration: 1 }, /there are no steps/],
    [[], /expected object, received array/],
    [{ version: 3, deployment: {} }, /state.*pulumi stack export/],
    [
      preview([{ op: "frobnicate", newState: state("web") }]),
      /steps\[0\]\.op must be one of same, .*"frobnicate"/,
    ],
    [preview([{ op: "create" }]), /steps\[0\]\.newState must be a resource/],
    [preview([{ op: "update", newState: state("web") }]), /steps\[0\]\.oldState must be a resource/],
    [
      preview([{ op: "create", newState: state("web", { urn: "web" }) }]),
      /newState\.urn must be a URN, and is "web"/,
    ],
    [
      preview([{ op: "create", newState: state("web", { inputs: [] }) }]),
      /newState\.inputs must be an object/,
    ],
    [preview([{ op: "create", newState: state("web", { protect: "no" }) }]), /protect must be true or false/],
    [
      preview([{ op: "create", newState: state("web", { propertyDependencies: { size: "x" } }) }]),
      /propertyDependencies must be lists of URNs, and is object/,
    ],
  ])("of %j", (json, message) => {
    expect(() => readPreview(json)).toThrow(message);
  });
});
