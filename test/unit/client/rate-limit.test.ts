import { describe, expect, test } from "vitest";
import { AtlasRateLimitError } from "../../../client/index.ts";
import { RateLimiter } from "../../../client/rate-limit.ts";
import { clientOf, ME, rejection, SIGN_IN, signedIn, USER, VirtualClock } from "./fixtures.ts";
import { ScriptedServer } from "./scripted-server.ts";

const MINUTE = 60_000;

describe("the bucket", () => {
  test("lets its capacity through at once, then one for each refill", () => {
    const limiter = new RateLimiter([{ capacity: 20, periodMs: MINUTE }], 0);
    const waits = Array.from({ length: 22 }, () => limiter.reserve(0, MINUTE).waitMs);
    expect(waits.slice(0, 20).every((wait) => wait === 0)).toBe(true);
    expect(waits.slice(20)).toEqual([3_000, 6_000]);
  });

  test("both windows must have a token", () => {
    const windows = [
      { capacity: 2, periodMs: 1_000 },
      { capacity: 3, periodMs: MINUTE },
    ];
    const limiter = new RateLimiter(windows, 0);
    for (const at of [0, 0, 1_000]) expect(limiter.reserve(at, MINUTE).waitMs).toBe(0);
    expect(limiter.reserve(2_000, MINUTE).waitMs).toBeGreaterThan(15_000);
  });

  test("takes nothing when the wait is too long", () => {
    const limiter = new RateLimiter([{ capacity: 1, periodMs: 10_000 }], 0);
    limiter.reserve(0, 0);
    expect(limiter.reserve(0, 5_000)).toEqual({ waitMs: 10_000, taken: false });
    expect(limiter.reserve(10_000, 0)).toEqual({ waitMs: 0, taken: true });
  });

  test("gives back what was not used", () => {
    const limiter = new RateLimiter([{ capacity: 1, periodMs: 10_000 }], 0);
    limiter.reserve(0, 0);
    limiter.giveBack();
    expect(limiter.reserve(0, 0).taken).toBe(true);
  });

  test("without windows never waits", () => {
    const limiter = new RateLimiter([], 0);
    expect(limiter.reserve(0, 0)).toEqual({ waitMs: 0, taken: true });
    limiter.refused({ now: 0, sentAt: 0, retryAfterMs: 5_000 });
    expect(limiter.pauseMs(0)).toBe(0);
  });
});

describe("a 429 that the bucket did not foresee", () => {
  const windows = [
    { capacity: 100, periodMs: MINUTE },
    { capacity: 1_000, periodMs: 60 * MINUTE },
  ];

  test("empties the shortest window for all callers", () => {
    const limiter = new RateLimiter(windows, 0);
    limiter.refused({ now: 0, sentAt: 0 });
    expect([limiter.pauseMs(0), limiter.waitMs(0)]).toEqual([600, 600]);
    for (const waitMs of [600, 1_200]) expect(limiter.reserve(0, MINUTE)).toEqual({ waitMs, taken: true });
  });

  test("again after that pause must be the hour's window, until a request is taken", () => {
    const limiter = new RateLimiter(windows, 0);
    limiter.refused({ now: 0, sentAt: 0 });
    limiter.refused({ now: 700, sentAt: 650 });
    expect(limiter.pauseMs(700)).toBe(3_600);
    limiter.refused({ now: 5_000, sentAt: 4_900 });
    expect(limiter.pauseMs(5_000)).toBe(3_600);
    limiter.accepted(9_000);
    limiter.accepted(9_100);
    limiter.refused({ now: 20_000, sentAt: 19_900 });
    expect(limiter.pauseMs(20_000)).toBe(600);
  });

  test("counts once for requests that were under way together", () => {
    const limiter = new RateLimiter(windows, 0);
    for (const now of [100, 101, 102]) limiter.refused({ now, sentAt: 50 });
    limiter.accepted(50);
    expect(limiter.pauseMs(102)).toBe(600);
  });

  test("with Retry-After holds everybody for as long, but never for more than an hour", () => {
    const limiter = new RateLimiter(windows, 0);
    limiter.refused({ now: 0, sentAt: 0, retryAfterMs: 7_000 });
    expect(limiter.reserve(1_000, MINUTE).waitMs).toBe(6_000);
    limiter.refused({ now: 0, sentAt: 0, retryAfterMs: 1e12 });
    expect(limiter.pauseMs(0)).toBe(3_600_000);
  });
});

describe("the client", () => {
  test("keeps under Atlas' 100 a minute by itself", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER });
    const clock = new VirtualClock();
    await using client = clientOf(server, {}, clock);
    for (let call = 0; call < 103; call += 1) await client.me();
    expect(clock.slept).toEqual([600, 600, 600]);
  });

  test("fails at once when the wait would pass the deadline", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER });
    const rateLimits = { signedIn: { perMinute: 1, perHour: 1 } };
    await using client = clientOf(server, { rateLimits });
    await client.me();
    const error = await rejection(client.me(), AtlasRateLimitError);
    expect(error.retryAfterMs).toBe(3_600_000);
    expect(error.message).toContain("the client's own limit is reached");
    expect(server.count(ME)).toBe(1);
  });

  test("waits longer when the pause did not help, and tells when Atlas takes the next request", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { status: 429, json: { message: "Too many requests." } });
    const clock = new VirtualClock();
    await using client = clientOf(server, { retryBaseMs: 1 }, clock);
    const error = await rejection(client.me(), AtlasRateLimitError);
    expect(clock.slept).toEqual([600, 3_600, 3_600]);
    expect(error.retryAfterMs).toBe(3_600);
  });

  test("can be switched off", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER });
    const clock = new VirtualClock();
    await using client = clientOf(server, { rateLimits: false }, clock);
    await Promise.all(Array.from({ length: 150 }, () => client.me()));
    expect(clock.slept).toEqual([]);
  });
});
