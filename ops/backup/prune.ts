// Taking away what need not be kept any longer.
import type { Deployment } from "../deployment.ts";
import type { Log } from "../log.ts";
import { results } from "../results.ts";
import { stores } from "../stores/stores.ts";
import { setsToGoBack, versions } from "../upgrade/versions.ts";
import { exclusively } from "./lock.ts";
import { type DatedSet, expired } from "./retention.ts";
import { type OwnStore, SetFault } from "./set.ts";

const dayMs = 24 * 60 * 60_000;

/**
 * Removes what has expired, and what was begun more than a day ago and never finished, in each place that sets lie.
 * What is not a set of this deployment is left alone.
 * @returns ids and names of what was removed
 * @throws Error of the storage; Busy while something else is done
 */
export const prune = (
  deployment: Deployment,
  { log, now = new Date() }: { log: Log; now?: Date },
): Promise<string[]> =>
  exclusively(deployment, "prune", async () => {
    const proven = results(deployment).drill?.lastOk?.id;
    const wanted = [...setsToGoBack(versions(deployment)), ...(proven === undefined ? [] : [proven])];
    const removed: string[] = [];
    for (const store of stores(deployment)) {
      const ids = expired(await ownSets(store, deployment, log), deployment.keep, now, wanted);
      for (const id of ids) await store.remove(id);
      const unfinished = await store.removeUnfinished(new Date(now.getTime() - dayMs));
      log.info("removed what had expired", { store: store.name, sets: ids, unfinished });
      removed.push(...ids, ...unfinished);
    }
    return removed;
  });

async function ownSets(store: OwnStore, { namePrefix }: Deployment, log: Log): Promise<DatedSet[]> {
  const sets: DatedSet[] = [];
  for (const id of await store.list()) {
    try {
      const manifest = await store.manifest(id);
      if (manifest.namePrefix === namePrefix) sets.push({ id, reason: manifest.reason });
    } catch (error) {
      // Somebody should look at it; it may be the last one.
      if (!(error instanceof SetFault)) throw error;
      log.warning("keeps a set that cannot be read", { error });
    }
  }
  return sets;
}
