// Looks at a deployment: everything at once, each fact by itself, so that what fails hides nothing else.
import { mkdirSync, statSync } from "node:fs";
import { auditTrail } from "../audit.ts";
import type { Store } from "../backup/set.ts";
import { databaseOf, sizeOf } from "../database.ts";
import type { Deployment } from "../deployment.ts";
import { secretsOf } from "../log.ts";
import { list, objectStoreOf } from "../objects.ts";
import { results } from "../results.ts";
import { localStore, remoteStoreOf } from "../stores/stores.ts";
import { alertState } from "./alert-state.ts";
import {
  type AtlasFacts,
  atlasSchema,
  type Condition,
  type ObjectsFacts,
  type Observation,
  objectsSchema,
  type Records,
  type SetsFacts,
  setsSchema,
} from "./condition.ts";
import { judge } from "./judge.ts";
import { containerFacts } from "./measure/containers.ts";
import { disks } from "./measure/disks.ts";
import { atlasCalls, certificateAt, doorOf } from "./measure/door.ts";
import { fact } from "./measure/fact.ts";
import { remembered } from "./remembered.ts";

const minute = 60_000;

/** Two calls each: Atlas grants 20 anonymous ones a minute and address, and 80 an hour, of which half are left to people. */
const atlasMaxAgeMs = 3 * minute;
/** Storage by the request, and a list of all objects. */
const costlyMaxAgeMs = 10 * minute;
const factTimeoutMs = 30_000;
const actsShown = 10;

/** Never throws for what is wrong with the deployment: the condition tells it. */
export async function look(deployment: Deployment): Promise<Condition> {
  return judge(deployment, await observe(deployment));
}

async function observe(deployment: Deployment): Promise<Observation> {
  const began = Date.now();
  mkdirSync(deployment.folder, { recursive: true, mode: 0o700 });
  const attempt = { hide: secretsOf(deployment), timeoutMs: factTimeoutMs };
  const known = <T>(measure: () => Promise<T>) => fact(attempt, measure);
  const remote = remoteStoreOf(deployment);
  const [records, containers, disksSeen, certificate, localSets, remoteSets, atlas, databaseBytes, objects] =
    await Promise.all([
      known(async () => recordsOf(deployment)),
      known(() => containerFacts(deployment)),
      disks(deployment, attempt),
      isHttps(deployment) ? known(async () => certificateAt(await doorOf(deployment))) : undefined,
      known(() => setsIn(localStore(deployment))),
      remote && known(() => rememberedSets(deployment, remote)),
      known(() => atlasFacts(deployment)),
      known(() => sizeOf(databaseOf(deployment))),
      deployment.storage ? known(() => objectsFacts(deployment)) : undefined,
    ]);
  return {
    time: new Date(began).toISOString(),
    seconds: (Date.now() - began) / 1000,
    since: statSync(deployment.folder).birthtime.toISOString(),
    containers,
    disks: disksSeen,
    ...(certificate && { certificate }),
    local: localSets,
    ...(remoteSets && { remote: remoteSets }),
    atlas,
    databaseBytes,
    ...(objects && { objects }),
    records,
  };
}

const isHttps = ({ publicUrl }: Deployment): boolean => publicUrl.startsWith("https:");

const recordsOf = (deployment: Deployment): Records => ({
  results: results(deployment),
  channels: alertState(deployment).channels,
  acts: auditTrail(deployment, actsShown),
});

async function setsIn(store: Store): Promise<SetsFacts> {
  const ids = await store.list();
  const id = ids.at(-1);
  if (id === undefined) return { count: 0 };
  const { createdAt, database, objects } = await store.manifest(id);
  return { count: ids.length, newest: { id, createdAt, bytes: database.bytes + (objects?.bytes ?? 0) } };
}

async function rememberedSets(deployment: Deployment, store: Store): Promise<SetsFacts> {
  const what = { name: "remote", schema: setsSchema, maxAgeMs: costlyMaxAgeMs };
  return (await remembered(deployment, what, () => setsIn(store))).value;
}

async function atlasFacts(deployment: Deployment): Promise<AtlasFacts> {
  const what = { name: "atlas", schema: atlasSchema, maxAgeMs: atlasMaxAgeMs };
  const { value, time } = await remembered(deployment, what, async () =>
    atlasCalls(await doorOf(deployment)),
  );
  return { ...value, time };
}

async function objectsFacts(deployment: Deployment): Promise<ObjectsFacts> {
  const what = { name: "objects", schema: objectsSchema, maxAgeMs: costlyMaxAgeMs };
  const { value } = await remembered(deployment, what, async () => {
    const store = await objectStoreOf(deployment);
    const sum = { count: 0, bytes: 0 };
    for await (const { bytes } of list(store)) {
      sum.count += 1;
      sum.bytes += bytes;
    }
    return sum;
  });
  return value;
}
