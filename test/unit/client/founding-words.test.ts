import { describe, expect, test } from "vitest";
import {
  type AtlasClient,
  AtlasValidationError,
  FOUNDING_WORDS,
  WORDS_WITHOUT_MEANING,
  type WorkOrderCreate,
} from "../../../client/index.ts";
import { asset, clientOf, page, rejection, SIGN_IN, signedIn, workOrder } from "./fixtures.ts";
import { type Received, ScriptedServer } from "./scripted-server.ts";

const CREATE = "POST /work-orders";
const SEARCH = "POST /work-orders/search";

/** What a call sends to a route that answers with `json`. */
async function sentBy(
  route: string,
  json: unknown,
  call: (client: AtlasClient) => Promise<unknown>,
): Promise<unknown> {
  await using server = await ScriptedServer.start();
  server.on(SIGN_IN, signedIn).on("GET /work-orders/1", { json: workOrder() }).on(route, { json });
  await using client = clientOf(server);
  await call(client);
  return server.requests(route)[0]?.body;
}

const created = (input: Omit<WorkOrderCreate, "title">) =>
  sentBy(CREATE, workOrder(), (client) => client.workOrders.create({ title: "x", ...input }));

describe("the founding documents' words are sent in the API's", () => {
  test.each(Object.entries(FOUNDING_WORDS.priority))("priority %s is %s", async (word, meaning) => {
    const priority = word as keyof typeof FOUNDING_WORDS.priority;
    expect(await created({ priority })).toEqual({ title: "x", priority: meaning });
    expect(await created({ priority: priority.toLowerCase() as Lowercase<typeof priority> })).toEqual({
      title: "x",
      priority: meaning,
    });
  });

  test.each(Object.entries(FOUNDING_WORDS.status))("status %s is %s", async (word, meaning) => {
    const status = word as keyof typeof FOUNDING_WORDS.status;
    const change = sentBy("PATCH /work-orders/1/change-status", workOrder(), (client) =>
      client.workOrders.changeStatus(1, { status }),
    );
    expect(await change).toEqual({ status: meaning });
    const list = sentBy(SEARCH, page([]), (client) =>
      client.workOrders.list({ status: ["on_hold", status] }),
    );
    expect(await list).toMatchObject({
      filterFields: [{ field: "status", values: ["ON_HOLD", meaning] }, { field: "archived" }],
    });
  });

  test.each(Object.entries(FOUNDING_WORDS.field))("%s is %s", async (word, field) => {
    const id = { [word]: 7 };
    expect(await created(id)).toEqual({ title: "x", [field]: { id: 7 } });
    expect(await created({ [word]: { id: 7 } })).toEqual({ title: "x", [field]: { id: 7 } });
    expect(await created({ [word]: undefined })).toEqual({ title: "x" });
    const update = sentBy("PATCH /work-orders/1", workOrder(), (client) =>
      client.workOrders.update(1, { [word]: null }),
    );
    expect(await update).toMatchObject({ title: "Fix pump", [field]: null });
    const list = sentBy(SEARCH, page([]), (client) => client.workOrders.list(id));
    expect(await list).toMatchObject({ filterFields: [{ field, value: 7 }, { field: "archived" }] });
  });

  test.each<[string, WorkOrderCreate["assignedTo"]]>([
    ["an id", 2],
    ["an object with an id", { id: 2 }],
    ["a list of ids", [2]],
    ["a list of both", [{ id: 2 }]],
  ])("assignedTo takes %s", async (_what, assignedTo) => {
    expect(await created({ ...(assignedTo !== undefined && { assignedTo }) })).toEqual({
      title: "x",
      assignedTo: [{ id: 2 }],
    });
  });

  test.each([new Date("2026-12-01T10:00:00Z"), "2026-12-01T12:00:00+02:00"])(
    "dueDate takes %s",
    async (dueDate) => {
      expect(await created({ dueDate })).toEqual({ title: "x", dueDate: "2026-12-01T10:00:00.000Z" });
    },
  );

  test("for assets too, as far as they have them", async () => {
    const body = await sentBy("POST /assets", asset(), (client) =>
      client.assets.create({ name: "P", status: "down", locationId: 3, assignedTo: 2 }),
    );
    expect(body).toEqual({ name: "P", status: "DOWN", location: { id: 3 }, assignedTo: [{ id: 2 }] });
  });
});

describe("what cannot be understood is refused before anything is sent", () => {
  const cases: [string, (client: AtlasClient) => Promise<unknown>, string, RegExp][] = [
    [
      "both names of a field",
      (c) => c.workOrders.create({ title: "x", asset: 1, assetId: 2 }),
      "assetId",
      /same as asset/,
    ],
    [
      "a bad id under the old name",
      (c) => c.workOrders.create({ title: "x", assetId: -1 }),
      "asset",
      /must be/,
    ],
    [
      "an unknown priority",
      (c) => c.workOrders.create({ title: "x", priority: "EXTREME" as "HIGH" }),
      "priority",
      /one of NONE, LOW, MEDIUM, HIGH, CRITICAL, URGENT/,
    ],
    [
      "a priority that is no text",
      (c) => c.workOrders.create({ title: "x", priority: 1 as never }),
      "priority",
      /one of/,
    ],
    [
      "a cancellation",
      (c) => c.workOrders.changeStatus(1, { status: "CANCELLED" as "OPEN" }),
      "status",
      /cannot cancel a work order/,
    ],
    ["a field that assets have not", (c) => c.assets.create({ name: "x", teamId: 1 } as never), "", /teamId/],
    [
      "an id that is none, in a list",
      (c) => c.workOrders.create({ title: "x", assignedTo: [1, 0] }),
      "assignedTo.1",
      /must be/,
    ],
    ["no object at all", (c) => c.workOrders.create("x" as never), "", /./],
  ];
  test.each(cases)("%s", async (_what, call, field, problem) => {
    await using server = await ScriptedServer.start();
    await using client = clientOf(server);
    const error = await rejection(call(client), AtlasValidationError);
    expect(error.fieldErrors).toEqual([{ name: field, problem: expect.stringMatching(problem) }]);
    expect(server.received).toEqual([]);
  });

  test("every word without a meaning is one that the API has not", () => {
    const known = [...Object.values(FOUNDING_WORDS.status), ...Object.keys(FOUNDING_WORDS.status)];
    for (const word of Object.keys(WORDS_WITHOUT_MEANING)) expect(known).not.toContain(word);
  });
});

test("what comes back is in the API's words", async () => {
  await using server = await ScriptedServer.start();
  const echo = ({ body }: Received) => ({ json: workOrder(body as object as Record<string, unknown>) });
  server.on(SIGN_IN, signedIn).on(CREATE, echo);
  await using client = clientOf(server);
  const order = await client.workOrders.create({ title: "x", priority: "critical" });
  expect(order.priority).toBe("HIGH");
});
