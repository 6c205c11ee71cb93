import type { Sql } from "../database/sql.ts";
import type { SearchCriteria } from "./criteria.ts";
import type { Entity } from "./entities.ts";
import { searchSql } from "./sql-builder.ts";

export interface Found {
  ids: number[];
  total: number;
}

/** The ids of one page in their order, and how many there are in all. */
export async function search(sql: Sql, entity: Entity, criteria: SearchCriteria): Promise<Found> {
  const { where, orderBy, parameters } = searchSql(entity, criteria);
  const from = `FROM ${entity.table} t WHERE ${where}`;
  const offset = criteria.pageNum * criteria.pageSize;
  const rows = await sql.rows<{ id: number }>(
    `SELECT t.id ${from} ORDER BY ${orderBy} LIMIT ${criteria.pageSize} OFFSET ${offset}`,
    parameters,
  );
  const { total } = await sql.one<{ total: number }>(`SELECT count(*) AS total ${from}`, parameters);
  return { ids: rows.map(({ id }) => id), total };
}

/** A page in Spring's shape. */
export function pageView(content: object[], total: number, { pageNum, pageSize }: SearchCriteria): object {
  const sort = { sorted: true, empty: false, unsorted: false };
  const totalPages = Math.ceil(total / pageSize);
  return {
    content,
    pageable: {
      pageNumber: pageNum,
      pageSize,
      sort,
      offset: pageNum * pageSize,
      paged: true,
      unpaged: false,
    },
    totalElements: total,
    totalPages,
    last: pageNum + 1 >= totalPages,
    size: pageSize,
    number: pageNum,
    sort,
    numberOfElements: content.length,
    first: pageNum === 0,
    empty: content.length === 0,
  };
}
