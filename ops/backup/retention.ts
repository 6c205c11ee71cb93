// Which sets are kept. Pure.
import type { Deployment } from "../deployment.ts";
import { type Reason, timeOf } from "./set.ts";

export interface DatedSet {
  id: string;
  reason: Reason;
}

const dayMs = 24 * 60 * 60_000;
/** A set that was taken before a change may be wanted for as long as the change may turn out to be bad. */
const safetyMs = 14 * dayMs;

/**
 * The newest set of each of so many days, weeks and months that have one is kept: while none are made, none expire.
 * Days begin at midnight UTC, weeks on Mondays.
 * @param also sets that are kept whatever their age, as is the newest of all
 * @returns ids of the sets to remove, oldest first
 */
export function expired(
  sets: DatedSet[],
  keep: Deployment["keep"],
  now: Date,
  also: string[] = [],
): string[] {
  const newestFirst = sets.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const ids = newestFirst.map(({ id }) => id);
  const kept = new Set([
    ...ids.slice(0, 1),
    ...also,
    ...newestOfEach(ids, keep.daily, dayOf),
    ...newestOfEach(ids, keep.weekly, weekOf),
    ...newestOfEach(ids, keep.monthly, monthOf),
    ...newestFirst.filter((set) => isYoungSafetySet(set, now)).map(({ id }) => id),
  ]);
  return ids.filter((id) => !kept.has(id)).reverse();
}

function newestOfEach(newestFirst: string[], most: number, periodOf: (id: string) => string): string[] {
  const periods = new Map<string, string>();
  for (const id of newestFirst) if (!periods.has(periodOf(id))) periods.set(periodOf(id), id);
  return [...periods.values()].slice(0, most);
}

const dayOf = (id: string) => id.slice(0, 8);
const monthOf = (id: string) => id.slice(0, 6);
/** By the number of its Monday since 1970-01-05, which was one. */
const weekOf = (id: string) => `${Math.floor((timeOf(id).getTime() / dayMs - 4) / 7)}`;

const isYoungSafetySet = ({ id, reason }: DatedSet, now: Date): boolean =>
  (reason === "upgrade" || reason === "restore") && now.getTime() - timeOf(id).getTime() < safetyMs;
