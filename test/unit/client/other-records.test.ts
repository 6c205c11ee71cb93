import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  AtlasApiError,
  type AtlasClient,
  AtlasLicenseError,
  AtlasNotFoundError,
  AtlasValidationError,
} from "../../../client/index.ts";
import {
  clientOf,
  justMade,
  ME,
  PASSWORD,
  page,
  refusal,
  rejection,
  SIGN_IN,
  signedIn,
  USER,
  VirtualClock,
  workOrder,
} from "./fixtures.ts";
import { type Reply, ScriptedServer } from "./scripted-server.ts";

const audit = (changes: object) => ({
  createdBy: 2,
  updatedBy: 2,
  createdAt: justMade(),
  updatedAt: justMade(),
  ...changes,
});
const location = (changes: object = {}) =>
  audit({
    id: 1,
    name: "Plant 1",
    address: null,
    customId: "L000001",
    parentLocation: null,
    workers: [],
    teams: [],
    newField: 1,
    ...changes,
  });
const team = (changes: object = {}) => ({ id: 1, name: "Night", description: null, users: [], ...changes });
const category = (changes: object = {}) => audit({ id: 1, name: "Lifts", description: null, ...changes });

interface Kind {
  readonly path: string;
  readonly looksAt: string;
  create(client: AtlasClient): Promise<{ id: number }>;
  /** What the look for a lost one is answered with. */
  found(changes: object): unknown;
}

const KINDS: Record<string, Kind> = {
  locations: {
    path: "/locations",
    looksAt: "POST /locations/search",
    create: (client) => client.locations.create({ name: "A & B" }),
    found: (changes) => page([location({ name: "A &amp; B", ...changes })]),
  },
  teams: {
    path: "/teams",
    looksAt: "POST /teams/search",
    create: (client) => client.teams.create({ name: "A & B" }),
    found: (changes) => page([team({ name: "A &amp; B", ...changes })]),
  },
  categories: {
    path: "/work-order-categories",
    looksAt: "GET /work-order-categories",
    create: (client) => client.categories.create({ name: "A & B" }),
    found: (changes) => [category({ id: 3 }), category({ name: "A &amp; B", ...changes })],
  },
};

describe.each(Object.entries(KINDS))(
  "a lost answer to a create of %s",
  (_name, { path, looksAt, create, found }) => {
    const lost: Reply = { fault: "reset" };

    test("is resolved by finding what was made", async () => {
      await using server = await ScriptedServer.start();
      server.on(SIGN_IN, signedIn).on(ME, { json: USER }).on(`POST ${path}`, lost);
      server.on(looksAt, { json: found({ id: 52 }) });
      await using client = clientOf(server);
      await expect(create(client)).resolves.toMatchObject({ id: 52, name: "A & B" });
      expect(server.count(`POST ${path}`)).toBe(1);
    });

    test("never takes another one for it", async () => {
      await using server = await ScriptedServer.start();
      server.on(SIGN_IN, signedIn).on(ME, { json: USER }).on(`POST ${path}`, lost);
      server.on(looksAt, { json: found({ name: "A &amp; C" }) });
      await using client = clientOf(server);
      const error = await rejection(create(client), AtlasApiError);
      expect([error.details.outcome, server.count(`POST ${path}`), server.count(looksAt)]).toEqual([
        "unknown",
        1,
        3,
      ]);
    });
  },
);

test("a lost record is asked for by its name, its maker and its time, since others may be many", async () => {
  await using server = await ScriptedServer.start();
  const clock = new VirtualClock();
  server.on(SIGN_IN, signedIn).on(ME, { json: USER }).on("POST /teams", { fault: "reset" });
  server.on("POST /teams/search", { json: page([team({ name: "A &amp; B" })]) });
  await using client = clientOf(server, {}, clock);
  await client.teams.create({ name: "A & B" });
  const [look] = server.requests("POST /teams/search");
  expect(look?.body).toMatchObject({
    filterFields: [
      { field: "name", operation: "eq", value: "A &amp; B" },
      { field: "createdBy", operation: "eq", value: USER.id },
      { field: "createdAt", operation: "ge", enumName: "JS_DATE" },
    ],
    sortField: "id",
    direction: "DESC",
  });
});

describe("locations", () => {
  test("create sends references as objects and text escaped; update changes what it names", async () => {
    await using server = await ScriptedServer.start();
    const stored = location({ address: "a &amp; b" });
    server.on(SIGN_IN, signedIn).on("POST /locations", { json: stored });
    server.on("GET /locations/1", { json: stored }).on("PATCH /locations/1", { json: stored });
    await using client = clientOf(server);
    const made = await client.locations.create({
      name: "A & B",
      parentLocation: 4,
      workers: 2,
      latitude: 1.5,
    });
    expect(made.address).toBe("a & b");
    expect(server.requests("POST /locations")[0]?.body).toEqual({
      name: "A &amp; B",
      parentLocation: { id: 4 },
      workers: [{ id: 2 }],
      latitude: 1.5,
    });
    await client.locations.update(1, { latitude: null });
    expect(server.requests("PATCH /locations/1")[0]?.body).toEqual({ ...stored, latitude: null });
  });

  test("the limit without a licence is an error of its own", async () => {
    await using server = await ScriptedServer.start();
    const message = "You need a license to add a new location. Free Limit reached: 10";
    server.on(SIGN_IN, signedIn).on("POST /locations", refusal(403, message));
    await using client = clientOf(server);
    const error = await rejection(client.locations.create({ name: "x" }), AtlasLicenseError);
    expect(error.limit).toEqual({ what: "locations", max: 10 });
  });

  test("a place outside the earth is refused before it is sent", async () => {
    await using server = await ScriptedServer.start();
    await using client = clientOf(server);
    const error = await rejection(client.locations.create({ name: "x", latitude: 91 }), AtlasValidationError);
    expect(error.fieldErrors.map(({ name }) => name)).toEqual(["latitude"]);
  });
});

describe("finding by name", () => {
  test("gives the one record of that name, or undefined", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn);
    server.on("POST /locations/search", { json: page([location({ id: 7 })]) }, { json: page([]) });
    await using client = clientOf(server);
    await expect(client.locations.findByName("A & B")).resolves.toMatchObject({ id: 7 });
    await expect(client.locations.findByName("A & B")).resolves.toBeUndefined();
    expect(server.requests("POST /locations/search")[0]?.body).toMatchObject({
      filterFields: [{ field: "name", operation: "eq", value: "A &amp; B" }],
    });
  });

  test("names the ids when there are several", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("POST /teams/search", { json: page([team({ id: 7 }), team({ id: 9 })]) });
    await using client = clientOf(server);
    const error = await rejection(client.teams.findByName("Night"), AtlasValidationError);
    expect(error.message).toContain("7, 9");
  });

  test("minds no capitals for categories, as Atlas does not", async () => {
    await using server = await ScriptedServer.start();
    server
      .on(SIGN_IN, signedIn)
      .on("GET /work-order-categories", { json: [category(), category({ id: 2, name: "A &amp; B" })] });
    await using client = clientOf(server);
    await expect(client.categories.findByName("a & b")).resolves.toMatchObject({ id: 2 });
    await expect(client.categories.findByName("none")).resolves.toBeUndefined();
  });
});

test("teams are filtered by text and by member", async () => {
  await using server = await ScriptedServer.start();
  server.on(SIGN_IN, signedIn).on("POST /teams/search", { json: page([]) });
  await using client = clientOf(server);
  await client.teams.search("n", { user: 2 });
  expect(server.requests("POST /teams/search")[0]?.body).toMatchObject({
    filterFields: [
      { field: "name", operation: "cn", value: "n", alternatives: [{ field: "description" }] },
      { field: "users", operation: "inm", values: [2], joinType: "LEFT" },
    ],
  });
});

describe("files", () => {
  const content = new Uint8Array([1]);

  test.each([
    ["no content", { name: "x", content: new Uint8Array() }, "content"],
    ["content that is text", { name: "x", content: "text" as never }, "content"],
    ["too much content", { name: "x", content: new Uint8Array(35 * 1024 * 1024 + 1) }, "content"],
    ["no name", { name: "", content }, "name"],
    ["a bad content type", { name: "x", content, contentType: "text\r\nx: y" }, "contentType"],
    ["an unknown type", { name: "x", content, type: "VIDEO" as "IMAGE" }, "type"],
  ])("%s is refused before anything is sent", async (_what, input, field) => {
    await using server = await ScriptedServer.start();
    await using client = clientOf(server);
    const error = await rejection(client.files.upload(input), AtlasValidationError);
    expect(error.fieldErrors.map(({ name }) => name)).toEqual([field]);
    expect(server.received).toEqual([]);
  });

  test("one that is gone is an AtlasNotFoundError", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("GET /files/1", refusal(404, "Not found"));
    await using client = clientOf(server);
    await rejection(client.files.get(1), AtlasNotFoundError);
  });

  test("work orders refer to them", async () => {
    await using server = await ScriptedServer.start();
    server
      .on(SIGN_IN, signedIn)
      .on("POST /work-orders", { json: workOrder({ files: [{ id: 5, name: "a.png" }] }) });
    await using client = clientOf(server);
    const order = await client.workOrders.create({ title: "x", files: { id: 5 } });
    expect(server.requests("POST /work-orders")[0]?.body).toEqual({ title: "x", files: [{ id: 5 }] });
    expect(order.files).toMatchObject([{ id: 5, name: "a.png" }]);
  });
});

test("no resource shows the client's settings when it is looked at", () => {
  const client = clientOf("http://localhost:1");
  const { workOrders, assets, locations, teams, categories, files, users } = client;
  const shown = inspect({ workOrders, assets, locations, teams, categories, files, users }, { depth: 9 });
  expect(shown + JSON.stringify({ workOrders, files })).not.toContain(PASSWORD);
});
