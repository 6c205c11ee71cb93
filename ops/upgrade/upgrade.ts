// Before another version of Atlas is put in place: a set of what is there, taken while nobody can write, so that going
// back loses nothing. What puts the version in place is the host: the Docker provider, or a release on a droplet.
import { imageMajor } from "../../components/services/images.ts";
import type { ServiceName } from "../../components/services/service.ts";
import { audited } from "../audit.ts";
import { exclusively } from "../backup/lock.ts";
import { makeSet } from "../backup/make.ts";
import type { Manifest } from "../backup/set.ts";
import { containerOf, type Deployment } from "../deployment.ts";
import { docker, existing, imagesOf, inspect } from "../docker.ts";
import { type Log, messageOf } from "../log.ts";
import { startContainers, stopContainers } from "../restore/containers.ts";
import { recordResult } from "../results.ts";
import { unusedImages } from "./images.ts";
import { goBack, hasMoved } from "./rollback.ts";
import {
  changeVersions,
  type Images,
  type Point,
  sameVersion,
  type Versions,
  versionName,
  versions,
} from "./versions.ts";

export interface Upgrading {
  log: Log;
  signal?: AbortSignal | undefined;
}

/**
 * To be called when all images are there and before any container changes; may be called again after a kill. Where the
 * version changes, the door is shut when it returns, and it is for the host to open it.
 * @returns for people: what was done
 * @throws Error where the version must not change, or no set can be taken; then everything serves as before
 */
export const prepareUpgrade = (
  deployment: Deployment,
  wanted: Images,
  upgrading: Upgrading,
): Promise<string> => exclusively(deployment, "upgrade", () => prepare(deployment, wanted, upgrading));

async function prepare(deployment: Deployment, wanted: Images, upgrading: Upgrading): Promise<string> {
  const { pending, before, serving } = versions(deployment);
  const there = await imagesOf(deployment.namePrefix, upgrading);
  const live = { ...((await hasData(deployment)) && (pending?.from.images ?? serving)), ...there };
  if (!live.backend) return "nothing is there yet";
  refuseOtherPostgres(live, wanted);
  if (pending && sameVersion(pending.to, wanted)) {
    if (pending.returning || sameVersion(live, wanted)) return `${versionName(wanted)} is being put in place`;
  } else if (sameVersion(live, wanted)) {
    return pending ? abandon(deployment, upgrading) : "the version stays";
  }
  const change = `${versionName(live)} -> ${versionName(wanted)}`;
  const point = pending?.from ?? before;
  if (point && sameVersion(point.images, wanted) && (await hasMoved(deployment, point)))
    return backByConfiguration(deployment, change, upgrading);
  // Nobody has written since its set was taken.
  const saved = pending?.from.set !== undefined && !(await runs(deployment, "backend"));
  const from = saved ? pending.from : { images: live };
  const keep = (point: Point) => begun(deployment, wanted, point);
  keep(from);
  if (saved || live.backend === wanted.backend) return change;
  const { id, schema } = await shutAndSave(deployment, change, upgrading);
  keep({ ...from, set: id, schema });
  return `${change}, back with set ${id}`;
}

const begun = (deployment: Deployment, to: Images, from: Point): Versions =>
  changeVersions(deployment, (now) => ({
    ...now,
    pending: { to, from, returning: false, since: new Date().toISOString() },
    pulled: union(now.pulled, to),
  }));

const forgotten = (deployment: Deployment): Versions =>
  changeVersions(deployment, ({ pending: _, ...now }) => now);

/** Images of Atlas itself: a set is read with the PostgreSQL that has made it, which therefore stays. */
const union = (pulled: string[], { backend, frontend }: Images): string[] => [
  ...new Set([...pulled, ...[backend, frontend].filter((image) => image !== undefined)]),
];

const doors = (deployment: Deployment): string[] =>
  ["ingress", "backend"].map((service) => containerOf(deployment, service));

async function runs(deployment: Deployment, service: ServiceName): Promise<boolean> {
  const [container] = await existing([containerOf(deployment, service)]);
  return container !== undefined && (await inspect(container)).running;
}

/** They are kept when the containers are gone. */
async function hasData(deployment: Deployment): Promise<boolean> {
  const volume = containerOf(deployment, "postgres");
  const found = await docker(["volume", "ls", "--format", "{{.Name}}", "--filter", `name=${volume}`]);
  return found.split("\n").includes(volume);
}

/**
 * The configuration asks for the version before, whose schema the data do not have any more.
 * @throws Error where somebody may have written since
 */
async function backByConfiguration(
  deployment: Deployment,
  change: string,
  { log }: Upgrading,
): Promise<string> {
  if (await runs(deployment, "ingress"))
    throw new Error(
      `${change}: the newer version has changed the database, and an older one cannot use it; next: scripts/rollback STACK, which takes the data back as well`,
    );
  return goBack(deployment, { log, yes: true });
}

/** The person has set the version back before anything of the new one was there. */
async function abandon(deployment: Deployment, { log }: Upgrading): Promise<string> {
  log.info("the upgrade that was begun is given up; what was there serves on");
  await startContainers(doors(deployment).reverse());
  forgotten(deployment);
  return "the version stays";
}

/** Nobody writes between the set and the change: going back loses nothing that was acknowledged. */
const shutAndSave = (deployment: Deployment, subject: string, upgrading: Upgrading): Promise<Manifest> =>
  audited(deployment, { act: "upgrade", subject, log: upgrading.log }, async () => {
    try {
      await refuseWithoutContainers(deployment, subject);
      upgrading.log.info("shutting the door");
      await stopContainers(doors(deployment));
      return await makeSet(deployment, "upgrade", upgrading);
    } catch (error) {
      forgotten(deployment);
      await startContainers(doors(deployment).reverse()).catch((further) => {
        throw new Error(
          `${messageOf(error)}\nand what ran before does not serve again: ${messageOf(further)}`,
        );
      });
      throw error;
    }
  });

/** After a down the data are there and nothing runs. */
async function refuseWithoutContainers(deployment: Deployment, change: string): Promise<void> {
  if ((await existing(doors(deployment))).length > 0) return;
  throw new Error(
    `${change} would change the data that were kept without a backup; next: set atlas:images back to the version before, run scripts/up, and upgrade then`,
  );
}

/** @throws Error with the way */
function refuseOtherPostgres(there: Images, wanted: Images): void {
  const [from, to] = [imageMajor(there.postgres), imageMajor(wanted.postgres)];
  if (from === undefined || to === undefined || from === to) return;
  throw new Error(
    `PostgreSQL ${to} cannot open the data of PostgreSQL ${from}, and nothing was changed; next: set atlas:images.postgres back, or go the way of docs/operations.md, "Another major version of PostgreSQL"`,
  );
}

/**
 * To be called when a version serves: it is what the next change comes from.
 * @returns for people: what was done
 */
export async function nowServing(
  deployment: Deployment,
  serving: Images,
  { log }: Upgrading,
): Promise<string> {
  const { pending } = versions(deployment);
  if (pending && sameVersion(pending.to, serving))
    recordResult(deployment, pending.returning ? "rollback" : "upgrade", {
      ok: true,
      seconds: (Date.now() - Date.parse(pending.since)) / 1000,
      ...(pending.from.set && { id: pending.from.set }),
    });
  const now = changeVersions(deployment, ({ pending: under, before, pulled }) => {
    const back =
      under && sameVersion(under.to, serving) ? (under.returning ? undefined : under.from) : before;
    return {
      serving,
      ...(back && { before: back }),
      pulled: union(pulled, serving),
    };
  });
  const kept = await unusedImages(now, log);
  changeVersions(deployment, (state) => ({ ...state, pulled: kept }));
  return `${versionName(serving)} serves`;
}
