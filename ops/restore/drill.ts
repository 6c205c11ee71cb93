// A drill: a set is restored beside the live deployment, Atlas is booted on it and used. Nothing live is touched.
import { storagePort } from "../../components/services/storage.ts";
import { exclusively } from "../backup/lock.ts";
import type { Manifest, Store } from "../backup/set.ts";
import { verifySet } from "../backup/verify.ts";
import { factsOf, restore as loadDump } from "../database.ts";
import type { Deployment } from "../deployment.ts";
import type { Log } from "../log.ts";
import { objectStoreIn } from "../objects.ts";
import { recordResult } from "../results.ts";
import { bootAtlas, takeOverAdministrator } from "./boot.ts";
import { type Check, type CheckResult, checked } from "./checks.ts";
import type { StoredObject } from "./differences.ts";
import { makeSame } from "./objects.ts";
import { addressIn, openScratch, removeScratch, type Scratch } from "./scratch.ts";
import { expectContent } from "./swap.ts";
import { walkThrough } from "./walk.ts";

export interface DrillResult {
  id: string;
  ok: boolean;
  /** Of the whole drill. */
  seconds: number;
  /** Until Atlas served the restored data: about what a real restore takes; 0 where it never did. */
  restoreSeconds: number;
  /** How old the data were when the drill began; 0 where the set does not tell. */
  dataAgeSeconds: number;
  checks: CheckResult[];
}

/**
 * Restores a set, the newest where none is named, into containers of its own, and keeps the result.
 * @throws Error where the store has no set; a set that fails is a result, not an error
 */
export async function drill(
  deployment: Deployment,
  store: Store,
  { id, log }: { id?: string; log: Log },
): Promise<DrillResult> {
  const set = id ?? (await store.list()).at(-1);
  if (set === undefined)
    throw new Error(`${store.name} holds no set to drill with; next: make one with scripts/backup`);
  log.info("drill begins", { set, store: store.name });
  return exclusively(deployment, "drill", async () => {
    const result = await attempt(deployment, store, set, log);
    keep(deployment, result);
    return result;
  });
}

async function attempt(deployment: Deployment, store: Store, id: string, log: Log): Promise<DrillResult> {
  const began = Date.now();
  const secondsSince = (time: number) => (Date.now() - time) / 1000;
  const prefix = `${deployment.namePrefix}-drill`;
  let dataAgeSeconds = 0;
  let restoreSeconds = 0;
  const checks = await checked(log, async (check) => {
    const manifest = await check(
      "the set is whole",
      () => verifySet(store, id),
      ({ createdAt }) => createdAt,
    );
    dataAgeSeconds = Math.max(0, secondsSince(Date.parse(manifest.createdAt)));
    const scratch = await check(
      "containers start",
      () => openScratch(deployment, prefix),
      () => prefix,
    );
    const objects = await restoreInto(scratch, store, manifest, check);
    const administrator = await check(
      "an administrator is found",
      () => takeOverAdministrator(deployment, scratch),
      ({ email }) => email,
    );
    const apiUrl = await check("Atlas boots", () => bootAtlas(deployment, scratch), String);
    restoreSeconds = secondsSince(began);
    await walkThrough({ apiUrl, ...administrator, ...(await filesIn(scratch, objects)) }, check);
  }).finally(() => removeScratch(prefix));
  const ok = checks.every((check) => check.ok);
  return { id, ok, seconds: secondsSince(began), restoreSeconds, dataAgeSeconds, checks };
}

async function restoreInto(
  { database, storage }: Scratch,
  store: Store,
  manifest: Manifest,
  check: Check,
): Promise<StoredObject[]> {
  await check(
    "the database is restored, row for row",
    async () => {
      await loadDump(database, await store.read(manifest.id, manifest.database.name));
      expectContent(await factsOf(database), manifest);
      return Object.values(manifest.database.rows).reduce((sum, rows) => sum + rows, 0);
    },
    (rows) => `${rows} rows, ${manifest.schema.changeSets} change sets`,
  );
  if (!storage) return [];
  const { objects } = await check(
    "the files are restored, byte for byte",
    async () => makeSame(await objectStoreIn(storage.container), store, manifest),
    ({ put }) => `${put} files`,
  );
  return objects;
}

async function filesIn({ storage }: Scratch, objects: StoredObject[]) {
  if (!storage) return {};
  return {
    objects: new Map(objects.map(({ key, sha256 }) => [key, sha256])),
    storage: { address: await addressIn(storage.container), port: storagePort },
  };
}

function keep(deployment: Deployment, result: DrillResult): void {
  const { id, ok, seconds, restoreSeconds, dataAgeSeconds, checks } = result;
  const failed = checks.find((check) => !check.ok);
  recordResult(deployment, "drill", {
    id,
    ok,
    seconds,
    ...(failed && { error: `${failed.title}: ${failed.detail.split("\n")[0]}` }),
    figures: { restoreSeconds, dataAgeSeconds, checks: checks.length },
  });
}
