import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AtlasApiError, AtlasConfigError, type WaitProgress, waitUntilReady } from "../../../client/index.ts";
import { type Observation, observationOf, pauseAfter } from "../../../client/readiness.ts";
import { TransportFailure } from "../../../client/transport.ts";
import { refusal, rejection, VirtualClock } from "./fixtures.ts";
import { type Reply, ScriptedServer } from "./scripted-server.ts";

const HEALTH = "GET /health-check";
const UP: Reply = { json: { success: true, message: "Service is up and running" } };
const PROXY: Reply = { status: 502 };

describe("waiting", () => {
  test("ends with the first healthy answer", async () => {
    await using server = await ScriptedServer.start();
    server.on("GET /api/health-check", UP);
    const result = await waitUntilReady({ baseUrl: `${server.url}/api/`, clock: new VirtualClock() });
    expect(result).toMatchObject({ ready: true, attempts: 1, counted: 1, elapsedMs: 0 });
  });

  test.each([502, 503, 504])(
    "asks each 250 ms while the proxy answers %i, which costs Atlas nothing",
    async (status) => {
      await using server = await ScriptedServer.start();
      server.on(HEALTH, { status }, { status }, { status }, UP);
      const clock = new VirtualClock();
      const result = await waitUntilReady({ baseUrl: server.url, clock });
      expect(clock.slept).toEqual([250, 250, 250]);
      expect(result).toMatchObject({ attempts: 4, counted: 1 });
    },
  );

  test("asks each 250 ms while nothing listens or something hangs up", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "reset" }, { fault: "reset" }, UP);
    const clock = new VirtualClock();
    await waitUntilReady({ baseUrl: server.url, clock });
    expect(clock.slept).toEqual([250, 250]);
  });

  test.each<[string, Reply]>([
    ["429", { status: 429, json: { error: "Rate limit exceeded" } }],
    ["403", { status: 403 }],
    ["500", refusal(500, "boom")],
    ["200 of something else", { text: "<!doctype html>" }],
  ])("slows down after %s, which Atlas may have counted", async (_what, reply) => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, reply, UP);
    const clock = new VirtualClock();
    const result = await waitUntilReady({ baseUrl: server.url, clock });
    expect(clock.slept).toEqual([3_400]);
    expect(result.counted).toBe(2);
  });

  test("bounds a request that hangs, and counts it", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "hang" }, UP);
    const result = await waitUntilReady({
      baseUrl: server.url,
      attemptTimeoutMs: 40,
      clock: new VirtualClock(),
    });
    expect(result).toMatchObject({ attempts: 2, counted: 2 });
  });

  test("tells its progress", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, PROXY, UP);
    const seen: WaitProgress[] = [];
    await waitUntilReady({
      baseUrl: server.url,
      clock: new VirtualClock(),
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.map(({ ready, elapsedMs, lastAnswer }) => [ready, elapsedMs, lastAnswer])).toEqual([
      [false, 0, "502 (the proxy does not reach Atlas yet)"],
      [true, 250, "200"],
    ]);
  });

  test("gives up in time and says how long it waited, what came last and what to do", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, PROXY);
    const clock = new VirtualClock();
    const error = await rejection(
      waitUntilReady({ baseUrl: server.url, timeoutMs: 10_000, clock }),
      AtlasApiError,
    );
    expect(error.message).toMatch(
      /not ready after 9\.8 s and 40 attempts; the last answer: 502.*Look at the log/,
    );
    expect(error.details).toMatchObject({ operation: "waitUntilReady", attempts: 40 });
  });

  test("stops when its signal is aborted, even in the midst of a request", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "hang" });
    const abort = new AbortController();
    const waiting = waitUntilReady({ baseUrl: server.url, signal: abort.signal });
    await expect.poll(() => server.count(HEALTH)).toBe(1);
    abort.abort(new Error("stop"));
    await expect(waiting).rejects.toThrow("stop");
  });

  test("refuses a base URL that is none", async () => {
    await rejection(waitUntilReady({ baseUrl: "localhost:8080" }), AtlasConfigError);
  });
});

describe("the decision", () => {
  const counted: Observation = { kind: "counted", what: "500" };

  test("time spent on the request counts towards the pause", () => {
    expect(pauseAfter(counted, 5_000, 1)).toBe(250);
    expect(pauseAfter(counted, 400, 1)).toBe(3_000);
  });

  test("long waits go on at the pace of the hourly limit", () => {
    expect(pauseAfter(counted, 0, 41)).toBe(45_000);
  });

  test("whatever comes, at most 18 counted requests fall into any minute", () => {
    const kinds = fc.array(fc.constantFrom<Observation["kind"]>("free", "counted"), { minLength: 200 });
    fc.assert(
      fc.property(kinds, fc.array(fc.nat(5_000), { minLength: 200 }), (observations, durations) => {
        const starts: number[] = [];
        let now = 0;
        for (const [index, kind] of observations.entries()) {
          const took = durations[index] ?? 0;
          if (kind === "counted") starts.push(now);
          now += took + pauseAfter({ kind, what: "" }, took, starts.length);
        }
        for (const start of starts) {
          const inMinute = starts.filter((other) => other >= start && other < start + 60_000);
          expect(inMinute.length).toBeLessThanOrEqual(18);
        }
      }),
    );
  });

  test.each([
    ["unreachable", "free"],
    ["lost", "free"],
    ["tls", "free"],
    ["timeout", "counted"],
  ] as const)("%s is %s", (kind, expected) => {
    expect(observationOf(new TransportFailure(kind, "x", undefined)).kind).toBe(expected);
  });
});
