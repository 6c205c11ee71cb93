// Taking over an Atlas that this project did not deploy: upstream's own backup archive, or upstream's containers. What
// they hold is brought into scratch containers and made a set there, which is restored like any other, as a foreign one.
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { exclusively } from "../backup/lock.ts";
import { makeSet } from "../backup/make.ts";
import type { Manifest } from "../backup/set.ts";
import { type Database, dump, factsOf, restore as loadDump, openSnapshot } from "../database.ts";
import type { Deployment } from "../deployment.ts";
import { docker, existing, inspect } from "../docker.ts";
import type { Log } from "../log.ts";
import { get, list, makeBucket, type ObjectStore, objectStoreIn, put } from "../objects.ts";
import { stopContainers } from "./containers.ts";
import { rowChanges, rowChangesText } from "./differences.ts";
import { withoutOwners } from "./plain-sql.ts";
import { openScratch, removeScratch } from "./scratch.ts";

interface Target {
  database: Database;
  objects: ObjectStore | undefined;
}

/**
 * Makes a set of what upstream's script has saved: atlas_backup_*.tar.gz with `atlas_db.sql` and `minio_data/`
 * (atlas-api.md 1.7).
 * @returns the set's manifest; it lies in the deployment's folder and is restored with `foreign`
 * @throws Error where the archive is none, is cut off, or holds files and the deployment has no object store
 */
export const adoptArchive = (deployment: Deployment, archive: string, log: Log): Promise<Manifest> =>
  adopted(deployment, log, async (target) => {
    log.info("unpacking the archive", { archive });
    const { files, hasDatabase } = await unpack(archive, target);
    if (!hasDatabase)
      throw new Error(
        `${archive} holds no ${sqlName}: it is no backup of upstream's script, or one made with --skip-db`,
      );
    log.info("unpacked", { files });
  });

const sqlName = "atlas_db.sql";
const filesFolder = "minio_data/";

async function unpack(archive: string, target: Target): Promise<{ files: number; hasDatabase: boolean }> {
  const found = { files: 0, hasDatabase: false };
  const entries = extract();
  const reading = pipeline(createReadStream(archive), createGunzip(), entries);
  // Told by the loop below, which the failure ends as well.
  reading.catch(() => {});
  try {
    for await (const entry of entries) {
      const name = entry.header.name.replace(/^\.\//, "");
      const body = Readable.from(entry, { objectMode: false });
      if (entry.header.type === "file" && name === sqlName) {
        await loadSql(target.database, body);
        found.hasDatabase = true;
      } else if (entry.header.type === "file" && name.startsWith(filesFolder)) {
        await put(objectsOf(target, archive), {
          key: name.slice(filesFolder.length),
          body,
          contentType: "application/octet-stream",
        });
        found.files++;
      }
      entry.resume();
    }
    await reading;
  } catch (error) {
    throw new Error(`${archive} is not read to its end: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  return found;
}

function objectsOf({ objects }: Target, what: string): ObjectStore {
  if (objects) return objects;
  throw new Error(
    `${what} holds files, and this deployment has no object store; next: set atlas:storage to true and run scripts/up`,
  );
}

/** All of it or nothing. */
async function loadSql({ container, user, name }: Database, sql: Readable): Promise<void> {
  await docker(
    [
      ...["exec", "--interactive", container, "psql", "--no-psqlrc", "--quiet", "--single-transaction"],
      ...["--set", "ON_ERROR_STOP=1", "--output", "/dev/null"],
      ...["--host", "127.0.0.1", "--username", user, "--dbname", name],
    ],
    { input: Readable.from(latin1(withoutOwners(sql))), timeoutMs: 0 },
  );
}

async function* latin1(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text, "latin1");
}

/** Containers of an Atlas on this machine's engine. */
export interface Installation {
  postgres: string;
  /** Undefined where files are kept elsewhere. */
  storage?: string | undefined;
  /** Everything that writes or lets people in. */
  others: string[];
}

/** As upstream's docker-compose.yml names them. */
export const upstream: Installation = {
  postgres: "atlas_db",
  storage: "atlas_minio",
  others: ["atlas_nginx", "atlas-cmms-frontend", "atlas-cmms-backend"],
};

/**
 * Makes a set of an installation with upstream's docker-compose.yml. Its containers are stopped, so that nothing is
 * written that the set has not, and stay stopped; they and their volumes stay as they are.
 * @returns the set's manifest; it lies in the deployment's folder and is restored with `foreign`
 * @throws Error naming a container that is not there or does not run, and where the copy is not whole: the containers
 *   run again then
 */
export async function adoptInstallation(
  deployment: Deployment,
  installation: Installation,
  log: Log,
): Promise<Manifest> {
  const source = await databaseIn(installation.postgres);
  const files = installation.storage ? await objectStoreIn(installation.storage) : undefined;
  const writing = await running(installation.others);
  log.info("stopping what writes", { containers: writing.join(" ") });
  await stopContainers(writing);
  try {
    const manifest = await adopted(deployment, log, async (target) => {
      log.info("copying the database", { from: source.container });
      await copyDatabase(source, target.database);
      if (files) log.info("copied the files", { files: await copyObjects(files, target) });
    });
    await stopContainers([installation.postgres, ...(installation.storage ? [installation.storage] : [])]);
    return manifest;
  } catch (error) {
    for (const name of writing.toReversed()) await docker(["start", name]);
    throw error;
  }
}

async function running(names: string[]): Promise<string[]> {
  const found = await Promise.all((await existing(names)).map((name) => inspect(name)));
  return found.filter((container) => container.running).map(({ name }) => name);
}

async function databaseIn(container: string): Promise<Database> {
  const { running, env } = await inspect(container);
  if (!running) throw new Error(`container ${container} does not run; next: docker start ${container}`);
  const user = env.POSTGRES_USER ?? "postgres";
  return { container, user, name: env.POSTGRES_DB ?? user };
}

async function copyDatabase(from: Database, to: Database): Promise<void> {
  const snapshot = await openSnapshot(from);
  try {
    await loadDump(to, await dump(from, snapshot));
  } finally {
    await snapshot.close();
  }
  const changed = rowChanges((await factsOf(to)).rows, snapshot.rows);
  if (changed.length > 0)
    throw new Error(`the copy of ${from.container} has other rows: ${rowChangesText(changed)}`);
}

async function copyObjects(from: ObjectStore, target: Target): Promise<number> {
  let copied = 0;
  for await (const { key } of list(from)) {
    const object = await get(from, key);
    if (!object) continue;
    await put(objectsOf(target, from.name), object);
    copied++;
  }
  return copied;
}

/** @param fill brings data into an empty database and object store, of which the set is made then */
const adopted = (
  deployment: Deployment,
  log: Log,
  fill: (target: Target) => Promise<void>,
): Promise<Manifest> =>
  exclusively(deployment, "adoption", async () => {
    const prefix = `${deployment.namePrefix}-adopt`;
    try {
      const { database, storage } = await openScratch(deployment, prefix);
      const objects = storage && (await objectStoreIn(storage.container));
      if (objects) await makeBucket(objects);
      await fill({ database, objects });
      const { remote: _, ...here } = deployment;
      return await makeSet({ ...here, namePrefix: prefix }, "manual", { log });
    } finally {
      await removeScratch(prefix);
    }
  });
