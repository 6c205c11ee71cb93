// Making an object store hold what a set holds. Only differences are written.
import type { Readable } from "node:stream";
import { measured } from "../backup/measured.ts";
import { type UnpackedObject, unpackObjects } from "../backup/objects-tar.ts";
import type { Manifest, Store } from "../backup/set.ts";
import { get, list, makeBucket, type ObjectStore, put, remove } from "../objects.ts";
import { type ObjectChanges, objectChanges, type StoredObject } from "./differences.ts";

export interface Filled {
  /** Keys that were written. */
  put: number;
  /** Keys that were removed. */
  removed: number;
  /** What the set holds, and now the object store. */
  objects: StoredObject[];
}

/** @throws Error where the object store holds something else afterwards */
export async function makeSame(objects: ObjectStore, store: Store, manifest: Manifest): Promise<Filled> {
  await makeBucket(objects);
  const wanted = await objectsOf(store, manifest);
  const changes = objectChanges(await objectsIn(objects), wanted);
  await remove(objects, changes.remove);
  await unpack(store, manifest, (object) =>
    changes.put.has(object.key) ? put(objects, object) : readToEnd(object.body),
  );
  refuseDifferences(objects, objectChanges(await objectsIn(objects), wanted));
  return { put: changes.put.size, removed: changes.remove.length, objects: wanted };
}

function refuseDifferences({ name }: ObjectStore, { put, remove }: ObjectChanges): void {
  const faults = [
    ...[...put].map((key) => `${key} is missing or another`),
    ...remove.map((key) => `${key} should not be there`),
  ];
  if (faults.length > 0)
    throw new Error(
      `${name} does not hold what the set holds (${faults.length}): ${faults.slice(0, 5).join(", ")}`,
    );
}

async function objectsOf(store: Store, manifest: Manifest): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  await unpack(store, manifest, async ({ key, bytes, body, sha256 }) => {
    await readToEnd(body);
    found.push({ key, bytes, sha256: sha256() });
  });
  return found;
}

async function unpack(
  store: Store,
  { id, objects }: Manifest,
  each: (object: UnpackedObject) => Promise<void>,
): Promise<void> {
  if (objects) await unpackObjects(await store.read(id, objects.name), each);
}

/** What an object store holds, read whole. */
export async function objectsIn(objects: ObjectStore): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const { key } of list(objects)) {
    const object = await get(objects, key);
    if (!object) continue;
    const measure = measured();
    for await (const _ of measure.through(object.body));
    found.push({ key, ...measure.result() });
  }
  return found;
}

async function readToEnd(body: Readable): Promise<void> {
  for await (const _ of body);
}
