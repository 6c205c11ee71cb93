import { describe, expect, test } from "vitest";
import {
  AtlasApiError,
  AtlasConfigError,
  AtlasNotFoundError,
  AtlasRateLimitError,
} from "../../../client/index.ts";
import { mayRepeat, parseRetryAfter, pauseMs } from "../../../client/retry.ts";
import { clientOf, refusal, rejection, SIGN_IN, signedIn, VirtualClock, workOrder } from "./fixtures.ts";
import { type Reply, ScriptedServer } from "./scripted-server.ts";

const HEALTH = "GET /health-check";
const CREATE = "POST /work-orders";
const UP: Reply = { json: { success: true, message: "Service is up and running" } };
const TOO_MANY: Reply = {
  status: 429,
  json: { error: "Rate limit exceeded", message: "Too many requests. Please try again later." },
};

describe("reads are repeated", () => {
  test.each<[string, Reply]>([
    ["502", { status: 502, text: "Bad Gateway" }],
    ["503", { status: 503 }],
    ["504", { status: 504 }],
    ["429", TOO_MANY],
    ["a reset connection", { fault: "reset" }],
    ["an answer cut in two", { json: { success: true, message: "Service" }, fault: "truncate" }],
  ])("after %s", async (_what, fault) => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, fault, fault, UP);
    await using client = clientOf(server, { totalTimeoutMs: 120_000 });
    await expect(client.health()).resolves.toEqual({ message: "Service is up and running" });
    expect(server.count(HEALTH)).toBe(3);
  });

  test("after a time-out", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "hang" }, UP);
    await using client = clientOf(server, { timeoutMs: 50, totalTimeoutMs: 60_000 });
    await client.health();
    expect(server.count(HEALTH)).toBe(2);
  });

  test("with pauses of up to 1, 2, 4 s and at most three times", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { status: 502, text: "<html>Bad Gateway</html>" });
    const clock = new VirtualClock();
    await using client = clientOf(server, {}, clock);
    const error = await rejection(client.health(), AtlasApiError);
    expect(clock.slept).toEqual([1_000, 2_000, 4_000]);
    expect(error.details).toMatchObject({ status: 502, attempts: 4 });
    expect(error.message).not.toContain("<html>");
  });

  test("not at all with maxRetries 0", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { status: 503 });
    await using client = clientOf(server, { maxRetries: 0 });
    await rejection(client.health(), AtlasApiError);
    expect(server.count(HEALTH)).toBe(1);
  });

  test("not past the total deadline", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { status: 503 });
    const clock = new VirtualClock();
    await using client = clientOf(server, { totalTimeoutMs: 2_500 }, clock);
    await rejection(client.health(), AtlasApiError);
    expect(clock.slept).toEqual([1_000]);
  });

  test("not after a 500, which mostly is a wrong input", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, refusal(500, "boom"));
    await using client = clientOf(server);
    await rejection(client.health(), AtlasApiError);
    expect(server.count(HEALTH)).toBe(1);
  });

  test("when nothing listens: refused connections, with the cause kept", async () => {
    const server = await ScriptedServer.start();
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const clock = new VirtualClock();
    await using client = clientOf(url, {}, clock);
    const error = await rejection(client.health(), AtlasApiError);
    expect(clock.slept).toHaveLength(3);
    expect(error.status).toBeUndefined();
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
    expect(error.message).toMatch(/check Atlas' health.*after 4 requests.*Check that Atlas runs/);
  });
});

describe("429", () => {
  test("waits as Retry-After says", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { ...TOO_MANY, headers: { "retry-after": "7" } }, UP);
    const clock = new VirtualClock();
    await using client = clientOf(server, { rateLimits: false }, clock);
    await client.health();
    expect(clock.slept).toEqual([7_000]);
  });

  test("without Retry-After waits at least for one request to come back", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, TOO_MANY, UP);
    const clock = new VirtualClock();
    await using client = clientOf(server, {}, clock);
    await client.health();
    expect(clock.slept[0]).toBe(3_000);
  });

  test("empties the client's own bucket, so that further calls are spaced out", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, TOO_MANY, UP);
    const clock = new VirtualClock();
    await using client = clientOf(server, {}, clock);
    await client.health();
    await client.health();
    expect(clock.slept).toEqual([3_000, 3_000]);
  });

  test("is repeated for creates too, since Atlas did not take them", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(CREATE, TOO_MANY, { json: workOrder() });
    await using client = clientOf(server);
    await client.workOrders.create({ title: "Fix pump" });
    expect(server.count(CREATE)).toBe(2);
  });

  test("that stays is an AtlasRateLimitError with the wait that the server asks for", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { ...TOO_MANY, headers: { "retry-after": "600" } });
    await using client = clientOf(server);
    const error = await rejection(client.health(), AtlasRateLimitError);
    expect(error.retryAfterMs).toBe(600_000);
    expect(server.count(HEALTH)).toBe(1);
  });
});

describe("ending a call", () => {
  test("AbortSignal ends a hanging request with its own reason", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "hang" });
    await using client = clientOf(server);
    const abort = new AbortController();
    const call = client.health({ signal: abort.signal });
    await expect.poll(() => server.count(HEALTH)).toBe(1);
    abort.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
  });

  test("close ends what runs, and later calls say that the client is closed", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "hang" });
    const client = clientOf(server);
    const call = client.health();
    const ended = rejection(call, AtlasConfigError);
    await expect.poll(() => server.count(HEALTH)).toBe(1);
    await client.close();
    expect((await ended).message).toContain("closed while a call was running");
    await client.close();
    const error = await rejection(client.health(), AtlasConfigError);
    expect(error.message).toContain("this Atlas client is closed");
  });

  test("timeoutMs and totalTimeoutMs can be given for one call", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "hang" });
    await using client = clientOf(server);
    const error = await rejection(client.health({ timeoutMs: 30, totalTimeoutMs: 31 }), AtlasApiError);
    expect(error.message).toContain("no answer within 0.03 s");
    expect(server.count(HEALTH)).toBe(1);
  });
});

test("an endless error body is read up to a cap only", async () => {
  await using server = await ScriptedServer.start();
  server.on(SIGN_IN, signedIn).on("GET /work-orders/1", { status: 404, text: "x".repeat(5_000_000) });
  await using client = clientOf(server);
  const error = await rejection(client.workOrders.get(1), AtlasNotFoundError);
  expect(error.details.serverMessage?.length).toBe(65_536);
  expect(error.message.length).toBeLessThan(500);
});

describe("the decision", () => {
  test.each([
    [{ kind: "unreachable" }, false, true],
    [{ kind: "lost" }, true, true],
    [{ kind: "lost" }, false, false],
    [{ kind: "permanent" }, true, false],
    [{ kind: "status", status: 429 }, false, true],
    [{ kind: "status", status: 503 }, true, true],
    [{ kind: "status", status: 503 }, false, false],
    [{ kind: "status", status: 500 }, true, false],
    [{ kind: "status", status: 403 }, true, false],
  ] as const)("%o, repeatable %s: %s", (failure, repeatable, expected) => {
    expect(mayRepeat(failure, repeatable)).toBe(expected);
  });

  test("pauses are spread over the whole range and bounded", () => {
    const policy = { maxRetries: 9, baseMs: 1_000, maxPauseMs: 30_000 };
    const pause = (attempt: number, random: number) =>
      pauseMs({ kind: "lost" }, attempt, policy, () => random, 3_000);
    expect([pause(1, 0), pause(1, 0.5), pause(3, 0.5), pause(9, 1)]).toEqual([0, 500, 2_000, 30_000]);
  });

  test.each([
    ["7", 7_000],
    ["0", 0],
    ["Thu, 01 Jan 1970 00:00:10 GMT", 9_000],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("Retry-After %s is %s ms", (value, expected) => {
    expect(parseRetryAfter(value, 1_000)).toBe(expected);
  });
});
