import { expect, test } from "vitest";
import { turns } from "../../../sandbox/digitalocean/machine/turns.ts";

test("work on one thing waits, work on another does not, a failure stops nobody", async () => {
  const inTurn = turns();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inTurn("a", async () => {
    await gate.promise;
    order.push("first");
    throw new Error("broken");
  });
  const second = inTurn("a", async () => order.push("second"));
  await inTurn("b", async () => order.push("other"));
  gate.resolve();
  await expect(first).rejects.toThrow("broken");
  expect(await second).toBe(3);
  expect(order).toEqual(["other", "first", "second"]);
});
