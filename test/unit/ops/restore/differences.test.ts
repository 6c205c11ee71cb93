import fc from "fast-check";
import { expect, test } from "vitest";
import {
  lostRows,
  objectChanges,
  rowChanges,
  rowChangesText,
  type StoredObject,
} from "../../../../ops/restore/differences.ts";

const object = (key: string, sha256: string): StoredObject => ({ key, sha256, bytes: 1 });

test("missing and other objects are put, strange ones removed, the same left alone", () => {
  const now = [object("same", "1"), object("other", "1"), object("strange", "1")];
  const wanted = [object("same", "1"), object("other", "2"), object("missing", "1")];
  expect(objectChanges(now, wanted)).toEqual({ put: new Set(["other", "missing"]), remove: ["strange"] });
});

const store = fc
  .dictionary(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("1", "2"))
  .map((entries) => Object.entries(entries).map(([key, sha256]) => object(key, sha256)));

test("whatever there is and whatever is wanted, the changes make one the other", () => {
  fc.assert(
    fc.property(store, store, (now, wanted) => {
      const { put, remove } = objectChanges(now, wanted);
      const after = new Map(now.map((stored) => [stored.key, stored]));
      for (const key of remove) after.delete(key);
      for (const stored of wanted) if (put.has(stored.key)) after.set(stored.key, stored);
      expect([...after.values()].sort(byKey)).toEqual(wanted.toSorted(byKey));
    }),
  );
});

const byKey = (a: StoredObject, b: StoredObject) => a.key.localeCompare(b.key);

test("rows are compared by table, the largest difference first", () => {
  const changes = rowChanges({ a: 1, b: 5, gone: 0 }, { a: 1, b: 1, c: 2, gone: 0 });
  expect(changes).toEqual([
    { table: "b", now: 5, inSet: 1 },
    { table: "c", now: 0, inSet: 2 },
  ]);
  expect(rowChangesText(changes)).toBe("b 5 not 1, c 0 not 2");
});

test("what a starting Atlas adds or tidies up is no loss", () => {
  const then = { work_order: 3, role: 2, refresh_token: 4, qrtz_fired_triggers: 1 };
  const now = { work_order: 2, role: 3, refresh_token: 0, qrtz_fired_triggers: 0 };
  expect(lostRows(rowChanges(now, then))).toEqual([{ table: "work_order", now: 2, inSet: 3 }]);
});
