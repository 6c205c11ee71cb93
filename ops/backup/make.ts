// Making a set: written beside the finished ones, read back, and only then given its name.
import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { audited } from "../audit.ts";
import { databaseOf, dump, openSnapshot, sizeOf } from "../database.ts";
import type { Deployment } from "../deployment.ts";
import { imagesOf } from "../docker.ts";
import { hasCode } from "../files.ts";
import { list, objectStoreOf } from "../objects.ts";
import { draftOf } from "../stores/folder.ts";
import { setsFolder } from "../stores/stores.ts";
import { mebibytes } from "../words.ts";
import { type Copying, copySet } from "./copy.ts";
import { exclusively } from "./lock.ts";
import { measured } from "./measured.ts";
import { type ObjectsSummary, packObjects, unpackObjects } from "./objects-tar.ts";
import { recorded } from "./recorded.ts";
import { type Manifest, manifestName, type Reason, SetFault, type SetFile } from "./set.ts";
import { verifyFiles } from "./verify.ts";

/**
 * Makes a set on this machine and reads it back. A daily one, and one by hand, is copied to the remote storage and read
 * back from there as well; what is taken before a change is for going back soon, and does not wait for the network.
 * What came of it is in the results and the audit log.
 * @throws Error where it could not be made, and nothing of it is left; or could not be copied, and it lies here alone;
 *   Busy while something else is done
 */
export const makeSet = (deployment: Deployment, reason: Reason, making: Copying): Promise<Manifest> =>
  exclusively(deployment, `backup (${reason})`, () => {
    const id = newId(new Date());
    return audited(deployment, { act: "backup", subject: id, log: making.log }, async () => {
      const manifest = await recorded(deployment, "backup", id, making.log, () =>
        makeHere(deployment, id, reason, making),
      );
      if (deployment.remote && (reason === "daily" || reason === "manual"))
        await recorded(deployment, "upload", id, making.log, () => copySet(deployment, manifest, making));
      return manifest;
    });
  });

/** 20261121T164500Z-3f9a2c */
const newId = (now: Date): string =>
  `${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}-${randomBytes(3).toString("hex")}`;

async function makeHere(
  deployment: Deployment,
  id: string,
  reason: Reason,
  making: Copying,
): Promise<Manifest> {
  const folder = setsFolder(deployment);
  const draft = path.join(folder, draftOf(id));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await expectSpace(deployment, folder, making);
    await mkdir(draft, { mode: 0o700 });
    const manifest = { ...(await write(deployment, draft, making)), ...headOf(deployment, id, reason) };
    making.log.info("reading it back");
    await expectWhole(manifest, draft, making);
    await finish(manifest, draft, path.join(folder, id));
    making.log.info("the set is there and whole", { id, folder, bytes: bytesOf(manifest) });
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw isFull(error) ? await fullDisk(folder, error) : error;
  }
}

const headOf = ({ namePrefix, publicUrl }: Deployment, id: string, reason: Reason) => ({
  format: 1 as const,
  id,
  reason,
  namePrefix,
  publicUrl,
});

const bytesOf = ({ database, objects }: Manifest) => database.bytes + (objects?.bytes ?? 0);

type Content = Omit<Manifest, keyof ReturnType<typeof headOf>>;

/**
 * The database first: a file that one of its rows names was there before the row was, so the objects have it, unless
 * it was deleted in between.
 */
async function write(deployment: Deployment, draft: string, making: Copying): Promise<Content> {
  const createdAt = new Date().toISOString();
  const images = await imagesOf(deployment.namePrefix, making);
  return {
    createdAt,
    images,
    ...(await writeDatabase(deployment, draft, making)),
    ...(deployment.storage && { objects: await writeObjects(deployment, draft, making) }),
  };
}

async function writeDatabase(
  deployment: Deployment,
  draft: string,
  { log, signal }: Copying,
): Promise<Pick<Manifest, "postgresVersion" | "schema" | "database">> {
  log.info("writing the database");
  const db = databaseOf(deployment);
  const snapshot = await openSnapshot(db, { signal });
  try {
    const { postgresVersion, schema, rows } = snapshot;
    const file = await writeSetFile(draft, "database.dump", await dump(db, snapshot, { signal }), signal);
    return { postgresVersion, schema, database: { ...file, rows } };
  } finally {
    await snapshot.close();
  }
}

async function writeObjects(
  deployment: Deployment,
  draft: string,
  { log, signal }: Copying,
): Promise<SetFile & ObjectsSummary> {
  log.info("writing the objects");
  const { tar, summary } = packObjects(await objectStoreOf(deployment, { signal }), { signal });
  const file = await writeSetFile(draft, "objects.tar", tar, signal);
  return { ...file, ...(await summary) };
}

/** On the disk when it returns. */
async function writeSetFile(
  draft: string,
  name: string,
  source: AsyncIterable<unknown>,
  signal: AbortSignal | undefined,
): Promise<SetFile> {
  const measure = measured();
  const target = createWriteStream(path.join(draft, name), { flags: "wx", mode: 0o600, flush: true });
  await pipeline(source, measure.through, target, { ...(signal && { signal }) });
  return { name, ...measure.result() };
}

async function expectWhole(manifest: Manifest, draft: string, options: Copying): Promise<void> {
  const read = async (name: string) => createReadStream(path.join(draft, name));
  await verifyFiles(manifest, read, `set ${manifest.id}, read back from ${draft}`, options);
  if (!manifest.objects) return;
  const { digest } = await unpackObjects(await read(manifest.objects.name), async ({ body }) => {
    for await (const _ of body) options.signal?.throwIfAborted();
  });
  if (digest !== manifest.objects.digest)
    throw new SetFault(`set ${manifest.id}: ${manifest.objects.name} does not hold what was put in`);
}

async function finish(manifest: Manifest, draft: string, target: string): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  await writeFile(path.join(draft, manifestName), text, { mode: 0o600, flush: true });
  await sync(draft);
  await rename(draft, target);
  await sync(path.dirname(target));
}

/** A new name is on the disk only once its folder is. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What is not compressed at all would fit. */
async function expectSpace(deployment: Deployment, folder: string, { signal }: Copying): Promise<void> {
  let needed = await sizeOf(databaseOf(deployment), { signal });
  if (deployment.storage)
    for await (const { bytes } of list(await objectStoreOf(deployment, { signal }), { signal }))
      needed += bytes;
  const free = await freeBytes(folder);
  if (free < needed)
    throw new Error(
      `no set is begun: ${folder} has ${mebibytes(free)} free, and database and objects take up to ${mebibytes(needed)}; next: free space there, or enlarge the disk`,
    );
}

async function fullDisk(folder: string, cause: unknown): Promise<Error> {
  const free = mebibytes(await freeBytes(folder));
  return new Error(
    `the disk of ${folder} became full while a set was written (${free} free again now, nothing of it is left); next: free space there, or enlarge the disk`,
    { cause },
  );
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const isFull = (error: unknown): boolean => hasCode(error, "ENOSPC", "EDQUOT");
