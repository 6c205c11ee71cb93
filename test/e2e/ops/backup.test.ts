import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { auditTrail } from "../../../ops/audit.ts";
import { Busy } from "../../../ops/backup/lock.ts";
import { makeSet } from "../../../ops/backup/make.ts";
import { unpackObjects } from "../../../ops/backup/objects-tar.ts";
import { prune } from "../../../ops/backup/prune.ts";
import { verifySet } from "../../../ops/backup/verify.ts";
import { execute, factsOf, maintenanceOf, restore } from "../../../ops/database.ts";
import { docker } from "../../../ops/docker.ts";
import { results } from "../../../ops/results.ts";
import { localStore, setsFolder } from "../../../ops/stores/stores.ts";
import { BackupBed } from "./backup-bed.ts";

let bed: BackupBed;
beforeAll(async () => {
  bed = await BackupBed.start();
  await bed.fillDatabase(5000);
  await bed.fillObjects(20 * 2 ** 20);
});
afterAll(() => bed.remove());
beforeEach(() => {
  bed.onMessage = () => {};
  bed.lines.length = 0;
});

/** For a machine that does other things as well. */
const patience = { timeout: 60_000 };

const dumps = () =>
  execute(bed.database, "select count(*) from pg_stat_activity where application_name = 'pg_dump'");

describe("a set", () => {
  test("holds rows and objects of a moment, and is told in results and audit log", async () => {
    const manifest = await makeSet(bed.deployment, "manual", { log: bed.log });
    expect(manifest).toMatchObject({
      format: 1,
      reason: "manual",
      namePrefix: bed.prefix,
      postgresVersion: expect.stringMatching(/^16\./),
      schema: { changeSets: 3, last: "three" },
      images: { postgres: expect.stringContaining("postgres:16"), storage: expect.stringContaining("minio") },
      database: { rows: { work_order: 5000, labor: 5000, 'Odd "name': 0, databasechangelog: 3 } },
      objects: { count: bed.objects.size },
    });
    expect(await verifySet(localStore(bed.deployment), manifest.id)).toEqual(manifest);
    expect(results(bed.deployment).backup?.last).toMatchObject({ ok: true, id: manifest.id });
    expect(auditTrail(bed.deployment, 1)).toMatchObject([
      { act: "backup", subject: manifest.id, result: "ok", correlationId: bed.log.correlationId },
    ]);
    expect(readdirSync(setsFolder(bed.deployment))).toEqual([manifest.id]);
    expect(existsSync(path.join(bed.deployment.folder, "lock"))).toBe(false);
  });

  test("gives back every object, byte by byte, with its kind", async () => {
    const { id } = await makeSet(bed.deployment, "manual", { log: bed.log });
    const found = new Map<string, string>();
    const tar = createReadStream(path.join(setsFolder(bed.deployment), id, "objects.tar"));
    await unpackObjects(tar, async ({ key, contentType, body, sha256 }) => {
      for await (const _ of body);
      found.set(key, `${contentType} ${sha256()}`);
    });
    expect(found).toEqual(new Map([...bed.objects].map(([key, sum]) => [key, `image/png ${sum}`])));
  });

  test("counts the rows that it holds, whatever is written meanwhile", async () => {
    let writing = true;
    const writer = (async () => {
      while (writing)
        await execute(
          bed.database,
          "with new as (insert into work_order (title) select 'late' from generate_series(1, 50) returning id) insert into labor (work_order_id) select id from new",
        );
    })();
    const { id, database } = await makeSet(bed.deployment, "manual", { log: bed.log });
    writing = false;
    await writer;
    expect(database.rows.work_order).toBe(database.rows.labor);
    const now = await factsOf(bed.database);
    expect(now.rows.work_order).toBeGreaterThan(database.rows.work_order ?? 0);

    const copy = { ...bed.database, name: "copy" };
    await execute(maintenanceOf(bed.database), "create database copy");
    await restore(copy, await localStore(bed.deployment).read(id, database.name));
    expect((await factsOf(copy)).rows).toEqual(database.rows);
    await execute(maintenanceOf(bed.database), "drop database copy");
  });

  test("is made by one at a time", async () => {
    const first = makeSet(bed.deployment, "manual", { log: bed.log });
    await expect(makeSet(bed.deployment, "daily", { log: bed.log })).rejects.toThrow(Busy);
    await first;
  });

  test("is made to its end, though whoever asked for it has gone", async () => {
    const file = path.join(bed.deployment.folder, "deployment.json");
    writeFileSync(file, JSON.stringify(bed.deployment));
    const before = readdirSync(setsFolder(bed.deployment));
    const main = path.join(import.meta.dirname, "../../../ops/main.ts");
    const act = spawn(process.execPath, [main, "backup", "--deployment", file]);
    const ended = once(act, "exit");
    // As a connection that breaks, and a terminal that is closed.
    await once(act.stderr, "data");
    act.stdout.destroy();
    act.stderr.destroy();
    act.kill("SIGHUP");
    expect(await ended).toEqual([0, null]);
    const made = results(bed.deployment).backup?.last;
    expect(made).toMatchObject({ ok: true });
    expect(before).not.toContain(made?.id);
  });

  test("that is given up leaves nothing, on disk or on the server", async () => {
    const stop = new AbortController();
    bed.onMessage = (message) => message === "writing the objects" && stop.abort(new Error("given up"));
    const before = readdirSync(setsFolder(bed.deployment));
    await expect(makeSet(bed.deployment, "manual", { log: bed.log, signal: stop.signal })).rejects.toThrow(
      "given up",
    );
    expect(readdirSync(setsFolder(bed.deployment))).toEqual(before);
    await expect.poll(dumps, patience).toBe("0\n");
  });

  test("whose maker was killed holds nothing up: not the database, not the next set", async () => {
    await execute(
      bed.database,
      "create table bulk as select n, md5(n::text) || md5((n + 1)::text) as filler from generate_series(1, 1500000) n",
    );
    const maker = spawn(process.execPath, [path.join(import.meta.dirname, "make-set.ts")], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    const ended = once(maker, "exit");
    maker.stdin.end(JSON.stringify(bed.deployment));
    try {
      await expect.poll(dumps, patience).toBe("1\n");
    } finally {
      maker.kill("SIGKILL");
    }
    expect(await ended).toEqual([null, "SIGKILL"]);
    await expect.poll(dumps, patience).toBe("0\n");
    await execute(bed.database, "drop table bulk");

    const { id } = await makeSet(bed.deployment, "manual", { log: bed.log });
    const drafts = () => readdirSync(setsFolder(bed.deployment)).filter((name) => name.endsWith(".partial"));
    expect(drafts()).toHaveLength(1);
    expect(await localStore(bed.deployment).list()).toContain(id);
    await prune(bed.deployment, { log: bed.log });
    expect(drafts()).toHaveLength(1);
    const removed = await prune(bed.deployment, { log: bed.log, now: new Date(Date.now() + 25 * 3_600_000) });
    expect(removed).toContainEqual(expect.stringMatching(/\.partial$/));
    expect(drafts()).toEqual([]);
    expect(await localStore(bed.deployment).list()).toEqual([id]);
  });

  test("is not made of a database that is down", async () => {
    await docker(["stop", "--time", "10", bed.database.container]);
    try {
      await expect(makeSet(bed.deployment, "manual", { log: bed.log })).rejects.toThrow(/not running/);
      expect(results(bed.deployment).backup?.last).toMatchObject({
        ok: false,
        error: expect.stringContaining("not running"),
      });
    } finally {
      await docker(["start", bed.database.container]);
      await expect
        .poll(
          () =>
            factsOf(bed.database).then(
              () => "up",
              () => "down",
            ),
          patience,
        )
        .toBe("up");
    }
  });
});

describe("a disk", () => {
  let small: string;
  beforeAll(() => {
    small = mkdtempSync("/tmp/sandbox-test-ops-disk-");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=60m", "tmpfs", small]);
  });
  afterAll(() => {
    execFileSync("umount", [small]);
    rmSync(small, { recursive: true });
  });
  const filler = () => path.join(small, "filler");
  beforeEach(() => rmSync(filler(), { force: true }));

  test("without room for a set is told before anything is written", async () => {
    writeFileSync(filler(), Buffer.alloc(40 * 2 ** 20));
    await expect(makeSet({ ...bed.deployment, folder: small }, "manual", { log: bed.log })).rejects.toThrow(
      /no set is begun: .* has \d+ MiB free, and database and objects take up to \d+ MiB; next: /,
    );
    expect(readdirSync(path.join(small, "sets"))).toEqual([]);
  });

  test("that becomes full is told, and keeps nothing of the set", async () => {
    bed.onMessage = (message) =>
      message === "writing the objects" && writeFileSync(filler(), Buffer.alloc(50 * 2 ** 20));
    const deployment = { ...bed.deployment, folder: small };
    await expect(makeSet(deployment, "manual", { log: bed.log })).rejects.toThrow(
      /became full while a set was written .* nothing of it is left/,
    );
    expect(readdirSync(path.join(small, "sets"))).toEqual([]);
    expect(results(deployment).backup?.last).toMatchObject({
      ok: false,
      error: expect.stringContaining("ENOSPC"),
    });
    await expect.poll(dumps, patience).toBe("0\n");
  });
});
