// A set's database, loaded beside the live one and put in its place by renaming. The one before stays until the
// restored one has proven itself.
import type { Readable } from "node:stream";
import { z } from "zod";
import type { Manifest } from "../backup/set.ts";
import {
  type Database,
  execute,
  type Facts,
  factsOf,
  identifier,
  literal,
  maintenanceOf,
  restore,
  select,
} from "../database.ts";
import { docker } from "../docker.ts";
import { mebibytes } from "../words.ts";
import { rowChanges, rowChangesText } from "./differences.ts";

/** Where a set is loaded. */
const loadedOf = (db: Database): Database => ({ ...db, name: `${db.name}_restoring` });
/** What was live before. */
const beforeOf = (db: Database): Database => ({ ...db, name: `${db.name}_before_restore` });

async function databases(db: Database): Promise<Set<string>> {
  const rows = await select(
    maintenanceOf(db),
    "select datname from pg_database",
    z.object({ datname: z.string() }),
  );
  return new Set(rows.map(({ datname }) => datname));
}

export const exists = async (db: Database): Promise<boolean> => (await databases(db)).has(db.name);

/** Whether a restored database has taken the place of one that is still there. */
export const isSwapped = async (db: Database): Promise<boolean> =>
  (await databases(db)).has(beforeOf(db).name);

/**
 * Loads a dump beside the live database, which is not touched, and compares it with the set's manifest.
 * @throws Error when there is no room, the dump does not load, or holds other rows or another schema than its manifest says
 */
export async function loadBeside(
  db: Database,
  source: () => Promise<Readable>,
  manifest: Manifest,
): Promise<void> {
  await refuseWithoutRoom(db, manifest);
  await dropLoaded(db);
  const loaded = loadedOf(db);
  await execute(maintenanceOf(db), `create database ${identifier(loaded.name)} template template0`);
  await restore(loaded, await source());
  expectContent(await factsOf(loaded), manifest);
  // Without statistics the first queries of a large database are slow.
  await execute(loaded, "analyze");
}

/** A full disk stops PostgreSQL, the live database included. Dumps are several times smaller than what they hold. */
async function refuseWithoutRoom(db: Database, { database }: Manifest): Promise<void> {
  const folder = (await execute(maintenanceOf(db), "show data_directory")).trim();
  const listed = await docker(["exec", db.container, "df", "-Pk", folder]);
  const free = Number(listed.trimEnd().split("\n").at(-1)?.split(/\s+/)[3]) * 1024;
  const needed = 4 * database.bytes + 256 * 2 ** 20;
  if (!(free >= needed))
    throw new Error(
      `${db.container} has ${mebibytes(free)} free where its data lie, and loading a dump of ${mebibytes(database.bytes)} may take ${mebibytes(needed)}; next: make room, or enlarge the volume`,
    );
}

/** @throws Error with the tables and numbers at fault */
export function expectContent(facts: Facts, { id, schema, database }: Manifest): void {
  const changed = rowChanges(facts.rows, database.rows);
  if (changed.length > 0)
    throw new Error(`the database of set ${id} has other rows: ${rowChangesText(changed)}`);
  if (facts.schema.changeSets !== schema.changeSets || facts.schema.last !== schema.last)
    throw new Error(
      `the database of set ${id} has ${facts.schema.changeSets} change sets, the last ${facts.schema.last}, not ${schema.changeSets}, the last ${schema.last}`,
    );
}

/** Does nothing where nothing was loaded. */
export const dropLoaded = (db: Database): Promise<void> => drop(loadedOf(db));
export const dropBefore = (db: Database): Promise<void> => drop(beforeOf(db));

/** What has taken the live one's place; nothing where that has not happened. */
export async function dropRestored(db: Database): Promise<void> {
  if (await isSwapped(db)) await drop(db);
}

async function drop(db: Database): Promise<void> {
  await execute(maintenanceOf(db), `drop database if exists ${identifier(db.name)} with (force)`);
}

/**
 * Makes the loaded database the live one; what was live is kept beside it, in one transaction. May be called again
 * after a kill. Where a restore has swapped already, what it has put there gives way: it was never opened to anybody.
 */
export async function swap(db: Database): Promise<void> {
  const [loaded, before] = [loadedOf(db).name, beforeOf(db).name];
  const there = await databases(db);
  if (!there.has(loaded)) return;
  if (there.has(db.name)) await shut(db);
  const away = !there.has(db.name)
    ? ""
    : there.has(before)
      ? `drop database ${identifier(db.name)} with (force);`
      : `alter database ${identifier(db.name)} rename to ${identifier(before)};`;
  const takesPlace = `alter database ${identifier(loaded)} rename to ${identifier(db.name)};`;
  // PostgreSQL drops databases outside of transactions only; between the two nothing is lost but what gave way.
  const together = !there.has(before);
  await execute(
    maintenanceOf(db),
    [...(together ? ["begin;"] : []), away, takesPlace, ...(together ? ["commit;"] : [])].join("\n"),
  );
}

/** Nobody connects any more, the health check included: a database in use is not renamed. */
async function shut(db: Database): Promise<void> {
  await execute(
    maintenanceOf(db),
    `alter database ${identifier(db.name)} allow_connections false;
     select pg_terminate_backend(pid) from pg_stat_activity where datname = ${literal(db.name)};`,
  );
}

/** Takes back what a swap that did not come about has begun. */
export async function reopen(db: Database): Promise<void> {
  if (await exists(db))
    await execute(maintenanceOf(db), `alter database ${identifier(db.name)} allow_connections true`);
}
