// Backups of a whole deployment, as people make them (scripts/backup, restore, drill, status).
import { existsSync, readdirSync, rmSync, truncateSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker } from "../../../components/hosts/docker-cli.ts";
import { localOperationsFolder } from "../../../components/operations/here.ts";
import { setId, titles } from "../backups.ts";
import { TestStack } from "../test-stack.ts";

let stack: TestStack;
const folder = () => localOperationsFolder({ namePrefix: stack.prefix });

beforeAll(async () => {
  stack = await TestStack.make({ storage: "true" });
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
});
afterAll(async () => {
  await stack.remove();
  rmSync(folder(), { recursive: true, force: true });
});

let kept: string;
const before: string[] = [];

test("a backup is made, read back, and listed", async () => {
  await using client = await stack.client();
  for (let i = 0; i < 12; i++)
    await client.workOrders.create({ title: `Order ${String(i).padStart(2, "0")}` });
  before.push(...(await titles(stack)));
  kept = setId((await stack.succeeds("backup")).out);
  expect((await stack.succeeds("backup", "--list")).out).toContain(kept);
});

test("a drill restores it beside the live deployment, and leaves nothing behind", async () => {
  await stack.succeeds("drill");
  const left = await docker([
    "ps",
    "--all",
    "--format",
    "{{.Names}}",
    "--filter",
    `name=${stack.prefix}-drill`,
  ]);
  expect(left.trim()).toBe("");
  expect(await titles(stack)).toEqual(before);
});

test("without --yes nothing is restored, and what would be lost is told", async () => {
  await using client = await stack.client();
  await client.workOrders.create({ title: "Written after the backup" });
  const { code, output } = await stack.script("restore", kept);
  expect(code).toBe(1);
  expect(output).toContain("--yes");
  expect(await titles(stack)).toContain("Written after the backup");
});

test("a truncated set is refused before anything is touched", async () => {
  const broken = setId((await stack.succeeds("backup")).out);
  truncateSync(path.join(folder(), "sets", broken, "database.dump"), 1000);
  const { code, output } = await stack.script("restore", broken, "--yes");
  expect(code).toBe(1);
  expect(output).toContain("database.dump");
  expect(await titles(stack)).toContain("Written after the backup");
  rmSync(path.join(folder(), "sets", broken), { recursive: true });
});

test("a restore brings back what was there, and keeps what it replaced as a set of its own", async () => {
  const { out: said } = await stack.succeeds("restore", kept, "--yes");
  expect(await titles(stack)).toEqual(before);
  const safety = setId(said.slice(said.indexOf("what was there before")));
  await stack.succeeds("restore", safety, "--yes");
  expect(await titles(stack)).toEqual([...before, "Written after the backup"].toSorted());
  expect((await stack.succeeds("smoke")).out).toContain("0 failed");
});

test("status tells how it is, for people, programs and Prometheus", async () => {
  const { out } = await stack.script("status");
  expect(out).toContain(stack.name);
  expect(out).toMatch(/backup/i);
  const condition = JSON.parse((await stack.script("status", "--json")).out);
  expect(condition.name).toBe(stack.name);
  expect((await stack.script("status", "--metrics")).out).toMatch(/^# TYPE /m);
});

test("everything destroyed, data included, comes back from a set", async () => {
  const { adminPassword } = await stack.outputs();
  const { code, output } = await stack.down("--delete-data");
  expect(code, output).toBe(0);
  expect(existsSync(folder()) && readdirSync(path.join(folder(), "sets"))).toContain(kept);
  expect((await stack.up()).code).toBe(0);
  expect(await titles(stack)).toEqual([]);
  // The new deployment has generated another password for the administrator; the set has the old one.
  await stack.succeeds("restore", kept, "--yes");
  await stack.setSecret("adminPassword", adminPassword);
  const up = await stack.up();
  expect(up.code, up.output).toBe(0);
  expect(await titles(stack)).toEqual(before);
});
