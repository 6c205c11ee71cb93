import { describe, expect, it } from "vitest";
import { Ids } from "../../../sandbox/atlas/database/ids.ts";
import { sqlOver } from "../../../sandbox/atlas/database/sql.ts";

/** A sequence that steps by 50, as the schema's do. */
function sequenceSql() {
  let value = -49;
  return sqlOver({
    query: async () => {
      value += 50;
      return { rows: [{ value }], rowCount: 1 };
    },
  });
}

async function take(ids: Ids, sql: ReturnType<typeof sequenceSql>, count: number): Promise<number[]> {
  return await Promise.all(Array.from({ length: count }, () => ids.next(sql, "work_order")));
}

describe("ids", () => {
  it("are consecutive within a process, over the end of a block too", async () => {
    expect(await take(new Ids(), sequenceSql(), 120)).toEqual(
      Array.from({ length: 120 }, (_, index) => index + 1),
    );
  });

  it("jump after each restart", async () => {
    const sql = sequenceSql();
    expect(await take(new Ids(), sql, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await take(new Ids(), sql, 2)).toEqual([52, 53]);
    expect(await take(new Ids(), sql, 1)).toEqual([102]);
  });

  it("count per table", async () => {
    const ids = new Ids();
    const [orders, assets] = [sequenceSql(), sequenceSql()];
    expect([await ids.next(orders, "work_order"), await ids.next(assets, "asset")]).toEqual([1, 1]);
  });
});
