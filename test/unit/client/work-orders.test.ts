import { describe, expect, test } from "vitest";
import { AtlasClient, AtlasNotFoundError } from "../../../client/index.ts";
import {
  clientOf,
  EMAIL,
  ME,
  PASSWORD,
  page,
  refusal,
  rejection,
  SIGN_IN,
  signedIn,
  USER,
  workOrder,
} from "./fixtures.ts";
import { type Received, ScriptedServer } from "./scripted-server.ts";

const CREATE = "POST /work-orders";
const SEARCH = "POST /work-orders/search";
const DONE = { json: { success: true, message: "Deleted successfully" } };
const echo = (stored: Record<string, unknown>) => (request: Received) => ({
  json: { ...stored, ...(request.body as object) },
});

describe("work orders", () => {
  test("create sends references as objects, dates as ISO and text escaped", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(CREATE, { json: workOrder({ title: "A &amp; B &lt;x&gt;" }) });
    await using client = clientOf(server);
    const order = await client.workOrders.create({
      title: "A & B <x>",
      asset: 1,
      primaryUser: { id: 2 },
      assignedTo: [2, { id: 3 }],
      dueDate: new Date("2026-12-01T10:00:00Z"),
    });
    expect(server.requests(CREATE)[0]?.body).toEqual({
      title: "A &amp; B &lt;x&gt;",
      asset: { id: 1 },
      primaryUser: { id: 2 },
      assignedTo: [{ id: 2 }, { id: 3 }],
      dueDate: "2026-12-01T10:00:00.000Z",
    });
    expect(order.title).toBe("A & B <x>");
  });

  test("both shapes of dates come out as one", async () => {
    await using server = await ScriptedServer.start();
    const stored = workOrder({
      dueDate: "2026-12-01T10:00:00.000+00:00",
      createdAt: "2026-11-21T08:17:34.522Z",
    });
    server.on(SIGN_IN, signedIn).on("GET /work-orders/1", { json: stored });
    await using client = clientOf(server);
    const order = await client.workOrders.get(1);
    expect([order.dueDate, order.createdAt]).toEqual([
      "2026-12-01T10:00:00.000Z",
      "2026-11-21T08:17:34.522Z",
    ]);
  });

  test("update reads, merges and writes back whole, unknown fields and stored text untouched", async () => {
    await using server = await ScriptedServer.start();
    const stored = workOrder({
      description: "a &amp; b",
      completedOn: "2026-12-01T10:00:00.000+00:00",
      asset: { id: 4, name: "P" },
      somethingNew: [1],
    });
    server
      .on(SIGN_IN, signedIn)
      .on("GET /work-orders/1", { json: stored })
      .on("PATCH /work-orders/1", echo(stored));
    await using client = clientOf(server);
    const order = await client.workOrders.update(1, { title: "New <title>", dueDate: null, primaryUser: 2 });
    expect(server.requests("PATCH /work-orders/1")[0]?.body).toEqual({
      ...stored,
      title: "New &lt;title&gt;",
      dueDate: null,
      primaryUser: { id: 2 },
    });
    expect(order).toMatchObject({ title: "New <title>", description: "a & b" });
  });

  test("list asks in the API's words, without archived ones", async () => {
    await using server = await ScriptedServer.start();
    server
      .on(SIGN_IN, signedIn)
      .on(SEARCH, { json: page([workOrder()], { totalElements: 9, totalPages: 3 }) });
    await using client = clientOf(server);
    const result = await client.workOrders.list({
      status: ["OPEN", "ON_HOLD"],
      priority: "HIGH",
      asset: 3,
      assignedTo: 2,
      dueFrom: "2026-12-01",
      page: 1,
      pageSize: 20,
      sort: { by: "dueDate", direction: "DESC" },
    });
    expect(server.requests(SEARCH)[0]?.body).toEqual({
      filterFields: [
        { field: "status", operation: "in", values: ["OPEN", "ON_HOLD"], enumName: "STATUS" },
        { field: "priority", operation: "in", values: ["HIGH"], enumName: "PRIORITY" },
        { field: "asset", operation: "eq", value: 3 },
        { field: "assignedToUser", operation: "in", values: [2] },
        { field: "dueDate", operation: "ge", value: "2026-12-01T00:00:00.000Z", enumName: "JS_DATE" },
        { field: "archived", operation: "eq", value: false },
      ],
      pageNum: 1,
      pageSize: 20,
      sortField: "dueDate",
      direction: "DESC",
    });
    expect(result).toMatchObject({ totalElements: 9, totalPages: 3, content: [{ id: 1 }] });
  });

  test("search looks for the stored form of the text in several fields", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(SEARCH, { json: page([]) });
    await using client = clientOf(server);
    await client.workOrders.search("A & B", { includeArchived: true });
    expect(server.requests(SEARCH)[0]?.body).toMatchObject({
      filterFields: [
        {
          field: "title",
          operation: "cn",
          value: "A &amp; B",
          alternatives: [
            { field: "description", operation: "cn", value: "A &amp; B" },
            { field: "customId", operation: "cn", value: "A & B" },
          ],
        },
      ],
    });
  });

  test("iterate goes through all pages behind the last id seen, and only as far as it is asked", async () => {
    await using server = await ScriptedServer.start();
    const first = page([workOrder({ id: 1 }), workOrder({ id: 6 })], { last: false });
    server.on(SIGN_IN, signedIn).on(SEARCH, { json: first }, { json: page([workOrder({ id: 52 })]) });
    await using client = clientOf(server);
    const seen: number[] = [];
    for await (const order of client.workOrders.iterate({ status: "OPEN" })) {
      seen.push(order.id);
      if (order.id === 6) expect(server.count(SEARCH)).toBe(1);
    }
    expect(seen).toEqual([1, 6, 52]);
    expect(server.requests(SEARCH)[1]?.body).toMatchObject({
      pageNum: 0,
      filterFields: expect.arrayContaining([{ field: "id", operation: "gt", value: 6 }]),
    });
  });

  test("changeStatus keeps the feedback that is not mentioned, null clears it", async () => {
    await using server = await ScriptedServer.start();
    const stored = workOrder({ status: "COMPLETE", feedback: "a &amp; b" });
    const change = "PATCH /work-orders/1/change-status";
    server.on(SIGN_IN, signedIn).on("GET /work-orders/1", { json: stored }).on(change, echo(stored));
    await using client = clientOf(server);
    await client.workOrders.changeStatus(1, { status: "OPEN" });
    await client.workOrders.changeStatus(1, { status: "OPEN", feedback: null });
    await client.workOrders.changeStatus(1, { status: "OPEN", feedback: "1 < 2" });
    expect(server.requests(change).map(({ body }) => body)).toEqual([
      { status: "OPEN", feedback: "a &amp; b" },
      { status: "OPEN" },
      { status: "OPEN", feedback: "1 &lt; 2" },
    ]);
  });

  test("complete says 404 where the API would say 500", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("GET /work-orders/9", refusal(404, "Work Order not found"));
    await using client = clientOf(server);
    await rejection(client.workOrders.complete(9), AtlasNotFoundError);
    expect(server.count("PATCH /work-orders/9/change-status")).toBe(0);
  });

  test("complete leaves a complete order as it is, unless the feedback differs", async () => {
    await using server = await ScriptedServer.start();
    const stored = workOrder({ status: "COMPLETE", feedback: "done &amp; dusted" });
    const change = "PATCH /work-orders/1/change-status";
    server.on(SIGN_IN, signedIn).on("GET /work-orders/1", { json: stored }).on(change, echo(stored));
    await using client = clientOf(server);
    await expect(client.workOrders.complete(1)).resolves.toMatchObject({ feedback: "done & dusted" });
    await client.workOrders.complete(1, { feedback: "done & dusted" });
    expect(server.count(change)).toBe(0);
    await client.workOrders.complete(1, { feedback: "again" });
    expect(server.count(change)).toBe(1);
  });

  test("delete", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("DELETE /work-orders/1", DONE, refusal(404, "WorkOrder not found"));
    await using client = clientOf(server);
    await expect(client.workOrders.delete(1)).resolves.toBeUndefined();
    await rejection(client.workOrders.delete(1), AtlasNotFoundError);
  });
});

test("observe sees each operation once, sign-in included, and its correlation id is the request's", async () => {
  await using server = await ScriptedServer.start();
  server.on(SIGN_IN, signedIn).on(ME, { json: USER });
  const seen: { name: string; correlationId: string }[] = [];
  await using client = new AtlasClient({
    baseUrl: `${server.url}/`,
    email: EMAIL,
    password: PASSWORD,
    observe: (operation, run) => {
      seen.push(operation);
      return run();
    },
  });
  await client.me();
  expect(seen.map(({ name }) => name)).toEqual(["users.me", "session.signIn"]);
  expect(server.requests(ME)[0]?.headers["x-request-id"]).toBe(seen[0]?.correlationId);
});
