// scripts/cost as people call it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

// Each call is a process, some a checkout besides.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "cost-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const recording = (name: string) => path.resolve("test/unit/cost/plan/recordings", name);

function cost(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/cost.ts", ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function costs(...args: string[]): string {
  const { status, stdout, stderr } = cost(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

const file = (name: string, content: unknown): string => {
  const place = path.join(folder, name);
  writeFileSync(place, typeof content === "string" ? content : JSON.stringify(content));
  return place;
};
const specification = (size: string) =>
  file(`${size}.json`, {
    resources: [{ resource_type: "droplet", resource_name: "web", size, count: 2 }],
  });

test("a specification is answered in its own form", () => {
  expect(JSON.parse(costs("--spec", specification("s-1vcpu-1gb"), "--format", "json"))).toEqual({
    estimated_monthly_cost: 12,
    currency: "USD",
    breakdown: [
      { resource_type: "droplet", resource_name: "web-1", estimated_cost: 6 },
      { resource_type: "droplet", resource_name: "web-2", estimated_cost: 6 },
    ],
  });
});

describe("the same bytes for the same input, in every format", () => {
  test.each(["table", "json", "markdown", "html"])("%s", (format) => {
    const args = ["--plan", recording("changes.preview.json"), "--format", format];
    const first = costs(...args);
    expect(first.length).toBeGreaterThan(200);
    expect(costs(...args)).toBe(first);
  });
});

test("a stack against a commit, a report and a file", () => {
  expect(costs("prod", "--compare", "HEAD")).toContain("unchanged");
  const earlier = file("earlier.json", costs("--spec", specification("s-1vcpu-1gb")).replace(/^/, ""));
  expect(cost("prod", "--compare", earlier).stderr).toContain("earlier.json");
  const report = file("report.json", costs("prod", "--format", "json"));
  expect(costs("prod", "--compare", report)).toContain("unchanged");
  const other = costs("--spec", specification("s-1vcpu-2gb"), "--compare", specification("s-1vcpu-1gb"));
  expect(other).toContain("+$12.00");
});

test("usage is shown apart, and a name that the plan does not have is told", () => {
  const usage = (name: string) =>
    file("usage.yml", `version: 0.1\nresource_usage:\n  ${name}:\n    egress_overage_gib: 100\n`);
  const spec = specification("s-1vcpu-1gb");
  expect(costs("--spec", spec, "--usage", usage("web-1"))).toMatch(/Usage a month +\$1\.00/);
  expect(cost("--spec", spec, "--usage", usage("wbe-1")).stderr).toContain("speaks of wbe-1");
});

test.each([
  [["--format", "pdf"], "--format pdf is none of table, json, markdown, html"],
  [["prod", "--plan", "x.json"], "One at a time"],
  [["--plan", "/nowhere/plan.json"], "/nowhere/plan.json: ENOENT"],
  [["--plan", "README.md"], "README.md: this is no JSON"],
  [["--state", "package.json"], "not what pulumi stack export prints"],
  [["--frobnicate"], "Known are --plan"],
  [["prod", "--compare", "no-such-thing"], "neither a file here nor a commit"],
  [["no-such-stack"], "atlas:adminEmail"],
] as const)("%j: %s", (args, message) => {
  const { status, stderr, stdout } = cost(...args);
  expect(status).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe("");
});
