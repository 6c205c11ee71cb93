// The whole way on local Docker with 10,000 work orders and 200 files, and what may happen on it.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localOperationsFolder } from "../../../components/operations/here.ts";
import { execute } from "../../../ops/database.ts";
import type { ActName } from "../../../ops/results.ts";
import { said, setId } from "../backups.ts";
import { engineObjects, noObjects, starts } from "../engine-objects.ts";
import { downloaded, fill } from "../filling.ts";
import { type Finished, run, TestStack } from "../test-stack.ts";
import { alteredSet, changeManifest, corrupt } from "./altered-set.ts";
import { addWorkOrders, contentOf, databases, fingerprint, spoil } from "./content.ts";

const mebibyte = 2 ** 20;
const byHand = 300;
const workOrders = 10_000;

let stack: TestStack;
const content = () => contentOf(stack.prefix);
const folder = () => localOperationsFolder({ namePrefix: stack.prefix });
const sets = () => path.join(folder(), "sets");

/** Name -> SHA-256 of what was uploaded. */
let files: Map<string, string>;
/** The set of it, and its state. */
let set: string;
let whole: Record<string, string>;

beforeAll(async () => {
  stack = await TestStack.make({
    storage: "true",
    backendEnv: { LICENSE_KEY: "test-licence", STANDIN_LICENSE: "ALL", RATE_LIMIT_ENABLED: "false" },
  });
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
});
afterAll(async () => {
  await stack?.remove();
  if (stack) rmSync(folder(), { recursive: true, force: true });
});

const started = (act: string, ...args: string[]) => run(`scripts/${act}`, [stack.name, "--sandbox", ...args]);

/** For whoever reads the run: how long the last one took. */
function tellSeconds(act: ActName): void {
  const { seconds } = JSON.parse(readFileSync(path.join(folder(), "results.json"), "utf8"))[act].last;
  console.log(`${act}: ${Math.round(seconds)} s`);
}

/** Nothing of it shall have moved. */
async function state() {
  return { fingerprint: await fingerprint(content()), starts: await starts(stack.prefix) };
}

test("a backup is made of all of it", async () => {
  await using client = await stack.client();
  files = await fill(client, { orders: byHand, files: 200, largest: 20 * mebibyte });
  await execute(content().database, addWorkOrders(workOrders - byHand));
  expect((await client.workOrders.list({ pageSize: 1 })).totalElements).toBe(workOrders);
  whole = await fingerprint(content());
  const { out } = await stack.succeeds("backup");
  console.log(out);
  tellSeconds("backup");
  set = setId(out);
  const { database, objects } = JSON.parse(readFileSync(path.join(sets(), set, "manifest.json"), "utf8"));
  expect(database.rows.work_order).toBe(workOrders);
  expect(objects.count).toBe(files.size);
});

describe("before anything is touched", () => {
  test.each<[string, (folder: string) => void, RegExp]>([
    ["whose dump is corrupted", corrupt("database.dump"), /database\.dump was altered/],
    ["whose files are corrupted", corrupt("objects.tar"), /objects\.tar was altered/],
    [
      "that is truncated",
      (of) => truncateSync(path.join(of, "objects.tar"), 20 * mebibyte),
      /objects\.tar was cut off after 20971520 of/,
    ],
    ["that was never finished", (of) => rmSync(path.join(of, "manifest.json")), /there is no set/],
    [
      "of another deployment",
      changeManifest(() => ({ namePrefix: "atlas-other" })),
      /of another deployment, atlas-other .*--foreign/,
    ],
  ])("a set %s is refused", async (_, change, reason) => {
    const id = "20260101T000000Z-00000a";
    alteredSet(sets(), set, id, change);
    const before = await state();
    const { code, output } = await stack.script("restore", id, "--yes");
    expect(code).toBe(1);
    expect(output).toMatch(reason);
    expect(await state()).toEqual(before);
    expect(await databases(content())).toEqual(["atlas", "postgres"]);
    rmSync(path.join(sets(), id), { recursive: true });
  });
});

// Only root mounts.
describe.skipIf(process.getuid?.() !== 0)("a disk that is full", () => {
  const filler = () => path.join(sets(), "filler");

  /** Sets lie on a disk of so many MiB meanwhile. */
  async function onDisk(size: number, act: () => Promise<Finished>): Promise<Finished> {
    command("mount", "-t", "tmpfs", "-o", `size=${size}m`, "none", sets());
    try {
      const finished = await act();
      rmSync(filler(), { force: true });
      expect(readdirSync(sets())).toEqual([]);
      return finished;
    } finally {
      // Whatever may still be at work there.
      command("umount", "--lazy", sets());
    }
  }

  async function expectTold({ code, out, output }: Finished, reason: RegExp): Promise<void> {
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(output).toMatch(reason);
    expect(output).toContain("next: free space there, or enlarge the disk");
    const status = await stack.script("status");
    expect(status.code).toBe(1);
    expect(status.out).toMatch(reason);
    expect(status.out).toContain(`next: scripts/backup ${stack.name}`);
  }

  test("is seen before a set is begun", async () => {
    const finished = await onDisk(8, () => stack.script("backup"));
    await expectTold(finished, /no set is begun: .* has 8 MiB free/);
  });

  test("while a set is written leaves nothing of it", async () => {
    const finished = await onDisk(96, async () => {
      const backup = started("backup");
      await said(backup, "writing the objects");
      // It ends when nothing more goes in.
      spawnSync("dd", ["if=/dev/zero", `of=${filler()}`, "bs=1M"]);
      return backup.finished;
    });
    await expectTold(finished, /became full while a set was written/);
  });

  test("that has room again takes the next one", async () => {
    const { out } = await stack.succeeds("backup");
    expect((await stack.script("status")).out).not.toContain("became full");
    rmSync(path.join(sets(), setId(out)), { recursive: true });
  });
});

describe("a restore that is killed", () => {
  /** With everything that it has started, as soon as it says this. */
  async function killedAt(message: string, phase: string): Promise<void> {
    const restore = started("restore", set, "--yes");
    await said(restore, message);
    restore.cutPower();
    await restore.finished;
    expect(JSON.parse(readFileSync(path.join(folder(), "restore.json"), "utf8"))).toMatchObject({
      id: set,
      phase,
    });
  }

  async function expectGoesOn(): Promise<void> {
    const { output } = await stack.succeeds("restore", set, "--yes");
    expect(output).toContain("going on with the restore that was cut off");
    expect(await fingerprint(content())).toEqual(whole);
    expect(await databases(content())).toEqual(["atlas", "postgres"]);
    expect(readdirSync(folder())).not.toContain("restore.json");
  }

  test("while it loads has touched nothing, and goes on", async () => {
    await spoil(content());
    const before = await state();
    expect(before.fingerprint).not.toEqual(whole);
    await killedAt("loading the database beside the live one", "loading");
    expect(await state()).toEqual(before);
    await expectGoesOn();
  });

  test("after the swap leaves the door shut for everything but itself, and goes on", async () => {
    await spoil(content());
    await killedAt("making the files the set's", "swapped");
    expect(Object.keys(await starts(stack.prefix))).toEqual(["frontend", "postgres", "storage"]);
    const { code, output } = await stack.up();
    expect(code).toBe(1);
    expect(output).toContain(`scripts/restore ${stack.name} ${set} --yes`);
    expect(Object.keys(await starts(stack.prefix))).toEqual(["frontend", "postgres", "storage"]);
    await expectGoesOn();
    expect((await stack.succeeds("smoke")).out).toContain("0 failed");
  });
});

test("everything destroyed, data included, comes back from the set: rows, files, and what serves them", async () => {
  const { adminPassword } = await stack.outputs();
  const { code, output } = await stack.down("--delete-data");
  expect(code, output).toBe(0);
  expect(await engineObjects(stack.prefix)).toEqual(noObjects);
  const again = await stack.up();
  expect(again.code, again.output).toBe(0);
  expect(await fingerprint(content())).not.toEqual(whole);

  await stack.succeeds("restore", set, "--yes");
  tellSeconds("restore");
  expect(await fingerprint(content())).toEqual(whole);

  // The new deployment has generated another password for the administrator; the set has the old one.
  await stack.setSecret("adminPassword", adminPassword);
  const up = await stack.up();
  expect(up.code, up.output).toBe(0);
  expect((await stack.succeeds("smoke")).out).toContain("0 failed");
  await using client = await stack.client();
  expect((await client.workOrders.list({ pageSize: 1 })).totalElements).toBe(workOrders);
  expect(await downloaded(client)).toEqual(files);
});

describe("a drill at this size", () => {
  test("passes with the set", async () => {
    const { output } = await stack.succeeds("drill", set);
    expect(output).toContain("all work orders are listed");
    tellSeconds("drill");
  });

  test("catches a set that restores but does not boot", async () => {
    const rename = (from: string, to: string) =>
      execute(content().database, `alter table subscription_plan rename column ${from} to ${to}`);
    await rename("code", "kode");
    const dead = setId((await stack.succeeds("backup")).out);
    await rename("kode", "code");
    const { code, output } = await stack.script("drill", dead);
    expect(code).toBe(1);
    expect(output).toMatch(/Atlas boots.*ended with exit code 1.*column .*code.* does not exist/);
    expect((await stack.script("status")).out).toMatch(/Restore drill +failed on .*Atlas boots/);
  });
});

/** @throws Error with what it wrote */
function command(name: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(name, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name} ${args.join(" ")}: ${error?.message ?? stderr}`);
}
