import { describe, expect, test } from "vitest";
import { AtlasAuthError, waitUntilReady } from "../../client/index.ts";
import { countingDispatcher, newClient, options, rejection } from "./atlas.ts";

const SIGN_IN = "POST /auth/signin";
const REFRESH = "POST /auth/refresh";

test("Atlas is healthy, without a session", async () => {
  const counting = countingDispatcher();
  await using client = newClient({ dispatcher: counting.dispatcher });
  await expect(client.health()).resolves.toEqual({ message: expect.any(String) });
  expect(counting.total()).toBe(1);
});

test("waitUntilReady finds it ready with one request", async () => {
  const result = await waitUntilReady({ baseUrl: options.baseUrl, timeoutMs: 30_000 });
  expect(result).toMatchObject({ ready: true, attempts: 1 });
});

describe("signing in", () => {
  test("happens once for many concurrent first calls and is reused", async () => {
    const counting = countingDispatcher();
    await using client = newClient({ dispatcher: counting.dispatcher });
    const users = await Promise.all(Array.from({ length: 4 }, () => client.me()));
    await client.me();
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
    expect(users[0]).toMatchObject({ email: options.email.toLowerCase(), enabled: true });
    expect(counting.count(SIGN_IN)).toBe(1);
    expect(counting.count("GET /auth/me")).toBe(5);
  });

  test("with a wrong password is an AtlasAuthError", async () => {
    await using client = newClient({ password: `${options.password}-wrong` });
    const error = await rejection(client.me());
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({ status: 403, details: { serverMessage: "Invalid credentials" } });
    expect(String(error)).not.toContain(options.password);
  });

  test("with the wrong account type is an AtlasAuthError", async () => {
    await using client = newClient({ accountType: "SUPER_ADMIN" });
    await expect(client.signIn()).rejects.toBeInstanceOf(AtlasAuthError);
  });
});

describe("renewing", () => {
  test("uses the refresh token when the access token nears its end", async () => {
    const counting = countingDispatcher();
    let ahead = 0;
    const clock = { now: () => Date.now() + ahead, sleep: () => Promise.resolve() };
    await using client = newClient({ dispatcher: counting.dispatcher }, { clock });
    await client.signIn();
    ahead = 24 * 60 * 60_000;
    await client.me();
    ahead *= 2;
    await client.me();
    expect([counting.count(SIGN_IN), counting.count(REFRESH)]).toEqual([1, 2]);
  });

  test("an unknown refresh token is 401", async () => {
    await using client = newClient();
    const body = {
      refreshToken: "00000000-0000-0000-0000-000000000000.00000000-0000-0000-0000-000000000000",
    };
    const answer = await client.request({ method: "POST", path: "/auth/refresh", body, as: "nobody" });
    expect(answer).toMatchObject({ status: 401, body: { success: false, message: "Invalid refresh token" } });
  });
});

describe("a bad token", () => {
  test.each(["GET /auth/me", "GET /health-check"])("is 403 without a body on %s", async (route) => {
    await using client = newClient();
    const path = route.slice("GET ".length);
    const headers = { authorization: "Bearer garbage" };
    const answer = await client.request({ method: "GET", path, headers, as: "nobody" });
    expect([answer.status, answer.text]).toEqual([403, ""]);
  });
});
