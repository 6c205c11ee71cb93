import { describe, expect, it } from "vitest";
import { JsonObject } from "../../../sandbox/atlas/http/json-object.ts";
import { readCriteria } from "../../../sandbox/atlas/search/criteria.ts";
import { ASSET, USER, WORK_ORDER } from "../../../sandbox/atlas/search/entities.ts";
import { pageView } from "../../../sandbox/atlas/search/search.ts";
import { searchSql } from "../../../sandbox/atlas/search/sql-builder.ts";

function sqlOf(filter: Record<string, unknown>, entity = WORK_ORDER) {
  const { where, parameters } = searchSql(entity, readCriteria(new JsonObject({ filterFields: [filter] })));
  return { where, parameters };
}

function fault(body: Record<string, unknown>, entity = WORK_ORDER): [number, string] | undefined {
  try {
    searchSql(entity, readCriteria(new JsonObject(body)));
    return undefined;
  } catch (error) {
    if (error instanceof Error && "status" in error) return [Number(error.status), error.message];
    throw error;
  }
}

describe("search to SQL", () => {
  it.each([
    [{ field: "id", operation: "eq", value: 2 }, "(t.id = $1)", [2]],
    [{ field: "primaryUser", operation: "ne", value: 2 }, "(t.primary_user_id <> $1)", [2]],
    [{ field: "archived", operation: "eq", value: false }, "(t.archived = $1)", [false]],
    [{ field: "estimatedDuration", operation: "ge", value: 1.5 }, "(t.estimated_duration >= $1)", [1.5]],
    [{ field: "asset", operation: "in", values: [1, 2] }, "(t.asset_id IN ($1, $2))", [1, 2]],
    [{ field: "asset", operation: "in", values: [] }, "(false)", []],
    [{ field: "dueDate", operation: "nu" }, "(t.due_date IS NULL)", []],
    [{ field: "asset", operation: "nn" }, "(t.asset_id IS NOT NULL)", []],
    [
      { field: "status", operation: "in", values: ["OPEN", "COMPLETE", "BOGUS"], enumName: "STATUS" },
      "(t.status = ANY($1::smallint[]))",
      [[0, 3, 0]],
    ],
    [
      { field: "dueDate", operation: "le", value: "2026-12-01T00:00:00.000Z", enumName: "JS_DATE" },
      "(t.due_date <= $1)",
      [new Date("2026-12-01T00:00:00.000Z")],
    ],
    [{ field: "dueDate", operation: "le", value: "2026-12-01", enumName: "JS_DATE" }, "(false)", []],
  ])("%j", (filter, where, parameters) => {
    expect(sqlOf(filter)).toEqual({ where, parameters });
  });

  it.each([
    ["cn", "%pump%", false],
    ["nc", "%pump%", true],
    ["bw", "pump%", false],
    ["bn", "pump%", true],
    ["ew", "%pump", false],
    ["en", "%pump", true],
  ])("%s ignores case and accents", (operation, pattern, negated) => {
    const like = "unaccent(lower(t.title)) LIKE unaccent($1) ESCAPE ''";
    expect(sqlOf({ field: "title", operation, value: "Pump" })).toEqual({
      where: negated ? `(NOT (${like}))` : `(${like})`,
      parameters: [pattern],
    });
  });

  it("follows to-one relations", () => {
    expect(sqlOf({ field: "asset.name", operation: "eq", value: "x" }).where).toBe(
      "((SELECT t_asset.name FROM asset t_asset WHERE t_asset.id = t.asset_id) = $1)",
    );
  });

  it("looks for any of a to-many relation", () => {
    expect(sqlOf({ field: "assignedTo", operation: "inm", values: [7], joinType: "LEFT" })).toEqual({
      where:
        "(EXISTS (SELECT 1 FROM t_work_order_user_associations t_link JOIN own_user t_item ON " +
        "t_item.id = t_link.id_user WHERE t_link.id_work_order = t.id AND t_link.id_user IN ($1)))",
      parameters: [7],
    });
  });

  it("joins alternatives by OR and filters by AND", () => {
    const { where } = searchSql(
      WORK_ORDER,
      readCriteria(
        new JsonObject({
          filterFields: [
            {
              field: "id",
              operation: "eq",
              value: 1,
              alternatives: [{ field: "id", operation: "eq", value: 2 }],
            },
            { field: "archived", operation: "eq", value: false },
          ],
        }),
      ),
    );
    expect(where).toBe("(t.id = $1 OR (t.id = $2)) AND (t.archived = $3)");
  });

  it("sorts by the id unless told otherwise", () => {
    const order = (body: Record<string, unknown>) =>
      searchSql(WORK_ORDER, readCriteria(new JsonObject(body))).orderBy;
    expect(order({})).toBe("t.id ASC");
    expect(order({ sortField: "asset.name", direction: "DESC" })).toBe(
      "(SELECT t_asset.name FROM asset t_asset WHERE t_asset.id = t.asset_id) DESC",
    );
  });
});

describe("searches that are refused", () => {
  const filters = (...filterFields: object[]) => ({ filterFields });

  it.each([
    [{ field: "password", operation: "eq", value: "x" }, USER],
    [{ field: "primaryUser.password", operation: "cn", value: "x" }, WORK_ORDER],
    [{ field: "userSettings", operation: "nn" }, USER],
    [{ field: "nope", operation: "eq", value: 1 }, WORK_ORDER],
    [{ field: "title.nope", operation: "eq", value: 1 }, WORK_ORDER],
    [{ field: "title", operation: "like", value: "x" }, WORK_ORDER],
    [{ field: "constructor", operation: "nn" }, WORK_ORDER],
  ])("%j is an invalid search field", (filter, entity) => {
    expect(fault(filters(filter), entity)).toEqual([400, "Invalid search field"]);
  });

  it.each([
    [filters({ operation: "eq", value: 1 })],
    [filters({ field: "status", operation: "eq", value: "OPEN" })],
    [filters({ field: "status", operation: "in", values: ["OPEN"] })],
    [filters({ field: "dueDate", operation: "ge", value: "2026-12-01T00:00:00.000Z" })],
    [filters({ field: "dueDate", operation: "gt", value: "2026-12-01T00:00:00.000Z", enumName: "JS_DATE" })],
    [filters({ field: "title", operation: "cn" })],
    [filters({ field: "title", operation: "cn", value: "x", enumName: "BOGUS" })],
    [filters({ field: "id", operation: "cn", value: "1" })],
    [{ filterFields: null }],
    [{ pageSize: 0 }],
    [{ pageNum: -1 }],
    [{ direction: "desc" }],
    [{ direction: null }],
    [{ sortField: "nope" }],
  ])("%j is a 500", (body) => {
    expect(fault(body)?.[0]).toBe(500);
  });

  it("cannot filter assets by status", () => {
    const filter = { field: "status", operation: "in", values: ["DOWN"], enumName: "STATUS" };
    expect(fault(filters(filter), ASSET)?.[0]).toBe(500);
  });
});

describe("a page", () => {
  it("has Spring's shape", () => {
    const criteria = readCriteria(new JsonObject({ pageNum: 1, pageSize: 3 }));
    expect(pageView([{ id: 1 }], 9, criteria)).toMatchObject({
      content: [{ id: 1 }],
      pageable: { pageNumber: 1, pageSize: 3, offset: 3, paged: true, unpaged: false },
      totalElements: 9,
      totalPages: 3,
      last: false,
      size: 3,
      number: 1,
      numberOfElements: 1,
      first: false,
      empty: false,
    });
  });

  it("is the last one past the end, and when there is nothing", () => {
    const at = (pageNum: number, total: number) =>
      pageView([], total, readCriteria(new JsonObject({ pageNum, pageSize: 3 })));
    expect(at(7, 9)).toMatchObject({ last: true, empty: true });
    expect(at(0, 0)).toMatchObject({ last: true, first: true, totalPages: 0 });
  });
});
