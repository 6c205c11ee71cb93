import Big from "big.js";
import { describe, expect, test } from "vitest";
import type { PlannedResource } from "../../../components/cost/resource.ts";
import { conclude, type Looks } from "../../../scripts/lib/ci/look.ts";
import { objections } from "../../../scripts/lib/ci/verdict.ts";
import { planned } from "../policies/planned.ts";
import { step } from "./findings.ts";

const volume = (size: number) => planned("Volume", "data", { size, region: "fra1" }, { protect: true });
const declared = (...resources: PlannedResource[]) => ({
  name: "prod",
  stack: "prod",
  resources,
  budget: { monthly: Big(5), warnAt: 80 },
});
const commit = "0123456789abcdef";
const preview = {
  plan: {
    before: [volume(10)],
    after: [volume(20)],
    steps: [step("update", "Volume", "data", { changes: ["size"] })],
  },
};

const concluded = (looks: Partial<Looks>) => {
  const { seen, ...rest } = conclude(
    "prod",
    { preview, declared: declared(volume(20)), base: undefined, stateless: false, ...looks },
    { production: true },
  );
  const { plan, cost } = seen ?? {};
  return {
    ...rest,
    steps: plan?.steps.map(({ operation, name, changes }) => [operation, name, ...changes]),
    before: cost?.past && [cost.past.name, cost.past.estimate.monthly.toFixed(2)],
    after: cost?.estimate.monthly.toFixed(2),
    budget: cost?.verdict?.status,
    violations: seen?.violations,
  };
};

test("a preview against the stack's state is the plan, and the state is what it is compared with", () => {
  expect(concluded({ base: { commit, resources: [] } })).toEqual({
    stack: "prod",
    production: true,
    failure: undefined,
    unseen: [],
    steps: [["update", "data", "size"]],
    before: ["now deployed", "1.00"],
    after: "2.00",
    budget: "within",
    violations: [],
  });
});

describe("without a preview", () => {
  const blind = { preview: { blind: "no token" } };

  test("the program is compared with the base commit's, and what that cannot see is said", () => {
    const found = concluded({ ...blind, base: { commit, resources: [volume(5), planned("Tag", "tag")] } });
    expect(found).toMatchObject({
      failure: undefined,
      steps: [
        ["update", "data", "size"],
        ["delete", "tag"],
      ],
      before: ["commit 0123456789ab", "0.50"],
      after: "2.00",
      unseen: [
        "No preview was run: no token.",
        "The plan compares what the program asks for at commit `0123456789ab` and now. It does not know the state, so it cannot tell what would be replaced.",
        "Secret settings: the program ran with stand-ins for them.",
      ],
    });
  });

  test("everything looks new where the base commit's program fails, or there is none", () => {
    const failed = concluded({ ...blind, base: { failure: "\nconfig at fault\nmore" } });
    expect(failed).toMatchObject({ steps: [["create", "data"]], before: undefined });
    expect(failed.unseen[1]).toBe(
      "The program at the base commit failed, so everything looks new: config at fault",
    );
    expect(concluded(blind).unseen[1]).toBe("Nothing is known of the state, so everything looks new.");
  });

  test("budget and policies hold all the same", () => {
    const found = conclude(
      "prod",
      {
        ...blind,
        preview: { blind: "no token" },
        declared: declared(planned("Volume", "data", { size: 60 })),
        base: undefined,
        stateless: false,
      },
      { production: true },
    );
    expect(objections(found)).toEqual(["it is over budget", "1 policy violation"]);
  });
});

test("a preview on no state passes, but the base commit knows more than it", () => {
  const all = { plan: { before: [], after: [volume(20)], steps: [step("create", "Volume", "data")] } };
  const found = concluded({ preview: all, stateless: true, base: { commit, resources: [volume(10)] } });
  expect(found).toMatchObject({ failure: undefined, steps: [["update", "data", "size"]] });
  expect(found.unseen[0]).toMatch(/^The preview passed on an empty state/);
});

test("a preview that failed fails the check, and the program still tells what it asks for", () => {
  const failed = {
    preview: { failure: "over budget" },
    declared: declared(volume(60)),
    base: { commit, resources: [volume(20)] },
  };
  expect(concluded(failed)).toMatchObject({
    failure: "over budget",
    steps: [["update", "data", "size"]],
    after: "6.00",
    budget: "over",
  });
});

test("a program that fails leaves nothing to see, and nothing that looks fine", () => {
  const found = conclude(
    "prod",
    {
      preview: { blind: "no token" },
      declared: { failure: "2 faults in the configuration" },
      base: undefined,
      stateless: false,
    },
    { production: true },
  );
  expect(found).toMatchObject({ seen: undefined, failure: "2 faults in the configuration" });
  expect(objections(found)).toEqual(["the preview failed"]);
});
