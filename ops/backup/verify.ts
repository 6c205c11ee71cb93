// Whether a set is whole, told from what lies where it lies.
import type { Readable } from "node:stream";
import { type Acting, entriesOf } from "../database.ts";
import { DockerError } from "../docker.ts";
import { measured } from "./measured.ts";
import { filesOf, type Manifest, SetFault, type SetFile, type Store } from "./set.ts";

/**
 * Reads all of a set: each file has its size and hash, and the dump has entries. Needs the set's image of PostgreSQL,
 * and no deployment.
 * @returns its manifest
 * @throws SetFault naming store, set and all that is wrong with it; Error of the storage where it cannot be read
 */
export async function verifySet(store: Store, id: string, options: Acting = {}): Promise<Manifest> {
  const manifest = await store.manifest(id);
  await verifyFiles(manifest, (name) => store.read(id, name), `set ${id} in ${store.name}`, options);
  return manifest;
}

/** @param where begins the message */
export async function verifyFiles(
  manifest: Manifest,
  read: (name: string) => Promise<Readable>,
  where: string,
  options: Acting = {},
): Promise<void> {
  const faults: string[] = [];
  for (const file of filesOf(manifest)) faults.push(...(await faultsOf(file, read, options)));
  if (faults.length === 0) faults.push(...(await faultsOfDump(manifest, read, options)));
  if (faults.length > 0) throw new SetFault(`${where}: ${faults.join("; ")}`);
}

async function faultsOf(
  { name, bytes, sha256 }: SetFile,
  read: (name: string) => Promise<Readable>,
  { signal }: Acting,
): Promise<string[]> {
  const measure = measured();
  try {
    for await (const _ of measure.through(await read(name))) signal?.throwIfAborted();
  } catch (error) {
    if (error instanceof SetFault) return [error.message];
    throw error;
  }
  const found = measure.result();
  if (found.bytes < bytes) return [`${name} was cut off after ${found.bytes} of ${bytes} bytes`];
  if (found.bytes > bytes) return [`${name} has ${found.bytes} bytes, not ${bytes}`];
  if (found.sha256 !== sha256) return [`${name} was altered: its SHA-256 is ${found.sha256}, not ${sha256}`];
  return [];
}

async function faultsOfDump(
  { database, images, postgresVersion }: Manifest,
  read: (name: string) => Promise<Readable>,
  options: Acting,
): Promise<string[]> {
  if (!images.postgres)
    return [`its manifest names no image of PostgreSQL ${postgresVersion} to read ${database.name} with`];
  try {
    const entries = await entriesOf(images.postgres, await read(database.name), options);
    return entries.length > 0 ? [] : [`${database.name} holds nothing`];
  } catch (error) {
    if (error instanceof DockerError && error.message.includes("pg_restore: error"))
      return [`${database.name} is no dump that can be read: ${error.message}`];
    throw error;
  }
}
