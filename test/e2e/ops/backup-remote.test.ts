import { createHash, randomBytes } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { Decrypter, generateIdentity } from "age-encryption";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeSet } from "../../../ops/backup/make.ts";
import { prune } from "../../../ops/backup/prune.ts";
import type { Manifest } from "../../../ops/backup/set.ts";
import { verifySet } from "../../../ops/backup/verify.ts";
import type { Deployment, Remote } from "../../../ops/deployment.ts";
import { get, list, put, remove } from "../../../ops/objects.ts";
import { results } from "../../../ops/results.ts";
import { folderStore } from "../../../ops/stores/folder.ts";
import { remoteStore } from "../../../ops/stores/remote.ts";
import { setsFolder, stores } from "../../../ops/stores/stores.ts";
import { BackupBed } from "./backup-bed.ts";
import { UnsteadyDoor } from "./unsteady-door.ts";

const mebibyte = 2 ** 20;
let bed: BackupBed;
let remote: Remote;
let deployment: Deployment;
beforeAll(async () => {
  bed = await BackupBed.start();
  await bed.fillDatabase(2000);
  await bed.fillObjects(20 * mebibyte);
  remote = await bed.startRemote();
  deployment = { ...bed.deployment, remote };
});
afterAll(() => bed.remove());
beforeEach(() => {
  bed.onMessage = () => {};
  bed.lines.length = 0;
});

const make = (of: Deployment, waits: number[] = [0.1]) => makeSet(of, "manual", { log: bed.log, waits });

async function stored(key: string): Promise<Buffer> {
  const object = await get(await bed.remoteObjects(), key);
  if (!object) throw new Error(`no object ${key}`);
  return buffer(object.body);
}

async function storedKeys(prefix: string): Promise<string[]> {
  const found = [];
  for await (const { key } of list(await bed.remoteObjects())) if (key.startsWith(prefix)) found.push(key);
  return found;
}

describe("a set on remote storage", () => {
  let manifest: Manifest;
  beforeAll(async () => {
    manifest = await make(deployment);
  });
  const keyOf = (name: string) => `${remote.prefix}${manifest.id}/${name}.age`;

  test("is the one of this machine, read back", async () => {
    const [here, there] = stores(deployment);
    expect(await there?.list()).toEqual([manifest.id]);
    expect(await there?.manifest(manifest.id)).toEqual(await here?.manifest(manifest.id));
    expect(results(deployment)).toMatchObject({
      backup: { last: { ok: true, id: manifest.id } },
      upload: { last: { ok: true, id: manifest.id } },
    });
  });

  test("can be read with the key alone", async () => {
    const names = ["database.dump", "manifest.json", "objects.tar"];
    expect(await storedKeys(keyOf("").slice(0, -4))).toEqual(names.map(keyOf));
    const tar = readFileSync(path.join(setsFolder(deployment), manifest.id, "objects.tar"));
    expect(tar.includes(bed.canary)).toBe(true);
    const secret = await stored(keyOf("objects.tar"));
    expect(secret.includes(bed.canary)).toBe(false);
    expect((await stored(keyOf("manifest.json"))).includes("work_order")).toBe(false);
    const age = new Decrypter();
    age.addIdentity(deployment.backupKey);
    expect(Buffer.from(await age.decrypt(secret)).equals(tar)).toBe(true);
  });

  test("that another key encrypted is told to be foreign", async () => {
    const foreign = remoteStore(remote, await generateIdentity());
    await expect(verifySet(foreign, manifest.id)).rejects.toThrow(
      /manifest\.json cannot be decrypted: .*another key/,
    );
  });

  test.each([
    { what: "cut off", change: (whole: Buffer) => whole.subarray(0, whole.length - 100_000) },
    {
      what: "altered",
      change: (whole: Buffer) => Buffer.concat([whole.subarray(0, -5), Buffer.from([1, 2, 3, 4, 5])]),
    },
  ])("is told to be $what", async ({ change }) => {
    const whole = await stored(keyOf("objects.tar"));
    const store = await bed.remoteObjects();
    const replace = (content: Buffer) =>
      put(store, {
        key: keyOf("objects.tar"),
        contentType: "",
        body: Readable.from([content], { objectMode: false }),
      });
    await replace(change(whole));
    await expect(verifySet(remoteStore(remote, deployment.backupKey), manifest.id)).rejects.toThrow(
      /objects\.tar cannot be decrypted: it was cut off, altered/,
    );
    await replace(whole);
    await verifySet(remoteStore(remote, deployment.backupKey), manifest.id);
  });

  test("that was uploaded by half is no set, and is removed a day later", async () => {
    const half = "20200101T000000Z-aaaaaa";
    const store = await bed.remoteObjects();
    for (const name of [`${half}/database.dump.age`, "another program's"])
      await put(store, {
        key: `${remote.prefix}${name}`,
        contentType: "",
        body: Readable.from([randomBytes(9)]),
      });
    const there = remoteStore(remote, deployment.backupKey);
    expect(await there.list()).toEqual([manifest.id]);
    await expect(verifySet(there, half)).rejects.toThrow(
      /was never finished: database\.dump and no manifest\.json/,
    );
    expect(await prune(deployment, { log: bed.log })).toEqual([half]);
    expect(await storedKeys(`${remote.prefix}${half}`)).toEqual([]);
    expect(await storedKeys(`${remote.prefix}another`)).toHaveLength(1);
    expect(await there.list()).toEqual([manifest.id]);
  });

  test("without one of its files is told", async () => {
    const { id } = await make(deployment);
    await remove(await bed.remoteObjects(), [`${remote.prefix}${id}/database.dump.age`]);
    await expect(verifySet(remoteStore(remote, deployment.backupKey), id)).rejects.toThrow(
      /has no file database\.dump/,
    );
  });
});

describe("a set of this machine", () => {
  let manifest: Manifest;
  let folder: string;
  beforeAll(async () => {
    manifest = await makeSet(bed.deployment, "upgrade", { log: bed.log });
  });
  beforeEach(() => {
    folder = `${setsFolder(deployment)}-of-a-test`;
    cpSync(path.join(setsFolder(deployment), manifest.id), path.join(folder, manifest.id), {
      recursive: true,
    });
  });
  const file = (name: string) => path.join(folder, manifest.id, name);
  const verified = () => verifySet(folderStore(folder), manifest.id);
  const rewrite = (change: (manifest: Manifest) => unknown) =>
    writeFileSync(file("manifest.json"), JSON.stringify(change(manifest)));

  test.each([
    {
      fault: /database\.dump was cut off after 1000 of \d+ bytes/,
      harm: () => truncateSync(file("database.dump"), 1000),
    },
    {
      fault: /objects\.tar was altered: its SHA-256 is/,
      harm: () => {
        const content = readFileSync(file("objects.tar"));
        content.writeUInt8(content.readUInt8(5000) ^ 1, 5000);
        writeFileSync(file("objects.tar"), content);
      },
    },
    { fault: /has no file objects\.tar/, harm: () => rmSync(file("objects.tar")) },
    { fault: /was never finished/, harm: () => rmSync(file("manifest.json")) },
    { fault: /its manifest is not one \(its text/, harm: () => truncateSync(file("manifest.json"), 300) },
    { fault: /its manifest is not one \(format/, harm: () => rewrite((whole) => ({ ...whole, format: 2 })) },
    {
      fault: /its manifest is of set 20200101T000000Z-aaaaaa/,
      harm: () => rewrite((whole) => ({ ...whole, id: "20200101T000000Z-aaaaaa" })),
    },
  ])("with a fault is refused: $fault", async ({ fault, harm }) => {
    expect(await verified()).toEqual(manifest);
    harm();
    await expect(verified()).rejects.toThrow(fault);
    await expect(verified()).rejects.toThrow(`set ${manifest.id} in ${folder}`);
    rmSync(folder, { recursive: true });
  });

  test("whose dump is none is refused, however well it is described", async () => {
    const content = Buffer.from("no dump at all");
    writeFileSync(file("database.dump"), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    rewrite((whole) => ({ ...whole, database: { ...whole.database, bytes: content.length, sha256 } }));
    await expect(verified()).rejects.toThrow(/database\.dump is no dump that can be read: .*valid archive/);
    rmSync(folder, { recursive: true });
  });

  test("taken before a change does not wait for remote storage", async () => {
    const nowhere = { ...deployment, remote: { ...remote, endpoint: "http://127.0.0.1:1" } };
    await makeSet(nowhere, "restore", { log: bed.log, waits: [] });
  });
});

describe("remote storage", () => {
  test("that is down is tried again, then told; the set is here alone", async () => {
    await bed.stopRemote();
    try {
      const before = readdirSync(setsFolder(deployment));
      await expect(make(deployment)).rejects.toThrow(
        /upload of database\.dump of set .* failed at attempt 2; the set lies on this machine alone: /,
      );
      expect(bed.messages("warning")).toEqual([expect.stringContaining("is tried again")]);
      const { backup, upload } = results(deployment);
      expect(backup?.last).toMatchObject({ ok: true });
      expect(upload?.last).toMatchObject({ ok: false, id: backup?.last.id });
      expect(readdirSync(setsFolder(deployment))).toHaveLength(before.length + 1);
    } finally {
      await bed.restartRemote();
    }
  });

  test("that goes away in the middle and comes back gets the set", async () => {
    await using door = await UnsteadyDoor.open(remote.endpoint);
    const throughDoor = { ...deployment, remote: { ...remote, endpoint: door.url } };
    door.shutAfter(8 * mebibyte);
    bed.onMessage = (message) => message.includes("is tried again") && door.reopen();
    const { id } = await make(throughDoor, [0.1, 0.1]);
    expect(bed.messages("warning")).toEqual([expect.stringContaining("upload of objects.tar")]);
    expect(results(throughDoor).upload?.last).toMatchObject({ ok: true, id });
    await verifySet(remoteStore(remote, deployment.backupKey), id);
  });

  test("that goes away in the middle and stays away has no set", async () => {
    await using door = await UnsteadyDoor.open(remote.endpoint);
    const throughDoor = { ...deployment, remote: { ...remote, endpoint: door.url } };
    const there = remoteStore(remote, deployment.backupKey);
    const before = await there.list();
    door.shutAfter(8 * mebibyte);
    await expect(make(throughDoor)).rejects.toThrow(/upload of objects\.tar .* failed at attempt 2/);
    expect(results(throughDoor).upload?.last).toMatchObject({ ok: false });
    expect(await there.list()).toEqual(before);
  });

  test("that refuses is not asked again", async () => {
    const refused = { ...deployment, remote: { ...remote, secretAccessKey: "not-the-secret-key" } };
    await expect(make(refused)).rejects.toThrow(/failed at attempt 1/);
    expect(bed.messages("warning")).toEqual([]);
    expect(JSON.stringify(results(refused))).not.toContain("not-the-secret-key");
  });
});
