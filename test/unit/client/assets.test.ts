import { describe, expect, test } from "vitest";
import { asset, clientOf, ME, page, SIGN_IN, signedIn, USER } from "./fixtures.ts";
import { type Received, ScriptedServer } from "./scripted-server.ts";

const echo = (stored: Record<string, unknown>) => (request: Received) => ({
  json: { ...stored, ...(request.body as object) },
});

describe("assets", () => {
  test("create leaves fields that Atlas does not sanitise unescaped", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("POST /assets", { json: asset() });
    await using client = clientOf(server);
    await client.assets.create({ name: "A & B", serialNumber: "S&1", barCode: "B&1", location: 3 });
    expect(server.requests("POST /assets")[0]?.body).toEqual({
      name: "A &amp; B",
      serialNumber: "S&amp;1",
      barCode: "B&1",
      location: { id: 3 },
    });
  });

  test("update keeps customId and status, which the API would drop", async () => {
    await using server = await ScriptedServer.start();
    const stored = asset({ status: "DOWN" });
    server.on(SIGN_IN, signedIn).on("GET /assets/1", { json: stored }).on("PATCH /assets/1", echo(stored));
    await using client = clientOf(server);
    await client.assets.update(1, { description: "main pump" });
    expect(server.requests("PATCH /assets/1")[0]?.body).toEqual({ ...stored, description: "main pump" });
  });

  test("search looks in name, customId, serial number, bar code and description", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("POST /assets/search", { json: page([asset()]) });
    await using client = clientOf(server);
    const { content } = await client.assets.search("pump");
    expect(content[0]?.name).toBe("Pump A");
    const text = { operation: "cn", value: "pump" };
    expect(server.requests("POST /assets/search")[0]?.body).toMatchObject({
      filterFields: [
        {
          field: "name",
          ...text,
          alternatives: ["customId", "serialNumber", "barCode", "description"].map((field) => ({
            field,
            ...text,
          })),
        },
        { field: "archived", operation: "eq", value: false },
      ],
    });
  });

  test("a lost answer to a create is resolved by finding the asset", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER }).on("POST /assets", { fault: "reset" });
    server.on("POST /assets/search", { json: page([]) }, { json: page([asset({ id: 4 })]) });
    await using client = clientOf(server);
    await expect(client.assets.create({ name: "Pump A" })).resolves.toMatchObject({ id: 4 });
  });
});
