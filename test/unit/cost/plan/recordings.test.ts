// Programs of other people's shape: the bill by hand, and the same out of preview and state.
import { describe, expect, test } from "vitest";
import { estimate, unpriced } from "../../../../components/cost/estimate.ts";
import { readPreview } from "../../../../components/cost/plan/preview.ts";
import { readState } from "../../../../components/cost/plan/state.ts";
import { priceBook } from "../../../../components/cost/price-book.ts";
import { type PlannedResource, unknown } from "../../../../components/cost/resource.ts";
import { previewOf, stateOf } from "./recordings.ts";

const book = priceBook();
const monthly = (resources: PlannedResource[]) => estimate(resources, book).monthly.toFixed(2);

/** A month of each, as the price lists have it. */
const bills: [name: string, before: string, after: string][] = [
  // 3 x 24 s-2vcpu-4gb, 20 % of one for weekly backups 4.80, 2 x 12 load balancer, the first uptime check free
  ["web-fleet", "0.00", "100.80"],
  // 40 control plane, 3 x 24 s-2vcpu-4gb, 2 x 63 g-2vcpu-8gb, at least 1 x 84 c-4, 5 basic registry
  ["kubernetes", "0.00", "327.00"],
  // 12 s-1vcpu-2gb, 2 x (60.90 + 20 GiB x 0.215) PostgreSQL, once more the replica, 15 Valkey
  ["database", "0.00", "222.60"],
  // 5 Spaces for both buckets, 20 professional registry
  ["site", "0.00", "25.00"],
  // 42 c-2, 30 % of it for daily backups 12.60, 200 GiB x 0.10, 5 the address that leads nowhere
  ["monolith", "0.00", "79.60"],
  // 2 x 6 s-1vcpu-1gb are there; 2 x 84 m-2vcpu-16gb, 2 x 50 GiB x 0.10 and 12 load balancer come
  ["components", "12.00", "202.00"],
  // 24 s-2vcpu-4gb, 12 s-1vcpu-2gb, 10 GiB x 0.10, 30.45 PostgreSQL, 500 GiB x 0.10, 6 s-1vcpu-1gb;
  // 48 s-4vcpu-8gb, 20 % of it for weekly backups 9.60, 12 s-1vcpu-2gb, 20 and 100 GiB x 0.10, 30.45 PostgreSQL
  ["changes", "123.45", "112.05"],
  // As above, but found to be: 96 s-8vcpu-16gb for 24, 18 s-2vcpu-2gb for 6, worker 12 and archive 50 gone
  ["drift", "145.45", "112.05"],
  // As above, but with a 6 s-1vcpu-1gb left over; batch 6 and scratch 1 are deleted already
  ["interrupted", "122.45", "112.05"],
  // As before the changes, but for 57.60 instead of 24
  ["targeted", "123.45", "157.05"],
];

describe("a month of", () => {
  test.each(bills)("%s costs %s before and %s after", (name, before, after) => {
    const plan = readPreview(previewOf(name));
    expect([monthly(plan.before), monthly(plan.after)]).toEqual([before, after]);
  });
});

test("what has no price is named, in preview and state", () => {
  for (const resources of [readPreview(previewOf("monolith")).after, readState(stateOf("monolith"))])
    expect(unpriced(estimate(resources, book)).map(({ name }) => name)).toEqual(["status-page", "egress"]);
});

const byUrn = (resources: PlannedResource[]) =>
  resources.toSorted((a, b) => ((a.urn ?? "") < (b.urn ?? "") ? -1 : 1));

/** `made` with what a preview cannot know yet put to unknown: what it says is then what is said of it. */
function foretold(planned: unknown, made: unknown): unknown {
  if (planned === unknown) return unknown;
  if (Array.isArray(planned) && Array.isArray(made))
    return made.map((item, index) => foretold(planned[index], item));
  if (typeof planned !== "object" || planned === null || typeof made !== "object" || made === null)
    return made;
  return Object.fromEntries(
    Object.entries(made).map(([key, value]) => [key, foretold(Reflect.get(planned, key), value)]),
  );
}

/** A name that a provider makes up is another one at every run. */
const withoutName = (inputs: unknown): unknown => ({ ...Object(inputs), name: undefined });

describe("preview and state agree", () => {
  const made = bills
    .map(([name]) => name)
    .filter((name) => !["drift", "interrupted", "targeted"].includes(name));

  test.each(made)("%s, resource by resource, on what there is after the run", (name) => {
    const planned = byUrn(readPreview(previewOf(name)).after);
    const state = byUrn(readState(stateOf(name)));
    expect(state.length).toBeGreaterThan(4);
    expect(planned.map(({ urn }) => urn)).toEqual(state.map(({ urn }) => urn));
    for (const [index, { inputs, ...resource }] of planned.entries()) {
      const made = state[index];
      expect(resource).toEqual({ ...made, inputs: undefined });
      expect(withoutName(inputs)).toEqual(withoutName(foretold(inputs, made?.inputs)));
    }
    expect(monthly(planned)).toBe(monthly(state));
  });

  test.each([
    ["changes", "before"],
    ["interrupted", "export"],
  ] as const)("%s, on what there is before the run", (name, when) => {
    expect(readPreview(previewOf(name)).before).toEqual(byUrn(readState(stateOf(name, when))));
  });
});

test.each(bills)("%s: the order of the steps does not matter", (name) => {
  const preview = previewOf(name);
  const plan = readPreview(preview);
  const { steps } = preview;
  for (const turned of [steps.toReversed(), steps.toSorted((a, b) => (a.op < b.op ? -1 : 1))])
    expect(readPreview({ ...preview, steps: turned })).toEqual(plan);
});
