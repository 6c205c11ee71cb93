// Stretches of time, as sets.

export interface Interval {
  begin: number;
  end: number;
}

/** The same time without overlaps, in order. */
export function union(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  for (const { begin, end } of intervals
    .filter((interval) => interval.end > interval.begin)
    .toSorted((a, b) => a.begin - b.begin)) {
    const last = joined.at(-1);
    if (last && begin <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ begin, end });
  }
  return joined;
}

/** What of an interval lies in none of the others. */
export function without({ begin, end }: Interval, others: readonly Interval[]): Interval[] {
  const rest: Interval[] = [];
  let from = begin;
  for (const other of union(others)) {
    rest.push({ begin: from, end: Math.min(end, other.begin) });
    from = Math.max(from, other.end);
  }
  return union([...rest, { begin: from, end }]);
}

/** Time that the intervals cover, overlaps once. */
export const length = (intervals: readonly Interval[]): number =>
  union(intervals).reduce((sum, { begin, end }) => sum + end - begin, 0);
