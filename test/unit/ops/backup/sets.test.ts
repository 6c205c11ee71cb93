import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { prune } from "../../../../ops/backup/prune.ts";
import { type Manifest, parseManifest, SetFault, timeOf } from "../../../../ops/backup/set.ts";
import type { Deployment } from "../../../../ops/deployment.ts";
import type { Log } from "../../../../ops/log.ts";
import { recordResult } from "../../../../ops/results.ts";
import { folderStore } from "../../../../ops/stores/folder.ts";
import { localStore, setsFolder, stores } from "../../../../ops/stores/stores.ts";

let deployment: Deployment;
let sets: string;
beforeEach(() => {
  deployment = {
    name: "dev",
    namePrefix: "atlas-dev",
    publicUrl: "http://localhost:8080/",
    adminEmail: "admin@example.com",
    storage: false,
    folder: mkdtempSync(path.join(tmpdir(), "sets-")),
    backupKey: "AGE-SECRET-KEY-1",
    keep: { daily: 2, weekly: 0, monthly: 0 },
    alerts: {},
  };
  sets = setsFolder(deployment);
});
afterEach(() => rmSync(deployment.folder, { recursive: true }));

const manifestOf = (id: string, changes: Partial<Manifest> = {}): Manifest => ({
  format: 1,
  id,
  createdAt: timeOf(id).toISOString(),
  reason: "daily",
  namePrefix: "atlas-dev",
  publicUrl: "http://localhost:8080/",
  images: {},
  postgresVersion: "16.13",
  schema: { changeSets: 0, last: "" },
  database: { name: "database.dump", bytes: 4, sha256: "0".repeat(64), rows: {} },
  ...changes,
});

function addSet(id: string, changes: Partial<Manifest> = {}): void {
  mkdirSync(path.join(sets, id), { recursive: true });
  writeFileSync(path.join(sets, id, "database.dump"), "dump");
  writeFileSync(path.join(sets, id, "manifest.json"), JSON.stringify(manifestOf(id, changes)));
}

function listening(): Log & { warnings: string[] } {
  const warnings: string[] = [];
  const note = (message: string, fields?: Record<string, unknown>) =>
    warnings.push(`${message} ${fields?.error}`);
  return { correlationId: "test", info: () => {}, warning: note, error: note, warnings };
}

const days = ["20261118T020000Z-00000a", "20261119T020000Z-00000a", "20261120T020000Z-00000a"];
const [oldest = "", middle = "", newest = ""] = days;
const now = new Date("2026-11-21T02:00:00Z");

describe("a folder of sets", () => {
  test("lists the finished ones, oldest first", async () => {
    expect(await folderStore(sets).list()).toEqual([]);
    for (const id of [newest, oldest]) addSet(id);
    mkdirSync(path.join(sets, middle));
    mkdirSync(path.join(sets, `${middle}.partial`));
    mkdirSync(path.join(sets, "lost+found"));
    expect(await folderStore(sets).list()).toEqual([oldest, newest]);
  });

  test("gives files back, and says which are missing", async () => {
    addSet(newest);
    const store = folderStore(sets);
    expect(await text(await store.read(newest, "database.dump"))).toBe("dump");
    await expect(store.read(newest, "objects.tar")).rejects.toThrow(
      `set ${newest} in ${sets} has no file objects.tar`,
    );
    await expect(store.read(newest, "../../secret")).rejects.toThrow(SetFault);
    await expect(store.manifest(oldest)).rejects.toThrow(/was never finished, or is not there/);
  });

  test("takes one away whole", async () => {
    addSet(newest);
    await folderStore(sets).remove(newest);
    expect(readdirSync(sets)).toEqual([]);
  });
});

test.each([
  { fault: "its text: ", content: "{" },
  { fault: "namePrefix: ", content: JSON.stringify({ ...manifestOf(oldest), namePrefix: 1 }) },
  { fault: `is of set ${middle}`, content: JSON.stringify(manifestOf(middle)) },
])("a manifest is refused where it is none: $fault", ({ fault, content }) => {
  expect(() => parseManifest(content, oldest, "set X in Y")).toThrow(fault);
  expect(() => parseManifest(content, oldest, "set X in Y")).toThrow("set X in Y");
});

test("all places of a deployment are the folder, and the remote storage where there is one", () => {
  const remote = {
    endpoint: "https://spaces.example",
    region: "fra1",
    bucket: "backups",
    prefix: "atlas/",
    accessKeyId: "id",
    secretAccessKey: "the-secret",
  };
  const names = stores({ ...deployment, remote }).map(({ name }) => name);
  expect(names).toEqual([sets, "https://spaces.example/backups/atlas/"]);
  expect(stores(deployment)).toHaveLength(1);
});

describe("pruning", () => {
  test("removes what has expired", async () => {
    for (const id of days) addSet(id);
    expect(await prune(deployment, { log: listening(), now })).toEqual([oldest]);
    expect(readdirSync(sets)).toEqual([middle, newest]);
  });

  test("keeps the set of the last good drill", async () => {
    for (const id of days) addSet(id);
    recordResult(deployment, "drill", { ok: true, seconds: 1, id: oldest });
    recordResult(deployment, "drill", { ok: false, seconds: 1, id: newest, error: "does not boot" });
    expect(await prune(deployment, { log: listening(), now })).toEqual([]);
  });

  test("leaves alone what is another deployment's, and what cannot be read", async () => {
    for (const id of days) addSet(id);
    addSet("20200101T000000Z-00000a", { namePrefix: "atlas-other" });
    addSet("20200102T000000Z-00000a");
    writeFileSync(path.join(sets, "20200102T000000Z-00000a", "manifest.json"), "{");
    const log = listening();
    expect(await prune(deployment, { log, now })).toEqual([oldest]);
    expect(log.warnings).toEqual([
      expect.stringMatching(/keeps a set that cannot be read .*20200102T000000Z/),
    ]);
    expect(await localStore(deployment).list()).toHaveLength(4);
  });

  test("removes unfinished ones a day later", async () => {
    const draft = path.join(sets, `${oldest}.partial`);
    mkdirSync(draft, { recursive: true });
    const began = new Date("2026-11-20T02:00:01Z");
    utimesSync(draft, began, began);
    expect(await prune(deployment, { log: listening(), now })).toEqual([]);
    const later = new Date(now.getTime() + 2000);
    expect(await prune(deployment, { log: listening(), now: later })).toEqual([`${oldest}.partial`]);
    expect(readdirSync(sets)).toEqual([]);
  });
});
