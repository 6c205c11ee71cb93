// Restoring a set for real. Until the swap the live data are untouched; from there on the door stays shut until
// everything is the set's. A run that was killed is gone on with by the next one: see journal.ts.
import { database as names } from "../../components/services/postgres.ts";
import { audited } from "../audit.ts";
import { exclusively } from "../backup/lock.ts";
import { makeSet } from "../backup/make.ts";
import { recorded } from "../backup/recorded.ts";
import type { Manifest, Store } from "../backup/set.ts";
import { verifySet } from "../backup/verify.ts";
import { type Database, databaseOf, factsOf, maintenanceOf } from "../database.ts";
import { containerOf, type Deployment } from "../deployment.ts";
import { existing, inspect } from "../docker.ts";
import { type Log, messageOf } from "../log.ts";
import { objectStoreOf } from "../objects.ts";
import { startContainers, stopContainers } from "./containers.ts";
import { lostRows, rowChanges, rowChangesText } from "./differences.ts";
import { type Journal, reached, readJournal, removeJournal, writeJournal } from "./journal.ts";
import { makeSame } from "./objects.ts";
import { type Live, lossText, type Permissions, RestoreRefused, refusals } from "./refusals.ts";
import {
  dropBefore,
  dropLoaded,
  dropRestored,
  exists,
  expectContent,
  isSwapped,
  loadBeside,
  reopen,
  swap,
} from "./swap.ts";

export interface RestoreOptions extends Omit<Permissions, "withImage"> {
  log: Log;
  /** Puts the set's version of Atlas in place, while the door is shut; may be called again after a kill. */
  withImage?: (image: string) => Promise<void>;
  /** Whoever asked for it opens the door, with what fits the set. */
  staysShut?: boolean;
}

export interface Restored {
  id: string;
  /** The set of what was there before. */
  safetySet: string;
  seconds: number;
}

interface Restoring {
  deployment: Deployment;
  store: Store;
  manifest: Manifest;
  db: Database;
  options: RestoreOptions;
  log: Log;
}

/**
 * Makes database and files those of a set: both, or neither. Goes on with a restore of the same set that was killed,
 * which needs no `yes` again.
 * @throws RestoreRefused with every reason, before anything is touched; Error naming what failed, after which the
 *   deployment serves as before, or, where that cannot be, stays shut and the error says what to do
 */
export const restore = (
  deployment: Deployment,
  store: Store,
  id: string,
  options: RestoreOptions,
): Promise<Restored> =>
  exclusively(deployment, "restore", () => restoreAlone(deployment, store, id, options));

async function restoreAlone(
  deployment: Deployment,
  store: Store,
  id: string,
  options: RestoreOptions,
): Promise<Restored> {
  const began = Date.now();
  const { log } = options;
  const db = databaseOf(deployment);
  const interrupted = await unfinished(deployment, db);
  const manifest = await store.manifest(id);
  const restoring = { deployment, store, manifest, db, options, log };
  if (interrupted?.id === id)
    log.info("going on with the restore that was cut off", { phase: interrupted.phase });
  else await refuseUnfit(restoring, interrupted);
  log.info("reading the set back", { set: id, store: store.name });
  await verifySet(store, id);

  const journal = interrupted?.id === id ? interrupted : begin(restoring, interrupted);
  const safetySet = await audited(deployment, { act: "restore", subject: id, log }, () =>
    recorded(deployment, "restore", id, log, () => converge(restoring, journal)),
  );
  const seconds = (Date.now() - began) / 1000;
  log.info("restored", { set: id, safetySet, seconds });
  return { id, safetySet, seconds };
}

/** One that was killed after its last change has only its journal left. */
async function unfinished(deployment: Deployment, db: Database): Promise<Journal | undefined> {
  const journal = readJournal(deployment);
  if (journal?.phase !== "filled" || (await isSwapped(db))) return journal;
  removeJournal(deployment);
  return undefined;
}

/** @throws RestoreRefused */
async function refuseUnfit(
  { deployment, manifest, db, options }: Restoring,
  interrupted: Journal | undefined,
): Promise<void> {
  if (!interrupted && (await isSwapped(db)))
    throw new RestoreRefused(
      `${db.container} holds the database ${db.name}_before_restore of a restore that nothing is known of; next: look at it, and drop it by hand`,
    );
  // A restore that was cut off while it swapped may have shut it.
  if (interrupted) await reopen(db);
  const live = await lookAt(deployment, db);
  const permissions = { ...options, withImage: options.withImage !== undefined };
  const reasons = refusals(manifest, deployment, live, permissions);
  if (reasons.length > 0)
    throw new RestoreRefused([`set ${manifest.id} is not restored:`, ...reasons].join("\n  "));
  if (!options.yes) throw new RestoreRefused(lossText(manifest, live, new Date()));
}

async function lookAt(deployment: Deployment, db: Database): Promise<Live> {
  const [backend] = await existing([containerOf(deployment, "backend")]);
  const image = backend === undefined ? "no backend" : (await inspect(backend)).image;
  if (!(await exists(db))) {
    const { postgresVersion } = await factsOf(maintenanceOf(db));
    return { postgresVersion, image, rows: {} };
  }
  const { postgresVersion, rows, schema } = await factsOf(db);
  return { postgresVersion, image, rows, ...(schema.changeSets > 0 && { changeSets: schema.changeSets }) };
}

/** Another set takes over from a restore that was cut off; what that one has left half done is not worth a set. */
function begin({ deployment, store, manifest, log }: Restoring, interrupted: Journal | undefined): Journal {
  if (interrupted)
    log.warning("another restore was cut off; this one takes its place", { set: interrupted.id });
  const half = interrupted && !reached(interrupted, "filled") ? interrupted : undefined;
  return writeJournal(deployment, {
    id: manifest.id,
    store: store.name,
    phase: half?.phase === "swapped" ? "swapped" : "loading",
    startedAt: new Date().toISOString(),
    ...(half?.safetySet && { safetySet: half.safetySet }),
  });
}

/** @returns the safety set */
const converge = (restoring: Restoring, journal: Journal): Promise<string> =>
  run(restoring, journal).catch(async (error) => {
    throw await afterFailure(restoring, error);
  });

/** What is done, in order; each step may be done again. */
async function run(restoring: Restoring, begun: Journal): Promise<string> {
  const { deployment, store, manifest, db, log } = restoring;
  let journal = begun;
  const keep = (change: Partial<Journal>) => {
    journal = writeJournal(deployment, { ...journal, ...change });
  };

  const again = await isHalfDone(journal, db);
  if (again) await clear(restoring);
  if (again || !reached(journal, "loaded")) {
    log.info("loading the database beside the live one", step(1));
    await loadBeside(db, () => readable(store, manifest), manifest);
    if (!again) keep({ phase: "loaded" });
  }
  log.info("shutting the door", step(2));
  await stopContainers(behindTheDoor(deployment));
  // One that was taken before a kill may be late: the door may have opened since.
  const kept = again || reached(journal, "filled") ? journal.safetySet : undefined;
  const safetySet = kept ?? (await takeSafetySet(restoring));
  keep({ safetySet });
  if (again || !reached(journal, "swapped")) {
    log.info("swapping the databases", step(4));
    await swap(db);
    keep({ phase: "swapped" });
  }
  if (!reached(journal, "filled")) {
    log.info("making the files the set's", step(5));
    await restoreObjects(restoring);
    expectContent(await factsOf(db), manifest);
    keep({ phase: "filled" });
  }
  if (!restoring.options.staysShut) await open(restoring);
  log.info("dropping the database that was live before", step(8));
  await dropBefore(db);
  removeJournal(deployment);
  return safetySet;
}

/** Something has taken the live database's place, and was never the whole set. */
const isHalfDone = async (journal: Journal, db: Database): Promise<boolean> =>
  !reached(journal, "filled") && journal.safetySet !== undefined && (await isSwapped(db));

/** Whoever started Atlas on it after the kill, such as a machine that boots, may have written there: it goes. */
async function clear({ deployment, db, log }: Restoring): Promise<void> {
  log.info("dropping what the restore that was cut off has put in place");
  await stopContainers(behindTheDoor(deployment));
  await dropRestored(db);
}

const step = (number: number) => ({ step: number, of: 8 });

const readable = (store: Store, { id, database }: Manifest) => store.read(id, database.name);

/** Nothing writes while these are stopped. */
const behindTheDoor = (deployment: Deployment): string[] =>
  ["ingress", "backend"].map((service) => containerOf(deployment, service));

async function takeSafetySet({ deployment, log }: Restoring): Promise<string> {
  log.info("taking a set of what is there now", step(3));
  const { id } = await makeSet(deployment, "restore", { log });
  return id;
}

async function restoreObjects({ deployment, store, manifest, log }: Restoring): Promise<void> {
  if (!deployment.storage) return;
  const { put, removed } = await makeSame(await objectStoreOf(deployment), store, manifest);
  log.info("files are the set's", { put, removed });
}

/** Atlas first, which is looked at before anybody else comes in. */
async function open({ deployment, manifest, db, options, log }: Restoring): Promise<void> {
  const { image } = await inspect(containerOf(deployment, "backend"));
  const wanted = manifest.images.backend;
  if (options.withImage && wanted && wanted !== image) {
    log.info("putting the set's version in place", { image: wanted });
    await options.withImage(wanted);
  }
  log.info("starting Atlas", step(6));
  await startContainers([containerOf(deployment, "backend")]);
  const { schema, rows } = await factsOf(db);
  const lost = lostRows(rowChanges(rows, manifest.database.rows));
  // What a migration does to rows is its own affair.
  if (schema.changeSets === manifest.schema.changeSets && lost.length > 0)
    throw new Error(`Atlas has started and rows are gone: ${rowChangesText(lost)}`);
  log.info("opening the door", step(7));
  await startContainers([containerOf(deployment, "ingress")]);
}

/** Opens again what was not changed. @returns the error to throw */
async function afterFailure(
  { deployment, store, manifest, db, options }: Restoring,
  error: unknown,
): Promise<Error> {
  const why = messageOf(error);
  if (await isSwapped(db)) {
    const safetySet = readJournal(deployment)?.safetySet;
    return new Error(
      `${why}\nset ${manifest.id} of ${store.name} is not wholly restored, and the door stays shut\nnext: mend the cause and restore it again, or put back what was there: restore ${safetySet} --yes`,
      { cause: error },
    );
  }
  try {
    await reopen(db);
    await dropLoaded(db);
    removeJournal(deployment);
    if (options.staysShut)
      return new Error(
        `${why}\nnothing was changed, and the door stays shut; next: mend the cause and do it again`,
        {
          cause: error,
        },
      );
    await startContainers(behindTheDoor(deployment).reverse());
  } catch (further) {
    return new Error(`${why}\nnothing was changed, but it does not serve again: ${messageOf(further)}`, {
      cause: error,
    });
  }
  return new Error(`${why}\nnothing was changed: ${names.name} is as it was, and serves`, { cause: error });
}
