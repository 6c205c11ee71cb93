import type { QueryResultRow } from "pg";
import type { Sql } from "../database/sql.ts";
import { auditDate } from "../dates.ts";

/** What all records have, in a row read with RECORD_COLUMNS. */
export interface StoredRecord {
  id: number;
  companyId: number;
  createdBy: number | null;
  updatedBy: number | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Of the table that the query calls t. */
export const RECORD_COLUMNS = `t.id, t.company_id AS "companyId", t.created_by AS "createdBy", t.updated_by AS "updatedBy",
    t.created_at AS "createdAt", t.updated_at AS "updatedAt"`;

/** How most records show it. */
export const recordView = ({ id, createdBy, updatedBy, createdAt, updatedAt }: StoredRecord) => ({
  id,
  createdBy,
  updatedBy,
  createdAt: auditDate(createdAt),
  updatedAt: auditDate(updatedAt),
});

/** Rows in the order of the ids. @param select from a table that it calls t */
export const findByIds = <T extends QueryResultRow>(
  sql: Sql,
  select: string,
  ids: readonly number[],
): Promise<T[]> =>
  sql.rows<T>(`${select} WHERE t.id = ANY($1::bigint[]) ORDER BY array_position($1::bigint[], t.id)`, [ids]);
