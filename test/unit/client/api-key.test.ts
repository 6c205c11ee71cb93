import { describe, expect, test } from "vitest";
import {
  AtlasAuthError,
  AtlasClient,
  AtlasConfigError,
  AtlasLicenseError,
  AtlasPermissionError,
} from "../../../client/index.ts";
import { ME, refusal, rejection, SIGNED_OUT, USER, VirtualClock } from "./fixtures.ts";
import { type Reply, ScriptedServer } from "./scripted-server.ts";

const KEY = "atlas-key-0f6a1b-canary";

function keyClient(server: ScriptedServer): AtlasClient {
  return new AtlasClient({ baseUrl: server.url, apiKey: KEY }, { clock: new VirtualClock() });
}

describe("a client with an API key", () => {
  test("sends the key, no token, and never signs in", async () => {
    await using server = await ScriptedServer.start();
    server.on(ME, { json: USER }).on("GET /health-check", { json: { success: true, message: "up" } });
    await using client = keyClient(server);
    await client.signIn();
    await expect(client.me()).resolves.toMatchObject({ id: 2 });
    await client.health();
    expect(
      server.received.map(({ path, headers }) => [path, headers["x-api-key"], headers.authorization]),
    ).toEqual([
      ["/auth/me", KEY, undefined],
      ["/health-check", undefined, undefined],
    ]);
    expect(client.isSignedIn).toBe(false);
    expect(client.describe()).toMatchObject({ credentials: "API key" });
  });

  test.each<[string, Reply]>([
    ["403 with an empty body, as for an unknown key", SIGNED_OUT],
    ["401, as for a revoked key", refusal(401, "API key expired")],
  ])("%s is an AtlasAuthError at once that speaks of the key", async (_what, reply) => {
    await using server = await ScriptedServer.start();
    server.on(ME, reply);
    await using client = keyClient(server);
    const error = await rejection(client.me(), AtlasAuthError);
    expect(error.message).toMatch(/API key was not accepted.*revoked.*licence/);
    expect(server.received).toHaveLength(1);
  });

  test("403 with a message is a matter of permission or licence, as with a session", async () => {
    await using server = await ScriptedServer.start();
    server.on(ME, refusal(403, "Access denied"), refusal(403, "You need a license to use the API"));
    await using client = keyClient(server);
    await rejection(client.me(), AtlasPermissionError);
    await rejection(client.me(), AtlasLicenseError);
  });

  test("has no session to sign out of and no password to change", async () => {
    await using server = await ScriptedServer.start();
    await using client = keyClient(server);
    const errors = [
      await rejection(client.signOut(), AtlasConfigError),
      await rejection(client.changePassword("An0ther-horse-9", "Th1rd-horse-99"), AtlasConfigError),
    ];
    for (const error of errors) expect(error.message).toMatch(/has an API key, and so no session/);
    expect(server.received).toEqual([]);
  });
});
