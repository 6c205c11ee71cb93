import type { Sql } from "../database/sql.ts";

/** Column names with their values; the names are the program's own, never a caller's. */
export type Columns = Record<string, unknown>;

export async function insert(sql: Sql, table: string, columns: Columns): Promise<void> {
  const names = Object.keys(columns);
  const marks = names.map((_, index) => `$${index + 1}`);
  await sql.run(
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks.join(", ")})`,
    Object.values(columns),
  );
}

export async function update(sql: Sql, table: string, id: number, columns: Columns): Promise<void> {
  const assignments = Object.keys(columns).map((name, index) => `${name} = $${index + 2}`);
  await sql.run(`UPDATE ${table} SET ${assignments.join(", ")} WHERE id = $1`, [
    id,
    ...Object.values(columns),
  ]);
}

export interface Link {
  table: string;
  own: string;
  other: string;
}

/** Makes a to-many relation hold exactly these. */
export async function replaceLinks(
  sql: Sql,
  link: Link,
  id: number,
  others: readonly number[],
): Promise<void> {
  await sql.run(`DELETE FROM ${link.table} WHERE ${link.own} = $1`, [id]);
  await sql.run(
    `INSERT INTO ${link.table} (${link.own}, ${link.other}) SELECT $1, other FROM unnest($2::bigint[]) AS other
     ON CONFLICT DO NOTHING`,
    [id, others],
  );
}
