// Why a set is not restored into a deployment. Pure: what is running is looked at elsewhere.
import type { Manifest } from "../backup/set.ts";
import type { Deployment } from "../deployment.ts";
import { rowChanges } from "./differences.ts";

/** What is there now, as far as a set has to fit it. */
export interface Live {
  postgresVersion: string;
  /** Of the backend's container. */
  image: string;
  /** Undefined where Atlas has never run on the database, or there is none. */
  changeSets?: number;
  rows: Record<string, number>;
}

export interface Permissions {
  /** The person has seen what would be lost. */
  yes?: boolean;
  /** A set of another deployment may be restored. */
  foreign?: boolean;
  /** A set of an older major version of PostgreSQL may be restored: the dump is read by the newer one. */
  olderPostgres?: boolean;
  /** The set's image will be put in place as well. */
  withImage?: boolean;
}

export class RestoreRefused extends Error {
  override name = "RestoreRefused";
}

/**
 * @param manifest of the set
 * @returns one sentence a reason, with the way out; none where the set fits
 */
export function refusals(
  manifest: Manifest,
  deployment: Pick<Deployment, "namePrefix" | "storage">,
  live: Live,
  permissions: Permissions,
): string[] {
  return [
    otherDeployment(manifest, deployment, permissions),
    otherPostgres(manifest, live, permissions),
    newerSchema(manifest, live, permissions),
    objectsWithoutStore(manifest, deployment),
  ].filter((reason) => reason !== undefined);
}

function otherDeployment(
  { namePrefix, publicUrl }: Manifest,
  deployment: Pick<Deployment, "namePrefix">,
  { foreign }: Permissions,
): string | undefined {
  if (foreign || namePrefix === deployment.namePrefix) return undefined;
  return `it is of another deployment, ${namePrefix} (${publicUrl}), not of ${deployment.namePrefix}; --foreign restores it all the same, with its users and their passwords`;
}

function otherPostgres(
  { postgresVersion }: Manifest,
  live: Live,
  { olderPostgres }: Permissions,
): string | undefined {
  const [of, here] = [major(postgresVersion), major(live.postgresVersion)];
  if (of === here || (olderPostgres && of < here)) return undefined;
  const way =
    of < here
      ? "--older-postgres loads it into the newer one"
      : `deploy postgres:${of} first; a newer dump is not loaded into an older server`;
  return `it was dumped from PostgreSQL ${postgresVersion}, and ${live.postgresVersion} is running; ${way}`;
}

/** "16.13 (Debian 16.13-1)" -> 16 */
const major = (version: string): number => Number.parseInt(version, 10);

/** Atlas only migrates forward, and which change sets an image knows can only be learnt by running it. */
function newerSchema(
  { schema, images }: Manifest,
  live: Live,
  { withImage }: Permissions,
): string | undefined {
  const sameImage = images.backend === live.image;
  if (withImage || sameImage || live.changeSets === undefined || schema.changeSets <= live.changeSets)
    return undefined;
  return `its schema is newer: ${schema.changeSets} change sets, the last ${schema.last}, and ${live.image} has brought the database to ${live.changeSets}; deploy ${images.backend ?? "its Atlas version"} first, or take --with-image`;
}

function objectsWithoutStore(
  { objects }: Manifest,
  { storage }: Pick<Deployment, "storage">,
): string | undefined {
  if (!objects || objects.count === 0 || storage) return undefined;
  return `it holds ${objects.count} files, and this deployment has no object store; set atlas:storage to true and run scripts/up first`;
}

/** What a restore would take away, for the person who has to say yes. */
export function lossText(manifest: Manifest, live: Live, now: Date): string {
  const hours = Math.max(0, now.getTime() - Date.parse(manifest.createdAt)) / 3_600_000;
  const age = hours < 48 ? `${hours.toFixed(1)} hours` : `${Math.floor(hours / 24)} days`;
  const changed = rowChanges(live.rows, manifest.database.rows);
  const shown = changed
    .slice(0, 12)
    .map(({ table, now, inSet }) => `  ${table}: ${now} rows now, ${inSet} then`);
  const more = changed.length > 12 ? [`  and ${changed.length - 12} more tables`] : [];
  return [
    `set ${manifest.id} is ${age} old (${manifest.createdAt}); everything done since is lost`,
    ...(changed.length === 0 ? ["  all tables have as many rows now as then"] : [...shown, ...more]),
    "next: the same command with --yes; a set of the present state is taken first",
  ].join("\n");
}
