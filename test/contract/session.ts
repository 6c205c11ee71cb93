import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AtlasAuthError, AtlasClient, waitUntilReady } from "../../client/index.ts";
import { client, newClient, options, rejection, traffic } from "./atlas.ts";

const SIGN_IN = "POST /auth/signin";
const REFRESH = "POST /auth/refresh";
const keyOut = z.object({ id: z.number(), code: z.string() });

describe("session", () => {
  test("Atlas is healthy, without a session", async () => {
    const before = traffic.total();
    await expect(client.health()).resolves.toEqual({ message: expect.any(String) });
    expect(traffic.total()).toBe(before + 1);
    expect(traffic.count(SIGN_IN)).toBe(0);
  });

  test("waitUntilReady finds it ready with one request", async () => {
    const result = await waitUntilReady({
      baseUrl: options.baseUrl,
      timeoutMs: 30_000,
      dispatcher: traffic.dispatcher,
    });
    expect(result).toMatchObject({ ready: true, attempts: 1 });
  });

  describe("signing in", () => {
    test("happens once for many concurrent first calls and is reused", async () => {
      const users = await Promise.all(Array.from({ length: 4 }, () => client.me()));
      await client.me();
      expect(new Set(users.map(({ id }) => id)).size).toBe(1);
      expect(users[0]).toMatchObject({ email: options.email.toLowerCase(), enabled: true });
      expect(traffic.count(SIGN_IN)).toBe(1);
      expect(traffic.count("GET /auth/me")).toBe(5);
    });

    test("with a wrong password is an AtlasAuthError", async () => {
      await using stranger = newClient({ password: `${options.password}-wrong` });
      const error = await rejection(stranger.me());
      expect(error).toBeInstanceOf(AtlasAuthError);
      expect(error).toMatchObject({ status: 403, details: { serverMessage: "Invalid credentials" } });
      expect(String(error)).not.toContain(options.password);
    });

    test("with the wrong account type is an AtlasAuthError", async () => {
      await using stranger = newClient({ accountType: "SUPER_ADMIN" });
      await expect(stranger.signIn()).rejects.toBeInstanceOf(AtlasAuthError);
    });
  });

  describe("renewing", () => {
    test("uses the refresh token when the access token nears its end", async () => {
      const signIns = traffic.count(SIGN_IN);
      let ahead = 0;
      const clock = { now: () => Date.now() + ahead, sleep: () => Promise.resolve() };
      await using renewing = newClient({}, { clock });
      await renewing.signIn();
      ahead = 24 * 60 * 60_000;
      await renewing.me();
      expect([traffic.count(SIGN_IN), traffic.count(REFRESH)]).toEqual([signIns + 1, 1]);
    });

    test("an unknown refresh token is 401", async () => {
      const body = {
        refreshToken: "00000000-0000-0000-0000-000000000000.00000000-0000-0000-0000-000000000000",
      };
      const answer = await client.request({ method: "POST", path: "/auth/refresh", body, as: "nobody" });
      expect(answer).toMatchObject({
        status: 401,
        body: { success: false, message: "Invalid refresh token" },
      });
    });
  });

  describe("a bad token", () => {
    test.each(["GET /auth/me", "GET /health-check"])("is 403 without a body on %s", async (route) => {
      const path = route.slice("GET ".length);
      const headers = { authorization: "Bearer garbage" };
      const answer = await client.request({ method: "GET", path, headers, as: "nobody" });
      expect([answer.status, answer.text]).toEqual([403, ""]);
    });
  });

  describe("API keys", () => {
    const route = { method: "POST", path: "/api-keys", body: { label: "atlas-contract-suite" } } as const;

    test("sign a client in, where there is a licence for them", async ({ skip }) => {
      const made = await client.request(route);
      if (made.status === 403) skip(`Atlas answered 403 ${made.text}: API keys need a licence`);
      const { id, code } = keyOut.parse(made.body);
      try {
        await using byKey = new AtlasClient({
          baseUrl: options.baseUrl,
          apiKey: code,
          dispatcher: traffic.dispatcher,
        });
        await expect(byKey.me()).resolves.toMatchObject({ email: options.email.toLowerCase() });
      } finally {
        await client.request({ method: "DELETE", path: `/api-keys/${id}` });
      }
    });

    test("that are unknown are nobody's", async () => {
      await using stranger = new AtlasClient({
        baseUrl: options.baseUrl,
        apiKey: "unknown",
        dispatcher: traffic.dispatcher,
      });
      await expect(stranger.me()).rejects.toBeInstanceOf(AtlasAuthError);
    });
  });
});
