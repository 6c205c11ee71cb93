import type { Page } from "./schemas/page.ts";
import type { AtlasRequest } from "./sender.ts";

/** One condition of a search; all of a list must hold, `alternatives` are ored with their parent (atlas-api 7). */
export interface FilterField {
  readonly field: string;
  readonly operation: "eq" | "cn" | "in" | "inm" | "ge" | "le" | "gt" | "lt";
  readonly value?: string | number | boolean;
  readonly values?: readonly (string | number)[];
  readonly enumName?: "STATUS" | "PRIORITY" | "JS_DATE";
  /** Needed with `inm`. */
  readonly joinType?: "LEFT";
  readonly alternatives?: readonly FilterField[];
}

export interface Paging {
  readonly page?: number;
  readonly pageSize?: number;
  readonly sort?: { readonly by: string; readonly direction?: "ASC" | "DESC" };
}

const PAGE_SIZE = 50;
const ITERATION_PAGE_SIZE = 100;

/** Text in any of several fields; each term in the form in which its field is stored. */
export function textFilter(terms: Readonly<Record<string, string>>): FilterField {
  const [first, ...alternatives] = Object.entries(terms).map(
    ([field, value]): FilterField => ({ field, operation: "cn", value }),
  );
  if (first === undefined) throw new TypeError("textFilter needs at least one field");
  return { ...first, alternatives };
}

export const notArchived: FilterField = { field: "archived", operation: "eq", value: false };

export function refersTo(field: string, { id }: { id: number }): FilterField {
  return { field, operation: "eq", value: id };
}

export function searchRequest(
  path: string,
  filterFields: readonly FilterField[],
  paging: Paging,
): AtlasRequest {
  return {
    method: "POST",
    path,
    body: {
      filterFields,
      pageNum: paging.page ?? 0,
      pageSize: paging.pageSize ?? PAGE_SIZE,
      sortField: paging.sort?.by ?? "id",
      direction: paging.sort?.direction ?? "ASC",
    },
    repeatable: true,
  };
}

/**
 * All records in the order of their ids, page after page. Each page starts behind the last id seen, not at a number,
 * so that records which are deleted or completed during the iteration do not shift others out of sight.
 */
export async function* everyRecord<T extends { id: number }>(
  pageSize: number | undefined,
  fetchPage: (beyond: FilterField[], paging: Paging) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let beyond: FilterField[] = [];
  for (;;) {
    const page = await fetchPage(beyond, { pageSize: pageSize ?? ITERATION_PAGE_SIZE });
    yield* page.content;
    const last = page.content.at(-1);
    if (page.last || last === undefined) return;
    beyond = [{ field: "id", operation: "gt", value: last.id }];
  }
}
