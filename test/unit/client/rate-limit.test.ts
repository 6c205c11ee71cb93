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

  test("gives back what was not used, and empties when the server says so", () => {
    const limiter = new RateLimiter([{ capacity: 1, periodMs: 10_000 }], 0);
    limiter.reserve(0, 0);
    limiter.giveBack();
    expect(limiter.reserve(0, 0).taken).toBe(true);
    limiter.foundEmpty(20_000);
    expect(limiter.reserve(20_000, MINUTE).waitMs).toBe(10_000);
  });

  test("without windows never waits", () => {
    const limiter = new RateLimiter([], 0);
    expect(limiter.reserve(0, 0)).toEqual({ waitMs: 0, taken: true });
    expect(limiter.gainMs).toBe(0);
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

  test("can be switched off", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(ME, { json: USER });
    const clock = new VirtualClock();
    await using client = clientOf(server, { rateLimits: false }, clock);
    await Promise.all(Array.from({ length: 150 }, () => client.me()));
    expect(clock.slept).toEqual([]);
  });
});
