import { describe, expect, test } from "vitest";
import { CircuitBreaker, type Health } from "../../../client/circuit-breaker.ts";
import { systemClock } from "../../../client/clock.ts";
import { AtlasApiError, AtlasNotFoundError } from "../../../client/index.ts";
import { clientOf, ME, refusal, rejection, SIGN_IN, signedIn, USER, VirtualClock } from "./fixtures.ts";
import { type Reply, ScriptedServer } from "./scripted-server.ts";

const HEALTH = "GET /health-check";
const UP: Reply = { json: { success: true, message: "Service is up and running" } };
const DOWN: Reply = { status: 502, text: "Bad Gateway" };

describe("the breaker", () => {
  const policy = { failures: 3, patienceMs: 1_000, openMs: 10_000 };

  /** Lets an attempt of 100 ms end at `now` with this result. */
  async function attempt(breaker: CircuitBreaker, now: number, health: Health): Promise<void> {
    const times = [now - 100, now];
    await breaker.watch(
      async () => health,
      (result) => result,
      () => times.shift() ?? now,
    );
  }

  test("opens after failures in a row that took long enough, and says when it probes", async () => {
    const breaker = new CircuitBreaker(policy);
    for (const now of [100, 200, 900]) await attempt(breaker, now, "down");
    expect(breaker.state(900)).toEqual({ kind: "closed" });
    await attempt(breaker, 1_000, "down");
    expect(breaker.state(4_000)).toEqual({ kind: "open", failures: 4, probeInMs: 7_000 });
  });

  test("starts to count anew after an answer, and does not count what tells nothing", async () => {
    const breaker = new CircuitBreaker({ ...policy, patienceMs: 0 });
    const results = ["down", "down", "up", "down", "unknown", "down"] as const;
    for (const [index, health] of results.entries()) await attempt(breaker, index * 1_000, health);
    expect(breaker.state(9_000)).toEqual({ kind: "closed" });
    await attempt(breaker, 9_000, "down");
    expect(breaker.state(9_000).kind).toBe("open");
  });

  test.each<[Health, string]>([
    ["up", "closed"],
    ["down", "open"],
  ])("lets one probe through, whose %s leaves it %s", async (health, state) => {
    const breaker = new CircuitBreaker({ failures: 1, patienceMs: 0, openMs: 10_000 });
    await attempt(breaker, 0, "down");
    const probe = Promise.withResolvers<Health>();
    const probing = breaker.watch(
      () => probe.promise,
      (result) => result,
      () => 10_000,
    );
    expect(breaker.state(10_000)).toEqual({ kind: "probing", failures: 1 });
    probe.resolve(health);
    await probing;
    expect(breaker.state(10_001).kind).toBe(state);
  });

  test("lets the next one probe when a probe was aborted", async () => {
    const breaker = new CircuitBreaker({ failures: 1, patienceMs: 0, openMs: 10_000 });
    await attempt(breaker, 0, "down");
    const aborted = breaker.watch<Health>(
      () => Promise.reject(new Error("changed my mind")),
      (result) => result,
      () => 10_000,
    );
    await expect(aborted).rejects.toThrow("changed my mind");
    expect(breaker.state(10_000).kind).toBe("closed");
    await attempt(breaker, 10_000, "up");
    expect(breaker.state(10_000).kind).toBe("closed");
  });

  test("a late failure of what was sent before it opened does not keep it open longer", async () => {
    const breaker = new CircuitBreaker({ failures: 1, patienceMs: 0, openMs: 10_000 });
    const late = Promise.withResolvers<Health>();
    const straggler = breaker.watch(
      () => late.promise,
      (result) => result,
      () => 5_000,
    );
    await attempt(breaker, 0, "down");
    late.resolve("down");
    await straggler;
    expect(breaker.state(5_000)).toMatchObject({ probeInMs: 5_000 });
  });
});

describe("the client", () => {
  const options = { maxRetries: 0, circuitBreaker: { failures: 3, openMs: 10_000 } } as const;

  test.each<[string, Reply]>([
    ["502 of a proxy", DOWN],
    ["503", { status: 503 }],
    ["a reset connection", { fault: "reset" }],
  ])("stops asking after %s three times, then probes with one call and goes on", async (_what, fault) => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, fault, fault, fault, UP);
    const clock = new VirtualClock();
    await using client = clientOf(server, options, clock);
    for (let call = 0; call < 3; call += 1) await rejection(client.health(), AtlasApiError);
    clock.advance(4_000);
    const error = await rejection(client.health(), AtlasApiError);
    expect(error.message).toMatch(/nothing was sent.*the last 3 requests.*next try is due in 6\.0 s/);
    expect(error.details).toMatchObject({ outcome: "none", retryAfterMs: 6_000, attempts: 0 });
    expect(server.count(HEALTH)).toBe(3);
    clock.advance(6_000);
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => client.health()));
    expect(calls.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(server.count(HEALTH)).toBe(4);
    await client.health();
  });

  test("counts time-outs, and a failed probe keeps it from asking as long again", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "hang" });
    const clock = new VirtualClock();
    await using client = clientOf(server, { ...options, timeoutMs: 20 }, clock);
    for (let call = 0; call < 3; call += 1) await rejection(client.health(), AtlasApiError);
    clock.advance(10_000);
    await rejection(client.health(), AtlasApiError);
    const error = await rejection(client.health(), AtlasApiError);
    expect(error.details.retryAfterMs).toBe(10_000);
    expect(server.count(HEALTH)).toBe(4);
  });

  test.each<[string, Reply]>([
    ["404", refusal(404, "Not found")],
    ["Atlas' own 500", refusal(500, "No value present")],
  ])("keeps asking after %s, which is an answer", async (_what, reply) => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, reply);
    await using client = clientOf(server, options);
    for (let call = 0; call < 10; call += 1) await expect(client.health()).rejects.toThrow();
    expect(server.count(HEALTH)).toBe(10);
  });

  test("does not count calls that their callers aborted", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, { fault: "hang" }, { fault: "hang" }, { fault: "hang" }, { fault: "hang" }, UP);
    await using client = clientOf(server, options);
    for (let call = 1; call <= 4; call += 1) {
      const abort = new AbortController();
      const running = client.health({ signal: abort.signal });
      await expect.poll(() => server.count(HEALTH)).toBe(call);
      abort.abort(new Error("enough"));
      await expect(running).rejects.toThrow("enough");
    }
    await client.health();
  });

  test("does not open for a hiccup that retries get over", async () => {
    await using server = await ScriptedServer.start();
    let refusals = 60;
    server.on(SIGN_IN, signedIn).on(ME, () => (refusals-- > 0 ? DOWN : { json: USER }));
    const tight = { rateLimits: false, circuitBreaker: { failures: 3 }, retryBaseMs: 200 } as const;
    await using client = clientOf(server, tight, systemClock);
    await Promise.all(Array.from({ length: 30 }, () => client.me()));
    expect(server.count(ME)).toBe(90);
  });

  test("opens when a whole round of retries failed, and a call's own failure is what it tells", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, DOWN);
    await using client = clientOf(server);
    expect((await rejection(client.health(), AtlasApiError)).details).toMatchObject({
      status: 502,
      attempts: 4,
    });
    expect((await rejection(client.health(), AtlasApiError)).details).toMatchObject({
      status: 502,
      attempts: 1,
    });
    const error = await rejection(client.health(), AtlasApiError);
    expect(error.message).toContain("nothing was sent");
  });

  test("can be switched off", async () => {
    await using server = await ScriptedServer.start();
    server.on(HEALTH, DOWN);
    await using client = clientOf(server, { maxRetries: 0, circuitBreaker: false, rateLimits: false });
    for (let call = 0; call < 30; call += 1) await rejection(client.health(), AtlasApiError);
    expect(server.count(HEALTH)).toBe(30);
  });

  test("a record that is not there costs nothing of it", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("GET /work-orders/7", refusal(404, "Work Order not found"));
    await using client = clientOf(server, options);
    for (let call = 0; call < 5; call += 1) await rejection(client.workOrders.get(7), AtlasNotFoundError);
  });
});
