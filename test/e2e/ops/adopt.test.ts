import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execute } from "../../../ops/database.ts";
import { docker } from "../../../ops/docker.ts";
import { get, list, objectStoreOf } from "../../../ops/objects.ts";
import { adoptArchive, adoptInstallation } from "../../../ops/restore/adopt.ts";
import { startContainers } from "../../../ops/restore/containers.ts";
import { restore } from "../../../ops/restore/restore.ts";
import { localStore } from "../../../ops/stores/stores.ts";
import { engineObjects } from "../engine-objects.ts";
import { RestoreBed } from "./restore-bed.ts";

/** Our deployment, and an Atlas of somebody else. */
let ours: RestoreBed;
let theirs: RestoreBed;
let whole: Record<string, string>;
let folder: string;

beforeAll(async () => {
  ours = await RestoreBed.open();
  theirs = await RestoreBed.open();
  // The owner in upstream's installations, whom ours do not know.
  await execute(
    theirs.database,
    `create role "rootUser" superuser;
     do $$ declare one record; begin
       for one in select tablename from pg_tables where schemaname = 'public' loop
         execute format('alter table %I owner to "rootUser"', one.tablename);
       end loop;
     end $$;
     insert into team (id, name, company_id) select 77, E'tab\\tline\\nALTER TABLE x OWNER TO y;', min(id) from company`,
  );
  whole = await theirs.fingerprint();
  folder = mkdtempSync(path.join(tmpdir(), "atlas-adopt-"));
});
afterAll(async () => {
  await ours?.remove();
  await theirs?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** As upstream's script makes it. */
async function archive(): Promise<string> {
  const { container, user, name } = theirs.database;
  const content = path.join(folder, "content");
  mkdirSync(content);
  const sql = await docker(["exec", container, "pg_dump", "-h", "127.0.0.1", "-U", user, name]);
  writeFileSync(path.join(content, "atlas_db.sql"), sql);
  writeFileSync(path.join(content, "minio_backup.sh"), "#!/bin/sh\n");
  const store = await objectStoreOf(theirs.deployment);
  for await (const { key } of list(store)) {
    const file = path.join(content, "minio_data", key);
    mkdirSync(path.dirname(file), { recursive: true });
    const object = await get(store, key);
    if (object) await writeFile(file, object.body);
  }
  const packed = path.join(folder, "atlas_backup_20261121_120000.tar.gz");
  execFileSync("tar", ["-czf", packed, "-C", content, "."]);
  return packed;
}

async function restoreForeign(id: string): Promise<void> {
  await restore(ours.deployment, localStore(ours.deployment), id, {
    yes: true,
    foreign: true,
    log: ours.log,
  });
  expect(await ours.fingerprint()).toEqual(whole);
}

const expectNoScratch = async () =>
  expect(await engineObjects(`${ours.prefix}-adopt`)).toEqual({ containers: [], networks: [], volumes: [] });

test("a backup archive of upstream becomes a set, and is restored whole", async () => {
  const packed = await archive();
  const { id, objects } = await adoptArchive(ours.deployment, packed, ours.log);
  expect(objects?.count).toBe(2);
  await expectNoScratch();
  await expect(
    restore(ours.deployment, localStore(ours.deployment), id, { yes: true, log: ours.log }),
  ).rejects.toThrow("--foreign");
  await restoreForeign(id);

  const sets = await localStore(ours.deployment).list();
  truncateSync(packed, readFileSync(packed).length - 3000);
  await expect(adoptArchive(ours.deployment, packed, ours.log)).rejects.toThrow(/is not read to its end/);
  expect(await localStore(ours.deployment).list()).toEqual(sets);
  await expectNoScratch();
});

test("something else is not taken for an archive", async () => {
  const other = path.join(folder, "other.tar.gz");
  execFileSync("tar", ["-czf", other, "-C", import.meta.dirname, "adopt.test.ts"]);
  await expect(adoptArchive(ours.deployment, other, ours.log)).rejects.toThrow("holds no atlas_db.sql");
});

test("containers of upstream's compose file become a set; they are only stopped", async () => {
  await ours.spoil();
  const [postgres, storage] = [`${theirs.prefix}-postgres`, `${theirs.prefix}-storage`];
  const others = ["ingress", "frontend", "backend"].map((service) => `${theirs.prefix}-${service}`);
  const { id } = await adoptInstallation(ours.deployment, { postgres, storage, others }, ours.log);
  expect(await theirs.running()).toEqual([]);
  await expectNoScratch();
  await restoreForeign(id);

  await startContainers([postgres, storage]);
  expect(await theirs.fingerprint()).toEqual(whole);
});

test("an installation that cannot be copied serves on", async () => {
  await startContainers([`${theirs.prefix}-backend`, `${theirs.prefix}-ingress`]);
  const installation = {
    postgres: `${theirs.prefix}-postgres`,
    storage: `${theirs.prefix}-storage`,
    others: [`${theirs.prefix}-ingress`, `${theirs.prefix}-backend`],
  };
  const without = { ...ours.deployment, storage: false };
  await expect(adoptInstallation(without, installation, ours.log)).rejects.toThrow("has no object store");
  expect(await theirs.running()).toEqual(["backend", "ingress", "postgres", "storage"]);
});
