import { describe, expect, test } from "vitest";
import { AtlasApiError } from "../../../client/index.ts";
import { clientOf, ME, page, refusal, rejection, SIGN_IN, signedIn, USER, workOrder } from "./fixtures.ts";
import { type Reply, ScriptedServer } from "./scripted-server.ts";

const CREATE = "POST /work-orders";
const SEARCH = "POST /work-orders/search";

describe("a create is never repeated blindly", () => {
  const lost: Reply = { fault: "reset" };

  test("a lost answer is resolved by finding what was made", async () => {
    await using server = await ScriptedServer.start();
    const made = workOrder({ id: 52, title: "A &amp; B", priority: "HIGH" });
    server
      .on(SIGN_IN, signedIn)
      .on(ME, { json: USER })
      .on(CREATE, lost)
      .on(SEARCH, { json: page([made]) });
    await using client = clientOf(server);
    const order = await client.workOrders.create({ title: "A & B", priority: "HIGH" });
    expect(order).toMatchObject({ id: 52, title: "A & B" });
    expect(server.count(CREATE)).toBe(1);
  });

  test.each([
    ["another title", workOrder({ title: "Fix pumps" })],
    ["another content", workOrder({ description: "leaks" })],
    ["another creator", workOrder({ createdBy: 3 })],
    ["an earlier date", workOrder({ createdAt: new Date(Date.now() - 60_000).toISOString() })],
  ])("%s is not taken for it: the error says that the outcome is unknown", async (_what, other) => {
    await using server = await ScriptedServer.start();
    server
      .on(SIGN_IN, signedIn)
      .on(ME, { json: USER })
      .on(CREATE, lost)
      .on(SEARCH, { json: page([other]) });
    await using client = clientOf(server);
    const error = await rejection(client.workOrders.create({ title: "Fix pump" }), AtlasApiError);
    expect(error.details.outcome).toBe("unknown");
    expect(error.message).toContain("may have been made");
    expect([server.count(CREATE), server.count(SEARCH)]).toEqual([1, 3]);
  });

  test("an order that an earlier call got is not taken for the lost one", async () => {
    await using server = await ScriptedServer.start();
    const first = workOrder({ id: 7 });
    server.on(SIGN_IN, signedIn).on(ME, { json: USER }).on(CREATE, { json: first }, lost);
    server.on(SEARCH, { json: page([first]) });
    await using client = clientOf(server);
    await client.workOrders.create({ title: "Fix pump" });
    await rejection(client.workOrders.create({ title: "Fix pump" }), AtlasApiError);
  });

  test("two lost answers of the same content find one order each", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER }).on(CREATE, lost);
    server.on(SEARCH, { json: page([workOrder({ id: 9 }), workOrder({ id: 8 })]) });
    await using client = clientOf(server);
    const create = () => client.workOrders.create({ title: "Fix pump" });
    const orders = await Promise.all([create(), create()]);
    expect(orders.map(({ id }) => id).sort()).toEqual([8, 9]);
  });

  test("when looking fails too, the error still says that the outcome is unknown, and has both causes", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, refusal(500, "boom")).on(CREATE, lost);
    await using client = clientOf(server);
    const error = await rejection(client.workOrders.create({ title: "Fix pump" }), AtlasApiError);
    expect(error.details).toMatchObject({ outcome: "unknown", operation: "workOrders.create" });
    expect(error.cause).toBeInstanceOf(AggregateError);
  });

  test("an order whose answer is still under way to another call is left to that call", async () => {
    await using server = await ScriptedServer.start();
    const [otherSent, otherAnswered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const others = workOrder({ id: 9 });
    server.on(SIGN_IN, signedIn).on(ME, { json: USER });
    server.on(CREATE, { fault: "reset" }, async () => {
      otherSent.resolve();
      await otherAnswered.promise;
      return { json: others };
    });
    server.on(SEARCH, () => otherSent.promise.then(() => ({ json: page([others]) })), {
      json: page([others, workOrder({ id: 8 })]),
    });
    await using client = clientOf(server);
    const loser = client.workOrders.create({ title: "Fix pump" });
    await expect.poll(() => server.count(SEARCH)).toBe(1);
    const other = client.workOrders.create({ title: "Fix pump" });
    await otherSent.promise;
    await client.me();
    otherAnswered.resolve();
    expect((await other).id).toBe(9);
    expect((await loser).id).toBe(8);
  });

  test.each([502, 503, 504])("%i of a proxy is looked after in the same way", async (status) => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER }).on(CREATE, { status });
    server.on(SEARCH, { json: page([workOrder({ id: 52 })]) });
    await using client = clientOf(server);
    await expect(client.workOrders.create({ title: "Fix pump" })).resolves.toMatchObject({ id: 52 });
    expect(server.count(CREATE)).toBe(1);
  });

  test("nor are other changes", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("DELETE /work-orders/7", lost);
    await using client = clientOf(server);
    const error = await rejection(client.workOrders.delete(7), AtlasApiError);
    expect(error.details).toMatchObject({ outcome: "unknown", operation: "workOrders.delete" });
    expect(server.count("DELETE /work-orders/7")).toBe(1);
  });
});
