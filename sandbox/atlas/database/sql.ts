import type { QueryResultRow } from "pg";

/** What runs statements: one connection, usually inside a transaction. */
export interface Sql {
  rows<R extends QueryResultRow>(statement: string, parameters?: readonly unknown[]): Promise<R[]>;
  /** The single row of a statement that always has one. */
  one<R extends QueryResultRow>(statement: string, parameters?: readonly unknown[]): Promise<R>;
  first<R extends QueryResultRow>(statement: string, parameters?: readonly unknown[]): Promise<R | undefined>;
  /** The number of rows changed. */
  run(statement: string, parameters?: readonly unknown[]): Promise<number>;
}

interface Runner {
  query(
    statement: string,
    parameters: unknown[],
  ): Promise<{ rows: QueryResultRow[]; rowCount: number | null }>;
}

export function sqlOver(runner: Runner): Sql {
  const rows = async <R extends QueryResultRow>(statement: string, parameters: readonly unknown[] = []) =>
    (await runner.query(statement, [...parameters])).rows as R[];
  const first = async <R extends QueryResultRow>(statement: string, parameters: readonly unknown[] = []) =>
    (await rows<R>(statement, parameters))[0];
  return {
    rows,
    first,
    one: async <R extends QueryResultRow>(statement: string, parameters: readonly unknown[] = []) => {
      const row = await first<R>(statement, parameters);
      if (row === undefined) throw new Error("No row was returned by a statement that always has one");
      return row;
    },
    run: async (statement, parameters = []) => (await runner.query(statement, [...parameters])).rowCount ?? 0,
  };
}
