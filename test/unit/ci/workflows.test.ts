import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { root } from "../../../scripts/lib/root.ts";

const folder = path.join(root, ".github/workflows");
const files = readdirSync(folder);

const workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      "timeout-minutes": z.number(),
      permissions: z.record(z.string(), z.string()),
      concurrency: z.object({ group: z.string(), "cancel-in-progress": z.boolean() }).optional(),
      environment: z.string().optional(),
      steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
    }),
  ),
});
const textOf = (file: string) => readFileSync(path.join(folder, file), "utf8");
const jobsOf = (file: string) => Object.entries(workflow.parse(parse(textOf(file))).jobs);

test("there are three", () => {
  expect(files.toSorted()).toEqual(["ci.yml", "deploy.yml", "preview.yml"]);
});

describe.each(files)("%s", (file) => {
  test("pins each action by a commit, with its version", () => {
    const uses = textOf(file)
      .split("\n")
      .filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("grants nothing but what a job names, and only comments may be written", () => {
    expect(workflow.parse(parse(textOf(file))).permissions).toEqual({});
    for (const [name, { permissions }] of jobsOf(file))
      expect([name, permissions]).toEqual([
        name,
        name === "preview" ? { contents: "read", "pull-requests": "write" } : { contents: "read" },
      ]);
  });

  test("keeps no credentials in the checkout, and never runs a fork's program with this repository's rights", () => {
    const checkouts = textOf(file).match(/actions\/checkout@/g)?.length;
    expect(textOf(file).match(/persist-credentials: false/g)?.length).toBe(checkouts);
    expect(textOf(file)).not.toContain("pull_request_target");
  });

  test("has no logic of its own: steps call one script, and take no text of a pull request into a command", () => {
    for (const [, { steps }] of jobsOf(file))
      for (const { run } of steps)
        if (run !== undefined) {
          expect(run).toMatch(/^(scripts\/|npm )[^\n;&|]*$/);
          expect(run).not.toContain("${{");
        }
  });
});

test("prod is deployed with approval, and no stack twice at once", () => {
  const jobs = Object.fromEntries(jobsOf("deploy.yml"));
  expect(jobs.prod?.environment).toBe("production");
  for (const [name, { concurrency }] of Object.entries(jobs))
    expect(concurrency).toEqual({ group: `deploy-${name}`, "cancel-in-progress": false });
});
