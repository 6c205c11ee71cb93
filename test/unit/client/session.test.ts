import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { AtlasApiError, AtlasAuthError, AtlasPermissionError } from "../../../client/index.ts";
import {
  clientOf,
  ME,
  PASSWORD,
  REFRESH,
  refusal,
  rejection,
  SIGN_IN,
  SIGNED_OUT,
  signedIn,
  tokens,
  USER,
  VirtualClock,
} from "./fixtures.ts";
import { type Received, ScriptedServer } from "./scripted-server.ts";

const bearer = (request: Received | undefined) => request?.headers.authorization;
const unlimited = { rateLimits: false } as const;

describe("sign-in", () => {
  test("happens once for 1,000 concurrent first calls", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER });
    await using client = clientOf(server, unlimited);
    await Promise.all(Array.from({ length: 1_000 }, () => client.me()));
    expect(server.count(SIGN_IN)).toBe(1);
    expect(server.count(ME)).toBe(1_000);
  });

  test("is reused by later calls, which carry its token", async () => {
    await using server = await ScriptedServer.start();
    const given = tokens();
    server.on(SIGN_IN, { json: given }).on(ME, { json: USER });
    await using client = clientOf(server);
    await client.me();
    await client.me();
    expect(server.count(SIGN_IN)).toBe(1);
    expect(server.requests(ME).map(bearer)).toEqual(Array(2).fill(`Bearer ${given.accessToken}`));
  });

  test("sends the account type and no Authorization header", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn);
    await using client = clientOf(server, { accountType: "SUPER_ADMIN" });
    await client.signIn();
    const [request] = server.requests(SIGN_IN);
    expect(request?.body).toEqual({ email: "admin@acme.test", password: PASSWORD, type: "SUPER_ADMIN" });
    expect(bearer(request)).toBeUndefined();
  });

  test("with a wrong password fails once for all who wait, and is not repeated", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, refusal(403, "Invalid credentials"));
    await using client = clientOf(server);
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => client.me()));
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    expect(server.count(SIGN_IN)).toBe(1);
    const error = await rejection(client.me(), AtlasAuthError);
    expect(error.status).toBe(403);
    expect(error.message).toMatch(
      /sign in as admin@acme\.test.*Invalid credentials.*Check email and password/,
    );
  });

  test("of an aborted caller goes on for the others", async () => {
    await using server = await ScriptedServer.start();
    const gate = Promise.withResolvers<void>();
    server.on(SIGN_IN, () => gate.promise.then(signedIn)).on(ME, { json: USER });
    await using client = clientOf(server);
    const abort = new AbortController();
    const impatient = client.me({ signal: abort.signal });
    const patient = client.me();
    abort.abort(new Error("changed my mind"));
    await expect(impatient).rejects.toThrow("changed my mind");
    gate.resolve();
    await expect(patient).resolves.toMatchObject({ id: 2 });
    expect(server.count(SIGN_IN)).toBe(1);
  });
});

test("a caller waits for a slow sign-in no longer than its own deadline", async () => {
  await using server = await ScriptedServer.start();
  server.on(SIGN_IN, { fault: "hang" });
  await using client = clientOf(server);
  const error = await rejection(client.me({ totalTimeoutMs: 40 }), AtlasApiError);
  expect(error.message).toContain("before the session was renewed");
});

describe("renewal", () => {
  test("happens before the end of the token's life, once for many, with the rotating refresh token", async () => {
    await using server = await ScriptedServer.start();
    const [first, second, third] = [tokens(1800), tokens(1800), tokens(1800)];
    const clock = new VirtualClock();
    server.on(SIGN_IN, { json: first }).on(REFRESH, { json: second }, { json: third }).on(ME, { json: USER });
    await using client = clientOf(server, unlimited, clock);
    await client.me();
    clock.advance(1_501_000);
    await Promise.all(Array.from({ length: 100 }, () => client.me()));
    clock.advance(1_501_000);
    await client.me();
    expect(server.count(SIGN_IN)).toBe(1);
    expect(server.requests(REFRESH).map(({ body }) => body)).toEqual([
      { refreshToken: first.refreshToken },
      { refreshToken: second.refreshToken },
    ]);
    expect(server.requests(REFRESH).map(bearer)).toEqual([undefined, undefined]);
    expect(bearer(server.requests(ME).at(-1))).toBe(`Bearer ${third.accessToken}`);
  });

  test("does not happen while the token is good for longer than the buffer", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.me();
    clock.advance(1_490_000);
    await client.me();
    expect(server.count(REFRESH)).toBe(0);
  });

  test("goes by the token's own life, whatever this machine's clock says", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    const anHourAgo = Math.floor(Date.now() / 1000) - 3600;
    server.on(SIGN_IN, { json: tokens(1800, anHourAgo) }).on(ME, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.me();
    await client.me();
    expect(server.count(SIGN_IN) + server.count(REFRESH)).toBe(1);
  });

  test("keeps to a shorter configured life, and a buffer larger than the life does no harm", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    server.on(SIGN_IN, signedIn).on(REFRESH, signedIn).on(ME, { json: USER });
    await using client = clientOf(server, { tokenTtlMs: 60_000, tokenRefreshBufferMs: 300_000 }, clock);
    await client.me();
    clock.advance(40_000);
    await client.me();
    expect(server.count(REFRESH)).toBe(0);
    clock.advance(10_000);
    await client.me();
    expect(server.count(REFRESH)).toBe(1);
  });

  test("signs in when the refresh token is refused", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    server.on(SIGN_IN, signedIn).on(REFRESH, refusal(401, "Invalid refresh token")).on(ME, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.me();
    clock.advance(1_700_000);
    await client.me();
    expect(server.count(SIGN_IN)).toBe(2);
  });

  test("never sends a refresh token twice when the answer is lost, but signs in", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    server.on(SIGN_IN, signedIn).on(REFRESH, { fault: "reset" }).on(ME, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.me();
    clock.advance(1_700_000);
    await client.me();
    expect([server.count(REFRESH), server.count(SIGN_IN)]).toEqual([1, 2]);
  });

  test("that fails early leaves the token in use while it is good, without trying at each call", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    server
      .on(SIGN_IN, signedIn)
      .on(REFRESH, refusal(500, "Could not open JPA EntityManager"))
      .on(ME, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.me();
    clock.advance(1_600_000);
    await client.me();
    await client.me();
    expect([server.count(REFRESH), server.count(ME)]).toEqual([1, 3]);
    clock.advance(200_000);
    await rejection(client.me(), AtlasApiError);
  });
});

describe("an answer that means signed out", () => {
  test.each([
    ["403 with an empty body", SIGNED_OUT],
    ["401", refusal(401, "Unauthorized")],
  ])("%s: renews once, sends once more", async (_what, signedOut) => {
    await using server = await ScriptedServer.start();
    const second = tokens();
    server.on(SIGN_IN, signedIn).on(REFRESH, { json: second }).on(ME, signedOut, { json: USER });
    await using client = clientOf(server);
    await client.me();
    expect([server.count(SIGN_IN), server.count(REFRESH), server.count(ME)]).toEqual([1, 1, 2]);
    expect(bearer(server.requests(ME).at(-1))).toBe(`Bearer ${second.accessToken}`);
  });

  test("renews once for many callers at the same time", async () => {
    await using server = await ScriptedServer.start();
    const [first, second] = [tokens(), tokens()];
    server
      .on(SIGN_IN, { json: first })
      .on(REFRESH, { json: second })
      .on(ME, (request) => (bearer(request) === `Bearer ${first.accessToken}` ? SIGNED_OUT : { json: USER }));
    await using client = clientOf(server, unlimited);
    await Promise.all(Array.from({ length: 100 }, () => client.me()));
    expect([server.count(SIGN_IN), server.count(REFRESH)]).toEqual([1, 1]);
  });

  test("twice is an AtlasAuthError", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(REFRESH, signedIn).on(ME, SIGNED_OUT);
    await using client = clientOf(server);
    const error = await rejection(client.me(), AtlasAuthError);
    expect(server.count(ME)).toBe(2);
    expect(error.details).toMatchObject({
      operation: "users.me",
      status: 403,
      path: "/auth/me",
      attempts: 2,
    });
  });

  test("403 with a message does not renew: it is a matter of permission", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, refusal(403, "Access denied"));
    await using client = clientOf(server);
    await rejection(client.me(), AtlasPermissionError);
    expect([server.count(ME), server.count(REFRESH)]).toEqual([1, 0]);
  });

  test("of a fresh token waits until its second is over before renewing", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    server.on(SIGN_IN, signedIn).on(REFRESH, signedIn).on(ME, SIGNED_OUT, { json: USER });
    await using client = clientOf(server, {}, clock);
    await client.me();
    expect(clock.slept).toEqual([1_050]);
  });
});

test("no token and no password shows in inspection, JSON or an error's text, even when the server repeats them", async () => {
  await using server = await ScriptedServer.start();
  const given = tokens();
  server
    .on(SIGN_IN, { json: given })
    .on(ME, refusal(400, `bad ${PASSWORD} ${given.accessToken} ${given.refreshToken}`));
  await using client = clientOf(server);
  const error = await rejection(client.me(), Error);
  const shown = [
    inspect(client, { depth: 20, showHidden: true }),
    JSON.stringify(client),
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    String(error.stack),
  ].join("\n");
  for (const secret of [PASSWORD, given.accessToken, given.refreshToken]) expect(shown).not.toContain(secret);
  expect(inspect(client)).toContain("admin@acme.test");
});
