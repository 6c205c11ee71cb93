// What became of each write, as far as the one who wrote knows, and whether the database agrees.

/** Acknowledged by Atlas; certainly without effect; or nobody knows. */
export type Outcome = "acknowledged" | "failed" | "unknown";

export interface Write {
  title: string;
  outcome: Outcome;
  /** When that was known, in milliseconds. */
  at: number;
}

export class Ledger {
  private readonly writes: Write[] = [];
  private readonly sent = new Set<string>();

  /** Before a title is sent: it may be in the database from now on. */
  begin(title: string): void {
    if (this.sent.has(title)) throw new Error(`"${title}" was sent before`);
    this.sent.add(title);
  }

  end(write: Write): void {
    this.writes.push(write);
  }

  titles(outcome: Outcome): string[] {
    return this.writes.filter((write) => write.outcome === outcome).map(({ title }) => title);
  }

  /** How many of an outcome became known in a time. */
  count(outcome: Outcome, from: number, to: number): number {
    return this.writes.filter((write) => write.outcome === outcome && write.at >= from && write.at <= to)
      .length;
  }

  lastAcknowledged(): number {
    return this.writes.findLast(({ outcome }) => outcome === "acknowledged")?.at ?? 0;
  }

  /** The longest time without an acknowledged write that touches the given one, in milliseconds. */
  longestSilence(from: number, to: number): number {
    const times = this.writes.filter(({ outcome }) => outcome === "acknowledged").map(({ at }) => at);
    const before = times.filter((at) => at < from).slice(-1);
    const after = times.filter((at) => at > to).slice(0, 1);
    const marks = [...before, ...times.filter((at) => at >= from && at <= to), ...after];
    return Math.max(0, ...marks.slice(1).map((at, index) => at - (marks[index] ?? at)));
  }

  /**
   * What is wrong with the rows of the database, in words. Titles that are being sent may be there or not.
   * @param acknowledged those that were when the rows were asked for
   */
  faults(rows: string[], acknowledged: string[]): string[] {
    const counts = new Map<string, number>();
    for (const title of rows) counts.set(title, (counts.get(title) ?? 0) + 1);
    const failed = new Set(this.titles("failed"));
    return [
      ...acknowledged
        .filter((title) => !counts.has(title))
        .map((title) => `${title}: acknowledged, and lost`),
      ...[...counts]
        .filter(([, count]) => count > 1)
        .map(([title, count]) => `${title}: there ${count} times`),
      ...[...counts.keys()]
        .filter((title) => failed.has(title))
        .map((title) => `${title}: failed, and there`),
      ...[...counts.keys()].filter((title) => !this.sent.has(title)).map((title) => `${title}: never sent`),
    ];
  }
}
