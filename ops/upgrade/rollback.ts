// Going back to the version before: database and files go with it where the schema has moved, the images alone where it
// has not. The images are for the host to put in place, afterwards.
import { exclusively } from "../backup/lock.ts";
import { databaseOf, factsOf } from "../database.ts";
import { containerOf, type Deployment } from "../deployment.ts";
import type { Log } from "../log.ts";
import { readJournal } from "../restore/journal.ts";
import { restore } from "../restore/restore.ts";
import { exists } from "../restore/swap.ts";
import { localStore } from "../stores/stores.ts";
import { changeVersions, type Point, type Versions, versionName, versions } from "./versions.ts";

export interface GoingBack {
  log: Log;
  /** The person has seen what would be lost. */
  yes: boolean;
}

/**
 * Makes the data those of the version before; may be called again after a kill. Where they had to change, the door
 * stays shut until that version is in place.
 * @returns for people: what was done
 * @throws RestoreRefused with what would be lost, without `yes`; Error where there is nothing to go back to
 */
export const goBack = (deployment: Deployment, going: GoingBack): Promise<string> =>
  exclusively(deployment, "rollback", () => goBackAlone(deployment, going));

async function goBackAlone(deployment: Deployment, { log, yes }: GoingBack): Promise<string> {
  const now = versions(deployment);
  const point = pointToGoBackTo(now);
  const { set } = point;
  const moved = await hasMoved(deployment, point);
  if (moved && set) await restore(deployment, localStore(deployment), set, { log, yes, staysShut: true });
  changeVersions(deployment, (state) => ({
    ...state,
    pending: { to: point.images, from: point, returning: true, since: new Date().toISOString() },
  }));
  return moved
    ? `the schema had moved: database and files are those of set ${set} again, for ${versionName(point.images)}`
    : `the schema has not moved: ${versionName(point.images)} takes the data as they are`;
}

/** @throws Error where there is none */
export function pointToGoBackTo({ serving, before, pending }: Versions): Point {
  const point = pending?.from ?? before;
  if (point) return point;
  const now = serving ? `Atlas ${versionName(serving)}` : "what runs";
  throw new Error(`there is nothing to go back to: ${now} is the first version that is known here`);
}

/** Whether the data are no more as that version knows them; never where only the front end changed. */
export async function hasMoved(deployment: Deployment, { set, schema }: Point): Promise<boolean> {
  if (!set) return false;
  // A restore that was cut off is gone on with.
  if (readJournal(deployment)) return true;
  const db = databaseOf(deployment);
  if (!(await exists(db)))
    throw new Error(`${containerOf(deployment, "postgres")} has no database ${db.name}`);
  const { schema: now } = await factsOf(db);
  return now.changeSets !== schema?.changeSets || now.last !== schema.last;
}
