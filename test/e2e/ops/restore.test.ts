import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeSet } from "../../../ops/backup/make.ts";
import type { Manifest } from "../../../ops/backup/set.ts";
import { execute } from "../../../ops/database.ts";
import { startContainers } from "../../../ops/restore/containers.ts";
import { readJournal } from "../../../ops/restore/journal.ts";
import { type RestoreOptions, restore } from "../../../ops/restore/restore.ts";
import { results } from "../../../ops/results.ts";
import { localStore } from "../../../ops/stores/stores.ts";
import { alteredSet, changeManifest, corrupt } from "./altered-set.ts";
import { RestoreBed } from "./restore-bed.ts";

let bed: RestoreBed;
let set: Manifest;
let whole: Record<string, string>;

beforeAll(async () => {
  bed = await RestoreBed.open();
  set = await makeSet(bed.deployment, "manual", { log: bed.log });
  whole = await bed.fingerprint();
});
afterAll(() => bed?.remove());

const restored = (id: string, options: Omit<RestoreOptions, "log"> = { yes: true }) =>
  restore(bed.deployment, localStore(bed.deployment), id, { ...options, log: bed.log });

const serving = ["backend", "ingress", "postgres", "storage"];

async function expectRestored(): Promise<void> {
  expect(await bed.fingerprint()).toEqual(whole);
  expect(await bed.running()).toEqual(serving);
  expect(await bed.databases()).toEqual(["atlas", "postgres"]);
  expect(readJournal(bed.deployment)).toBeUndefined();
}

test("rows and files are as they were, Atlas serves them, and what was there before is a set", async () => {
  await bed.spoil();
  const spoilt = await bed.fingerprint();
  expect(spoilt).not.toEqual(whole);
  const { safetySet } = await restored(set.id);
  await expectRestored();
  await using client = await bed.client();
  expect((await client.workOrders.list({ pageSize: 1 })).totalElements).toBe(2002);
  expect(results(bed.deployment).restore?.last).toMatchObject({ ok: true, id: set.id });

  await restored(safetySet);
  expect(await bed.fingerprint()).toEqual({ ...spoilt, own_user: expect.any(String) });
  await restored(set.id);
});

const altered = (id: string, change: (folder: string) => void) =>
  alteredSet(path.join(bed.deployment.folder, "sets"), set.id, id, change);

describe("before anything is touched", () => {
  test.each<[string, (folder: string) => void, RegExp]>([
    ["a corrupted", corrupt("database.dump"), /database\.dump was altered/],
    [
      "a truncated",
      (folder) => truncateSync(path.join(folder, "objects.tar"), 700),
      /objects\.tar was cut off after 700/,
    ],
    ["a half-uploaded", (folder) => rmSync(path.join(folder, "manifest.json")), /20260101T000000Z-00000/],
    [
      "another deployment's",
      changeManifest(() => ({ namePrefix: "atlas-other" })),
      /of another deployment, atlas-other/,
    ],
    [
      "another PostgreSQL's",
      changeManifest(() => ({ postgresVersion: "15.2" })),
      /dumped from PostgreSQL 15\.2/,
    ],
    [
      "a newer Atlas'",
      changeManifest(() => ({
        schema: { changeSets: 99, last: "0099" },
        images: { postgres: "p", backend: "atlas:v9" },
      })),
      /99 change sets.*deploy atlas:v9/,
    ],
  ])("%s set is refused", async (name, change, reason) => {
    const id = `20260101T000000Z-00000${name.length % 10}`;
    altered(id, change);
    const [before, started] = [await bed.fingerprint(), await bed.starts()];
    await expect(restored(id)).rejects.toThrow(reason);
    expect(await bed.fingerprint()).toEqual(before);
    expect(await bed.starts()).toEqual(started);
    expect(await bed.databases()).toEqual(["atlas", "postgres"]);
    expect(readJournal(bed.deployment)).toBeUndefined();
    rmSync(path.join(bed.deployment.folder, "sets", id), { recursive: true });
  });

  test("a restore without yes tells what would be lost", async () => {
    const started = await bed.starts();
    await expect(restored(set.id, {})).rejects.toThrow(/hours old .*--yes/s);
    expect(await bed.starts()).toEqual(started);
  });

  test("a dump that holds other rows than its manifest says leaves everything as it was, and serving", async () => {
    const id = "20260101T000000Z-0000aa";
    altered(
      id,
      changeManifest(({ database }) => ({
        database: { ...database, rows: { ...database.rows, work_order: 1 } },
      })),
    );
    const before = await bed.fingerprint();
    await expect(restored(id)).rejects.toThrow(/work_order 2002 not 1\nnothing was changed/);
    expect(await bed.fingerprint()).toEqual(before);
    expect(await bed.running()).toEqual(serving);
    expect(await bed.databases()).toEqual(["atlas", "postgres"]);
    expect(readJournal(bed.deployment)).toBeUndefined();
    rmSync(path.join(bed.deployment.folder, "sets", id), { recursive: true });
  });
});

test("the version of the set is put in place while the door is shut", async () => {
  const id = "20260101T000000Z-0000bb";
  altered(
    id,
    changeManifest(({ images }) => ({ images: { ...images, backend: "atlas:v9" } })),
  );
  const seen: unknown[] = [];
  const withImage = async (image: string) => void seen.push(image, await bed.running());
  await restored(id, { yes: true, withImage });
  expect(seen).toEqual(["atlas:v9", ["postgres", "storage"]]);
  await expectRestored();
});

describe("a restore that is killed", () => {
  beforeEach(() => bed.spoil());

  /** Kills it with SIGKILL as soon as it says this. */
  async function killedAt(message: string, id = set.id): Promise<void> {
    const file = path.join(bed.deployment.folder, "deployment.json");
    writeFileSync(file, JSON.stringify(bed.deployment));
    const child: ChildProcess = spawn(
      process.execPath,
      [path.join(import.meta.dirname, "restore-child.ts"), file, id],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const ended = once(child, "exit");
    if (child.stdout)
      for await (const line of createInterface(child.stdout)) if (line === message) child.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
  }

  const shut = ["postgres", "storage"];
  test.each<[string, string[] | undefined]>([
    ["loading the database beside the live one", serving],
    // Docker is on its way.
    ["shutting the door", undefined],
    ["taking a set of what is there now", shut],
    ["swapping the databases", shut],
    ["making the files the set's", shut],
    ["starting Atlas", undefined],
    ["opening the door", undefined],
    ["dropping the database that was live before", serving],
  ])("while %s converges in the next run", async (message, running) => {
    await killedAt(message);
    expect(readJournal(bed.deployment)).toMatchObject({ id: set.id });
    if (running) expect(await bed.running()).toEqual(running);
    await restored(set.id, {});
    await expectRestored();
  });

  /** As a machine does that boots. */
  const openDoor = () => startContainers(["backend", "ingress"].map((name) => `${bed.prefix}-${name}`));

  test("and on whose half Atlas was started meanwhile becomes exactly the set all the same", async () => {
    await killedAt("making the files the set's");
    await openDoor();
    await execute(bed.database, "update work_order set title = 'on half a restore' where id % 5 = 0");
    await restored(set.id, {});
    await expectRestored();
  });

  test("and again while it goes on converges all the same", async () => {
    await killedAt("making the files the set's");
    await killedAt("loading the database beside the live one");
    await restored(set.id, {});
    await expectRestored();
  });

  test("before the swap, and was written to since, has that in the set of what was there", async () => {
    await killedAt("swapping the databases");
    await openDoor();
    await execute(bed.database, "update work_order set title = 'between' where id % 5 = 0");
    const between = await bed.fingerprint();
    const { safetySet } = await restored(set.id, {});
    await expectRestored();
    await restored(safetySet);
    expect(await bed.fingerprint()).toEqual(between);
    await restored(set.id);
  });

  test("gives way to another set, and what was there before is still a set", async () => {
    const before = await bed.fingerprint();
    const other = await makeSet(bed.deployment, "manual", { log: bed.log });
    await killedAt("making the files the set's");
    const { safetySet } = await restored(other.id);
    expect(await bed.fingerprint()).toEqual(before);
    expect(await bed.databases()).toEqual(["atlas", "postgres"]);
    expect(await localStore(bed.deployment).manifest(safetySet)).toMatchObject({
      reason: "restore",
      database: { rows: other.database.rows },
      objects: { digest: other.objects?.digest },
    });
    await restored(set.id);
  });
});
