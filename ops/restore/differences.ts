// What tells two states of a deployment apart, and what makes one the other. Pure.

export interface StoredObject {
  key: string;
  bytes: number;
  sha256: string;
}

export interface ObjectChanges {
  /** Keys that are missing, or hold something else. */
  put: Set<string>;
  /** Keys that must not be there. */
  remove: string[];
}

/** What makes `now` the same as `wanted`. */
export function objectChanges(now: StoredObject[], wanted: StoredObject[]): ObjectChanges {
  const present = new Map(now.map(({ key, sha256 }) => [key, sha256]));
  const kept = new Set(wanted.map(({ key }) => key));
  return {
    put: new Set(wanted.filter(({ key, sha256 }) => present.get(key) !== sha256).map(({ key }) => key)),
    remove: now.map(({ key }) => key).filter((key) => !kept.has(key)),
  };
}

export interface RowChange {
  table: string;
  now: number;
  inSet: number;
}

/** Tables whose number of rows differs, the largest difference first; a table that is not there has 0. */
export function rowChanges(now: Record<string, number>, inSet: Record<string, number>): RowChange[] {
  const tables = [...new Set([...Object.keys(now), ...Object.keys(inSet)])].sort();
  return tables
    .map((table) => ({ table, now: now[table] ?? 0, inSet: inSet[table] ?? 0 }))
    .filter((change) => change.now !== change.inSet)
    .sort((a, b) => Math.abs(b.now - b.inSet) - Math.abs(a.now - a.inSet));
}

/** One line for people: "work_order 3 not 5, asset 0 not 1". */
export const rowChangesText = (changes: RowChange[]): string =>
  changes.map(({ table, now, inSet }) => `${table} ${now} not ${inSet}`).join(", ");

/** Tables that a starting Atlas tidies up by itself: what is planned, who is signed in, what has migrated. */
const tidied = /^(qrtz_|refresh_token$|databasechangelog)/i;

/** Of changes from a set (`inSet`) to what a freshly started Atlas shows (`now`), those in which something is gone. */
export const lostRows = (changes: RowChange[]): RowChange[] =>
  changes.filter(({ table, now, inSet }) => now < inSet && !tidied.test(table));
