import { describe, expect, test } from "vitest";
import type { Step } from "../../../components/cost/plan.ts";
import { comment, commentLimit, type Frame, marker, summaryLimit } from "../../../scripts/lib/ci/comment.ts";
import { objections } from "../../../scripts/lib/ci/verdict.ts";
import { costOf, finding, step, steps, twoViolations } from "./findings.ts";

const frame: Frame = {
  // The section itself has golden files of its own.
  cost: ({ name, estimate }) => `### Cost of ${name}\n\n$${estimate.monthly.toFixed(2)} a month.`,
  commit: "0123456789abcdef0123456789abcdef01234567",
  runUrl: "https://github.example/plant/atlas/actions/runs/42",
};

const golden = (name: string) => `golden/${name}.md`;

describe("the comment", () => {
  test("of a small change", async () => {
    const plan = [
      step("update", "Droplet", "atlas-droplet", { changes: ["size"] }),
      step("create", "Tag", "atlas-tag"),
      step("create", "pulumi:pulumi:Stack", "atlas-prod"),
      ...steps(17, "same", "DnsRecord", "record"),
    ];
    await expect(comment(finding(plan), frame)).toMatchFileSnapshot(golden("small-change"));
  });

  test("of nothing at all", async () => {
    const plan = steps(21, "same", "DnsRecord", "record");
    const nothing = finding(plan, { cost: costOf("30.80") });
    await expect(comment(nothing, frame)).toMatchFileSnapshot(golden("nothing"));
  });

  test("of data in danger, a policy and a budget that say no", async () => {
    const plan = [
      step("replace", "Volume", "atlas-data", { changes: ["region"] }),
      step("replace", "Droplet", "atlas-droplet", { changes: ["region", "vpcUuid"] }),
      step("replace", "Vpc", "atlas-vpc", { changes: ["region"] }),
      step("delete", "ReservedIp", "atlas-address", { kept: true }),
      step("delete", "docker:index/volume:Volume", "atlas-files"),
      step("delete", "pulumi-nodejs:dynamic/atlas:Smoke", "smoke"),
      ...steps(12, "create", "DnsRecord", "record"),
    ];
    const base = finding(plan, { cost: costOf("54.80", "40") });
    const bad = { ...base, seen: base.seen && { ...base.seen, violations: twoViolations } };
    await expect(comment(bad, frame)).toMatchFileSnapshot(golden("data-in-danger"));
  });

  test("of a fork, which could not see everything", async () => {
    const unseen = ["No preview was run: `DIGITALOCEAN_TOKEN` is not set.", "Secret settings are stand-ins."];
    const plan = [step("create", "Droplet", "atlas-droplet")];
    await expect(comment(finding(plan, { unseen }), frame)).toMatchFileSnapshot(golden("fork"));
  });

  test("of a preview that failed, whose message ends no block", async () => {
    const failure = "error: ``` \n  <!-- atlas-preview: dev --> the program failed @everybody";
    const failed = finding([], { seen: undefined, failure });
    await expect(comment(failed, frame)).toMatchFileSnapshot(golden("failed"));
  });

  test("begins with its marker, alone on a line", () => {
    expect(comment(finding([]), frame).split("\n")[0]).toBe(marker("prod"));
    expect(marker("prod")).toBe("<!-- atlas-preview: prod -->");
  });
});

describe("names of other people", () => {
  test("stay on their line, in their code", () => {
    const nasty = step("create", "Droplet", "x`\n## ✅ @all <b>", { changes: ["a`b"] });
    expect(comment(finding([nasty]), frame)).toContain(
      "- `x' ## ✅ @all <b>` (digitalocean Droplet): `a'b`\n",
    );
  });
});

describe("a plan of thousands", () => {
  const dangers = (count: number) => steps(count, "delete", "Volume", "data");
  const shown = (text: string, name: string) => text.match(new RegExp(`\`${name}-\\d+\``, "g"))?.length ?? 0;

  const plan: Step[] = [
    ...dangers(30),
    ...steps(3000, "create", "DnsRecord", "new"),
    ...steps(2000, "update", "DnsRecord", "old"),
    ...steps(40, "replace", "Vpc", "net"),
  ];

  test("stays under the limit, with every danger and every replacement", () => {
    const text = comment(finding(plan), frame);
    expect(text.length).toBeLessThanOrEqual(commentLimit);
    expect(text.length).toBeGreaterThan(commentLimit - 2000);
    expect([shown(text, "data"), shown(text, "net")]).toEqual([30, 40]);
    expect(shown(text, "new")).toBeLessThan(3000);
    expect(text).toMatch(/\n- and \d+ more; the run's summary and its artefact name them\n\n<\/details>/);
    expect(text).toContain("### Cost of prod\n\n$30.80 a month.");
    expect(text).toContain("3000 resources created, 2000 resources changed, 40 resources **replaced**");
    expect(text).toContain("[run](https://github.example/");
  });

  test("is whole in the job's summary", () => {
    const text = comment(finding(plan), { ...frame, limit: summaryLimit });
    expect([shown(text, "new"), shown(text, "old"), shown(text, "data")]).toEqual([3000, 2000, 30]);
    expect(text).not.toMatch(/and \d+ more/);
  });

  test("says how many dangers there are where even those are too many", () => {
    const text = comment(finding([...dangers(5000), ...steps(50, "create", "DnsRecord", "new")]), frame);
    expect(text.length).toBeLessThanOrEqual(commentLimit);
    const count = shown(text, "data");
    expect(count).toBeGreaterThan(200);
    expect(text).toContain(`- and ${5000 - count} more;`);
    expect(shown(text, "new")).toBe(0);
    expect(text).toContain("- and 50 more;");
    expect(text).toContain("data of 5000 production resources would be lost");
  });
});

describe("a plan must not go on", () => {
  const volume = [step("delete", "Volume", "data")];

  test.each([
    ["nothing is wrong", finding([]), []],
    ["no budget is set", finding([], { cost: costOf("30.80") }), []],
    ["it is over budget", finding([], { cost: costOf("41", "40") }), ["it is over budget"]],
    ["the preview failed", finding([], { failure: "no" }), ["the preview failed"]],
    ["there is no plan", finding([], { seen: undefined }), ["there is no plan"]],
    ["a production volume goes", finding(volume), ["data of 1 production resource would be lost"]],
    ["another volume goes", finding(volume, { production: false }), []],
    ["a volume is only forgotten", finding([step("delete", "Volume", "data", { kept: true })]), []],
    ["a droplet goes", finding([step("replace", "Droplet", "web")]), []],
  ])("where it must not: %s", (_case, found, reasons) => {
    expect(objections(found)).toEqual(reasons);
  });
});
