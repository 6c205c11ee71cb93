// Another version of Atlas, and back: with its data where the schema has moved, the image alone where it has not.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localOperationsFolder } from "../../../components/operations/here.ts";
import { docker } from "../../../ops/docker.ts";
import { titles } from "../backups.ts";
import { TestStack, until } from "../test-stack.ts";
import { makeVersion } from "./versions.ts";

let stack: TestStack;
const images: Record<string, string> = {};
const folder = () => localOperationsFolder({ namePrefix: stack.prefix });
const sets = () => readdirSync(path.join(folder(), "sets"));

beforeAll(async () => {
  stack = await TestStack.make({
    storage: "true",
    backendEnv: { LICENSE_KEY: "test-licence", STANDIN_LICENSE: "ALL" },
  });
  await makeVersions();
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
  await write("Written on the first version");
});
afterAll(async () => {
  await stack.remove();
  await docker(["image", "rm", "--force", ...Object.values(images)]);
  rmSync(folder(), { recursive: true, force: true });
});

/** An image that going back does not need is removed, and there is no registry to pull it from again. */
async function makeVersions(): Promise<void> {
  for (const kind of ["newer", "dying", "broken"] as const)
    images[kind] = await makeVersion(kind, `v9-${kind}-${stack.name}`);
}

const backend = (image?: string) => stack.configure({ images: image && { backend: image } });

async function write(title: string): Promise<void> {
  await using client = await stack.client();
  await client.workOrders.create({ title });
  await client.files.upload({ name: `${title}.txt`, content: Buffer.from(title), type: "OTHER" });
}

async function serving(): Promise<string> {
  const { services } = await stack.outputs();
  return services.find(({ name }) => name === "backend")?.image ?? "none";
}

async function query(sql: string): Promise<string[]> {
  const psql = `PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U atlas -Atc "${sql}" atlas`;
  const rows = await docker(["exec", stack.container("postgres"), "sh", "-c", psql]);
  return rows.trimEnd().split("\n");
}
const columns = () =>
  query("select column_name from information_schema.columns where table_name = 'work_order'");
/** Names in the database; their contents are compared by the restore itself. */
const files = () => query("select name from file order by name");

let first: string;

test("an upgrade takes a set first, and loses nothing", async () => {
  first = await serving();
  backend(images.newer);
  await stack.succeeds("up");
  expect(await serving()).toBe(images.newer);
  expect(await columns()).toContain("colour");
  expect(await titles(stack)).toEqual(["Written on the first version"]);
  const list = (await stack.succeeds("backup", "--list")).out;
  expect(list).toMatch(/upgrade/);
});

test("without --yes nothing goes back, and what would be lost is told", async () => {
  await write("Written on the second version");
  const { code, output } = await stack.script("rollback");
  expect(code).toBe(1);
  expect(output).toContain("work_order");
  expect(output).toContain("--yes");
  expect(await serving()).toBe(images.newer);
  expect(await titles(stack)).toContain("Written on the second version");
});

test("an older version by configuration alone is refused where the schema has moved", async () => {
  backend();
  const { code, output } = await stack.script("up");
  expect(code).toBe(1);
  expect(output).toContain("scripts/rollback");
  expect(await titles(stack)).toContain("Written on the second version");
});

test("a rollback brings back version, database and files; what was there is a set of its own", async () => {
  backend(images.newer);
  const { output } = await stack.succeeds("rollback", "--yes");
  expect(output).toContain("atlas:images.backend");
  expect(await serving()).toBe(first);
  expect(await columns()).not.toContain("colour");
  expect(await titles(stack)).toEqual(["Written on the first version"]);
  expect(await files()).toEqual(["Written on the first version.txt"]);
  expect((await stack.succeeds("backup", "--list")).out).toMatch(/restore/);
  expect((await stack.succeeds("smoke")).out).toContain("0 failed");
  const again = await stack.script("rollback", "--yes");
  expect(again.output).toContain("nothing to go back to");
});

test("a version that does not start gives way to the one before, with every write", async () => {
  await write("Written just before");
  backend(images.dying);
  const { code, output } = await stack.script("up");
  expect(code).not.toBe(0);
  expect(output).toContain("going back");
  expect(await serving()).toBe(first);
  expect(await columns()).not.toContain("colour");
  expect(await titles(stack)).toEqual(["Written just before", "Written on the first version"]);
});

test("a version that fails the smoke checks goes back alone, since the schema stays", async () => {
  await write("Written before the broken one");
  const before = sets();
  backend(images.broken);
  const { code, output } = await stack.script("up");
  expect(code).not.toBe(0);
  expect(output).toContain("the schema has not moved");
  expect(await serving()).toBe(first);
  expect(await titles(stack)).toContain("Written before the broken one");
  // The one before the upgrade, and none of a restore.
  expect(sets().length).toBe(before.length + 1);
});

test("the audit log tells who deployed what, with what result", () => {
  const lines = readFileSync(path.join(folder(), "audit.jsonl"), "utf8").trimEnd().split("\n");
  const ups = lines.map((line) => JSON.parse(line)).filter(({ act }) => act === "up" || act === "rollback");
  expect(ups.map(({ act, result }) => `${act} ${result}`)).toEqual([
    ...["up ok", "up ok", "rollback failed", "up failed", "rollback ok", "up failed", "up failed"],
  ]);
  expect(ups.every(({ user, host }) => user === userInfo().username && host === hostname())).toBe(true);
});

/** Ends an up with everything that it started, once its backup is taken and before it comes to its end. */
async function cutOff(image: string | undefined): Promise<void> {
  await makeVersions();
  backend(image);
  const running = stack.start("up");
  await until("the backup before the upgrade", 120, () => {
    if (running.child.exitCode !== null) throw new Error(`the up has ended: ${running.output()}`);
    const { pending } = JSON.parse(readFileSync(path.join(folder(), "versions.json"), "utf8"));
    return pending?.from.set !== undefined;
  });
  running.cutPower();
  await running.finished;
}

test("an up that is cut off behind its backup is gone on with by the next", async () => {
  const before = await titles(stack);
  await cutOff(images.newer);
  await stack.succeeds("up");
  expect(await serving()).toBe(images.newer);
  expect(await titles(stack)).toEqual(before);
});

test("set back after that, the version stays and the door opens", async () => {
  const before = await titles(stack);
  await cutOff(images.dying);
  backend(images.newer);
  await stack.succeeds("up");
  expect(await serving()).toBe(images.newer);
  expect(await titles(stack)).toEqual(before);
  await write("Written after an upgrade that was given up");
});
