import { describe, expect, it } from "vitest";
import { type Bandwidth, RateLimiter } from "../../../sandbox/atlas/http/rate-limit.ts";

const MINUTE = 60_000;
const ANONYMOUS: Bandwidth[] = [
  { capacity: 20, periodMs: MINUTE },
  { capacity: 80, periodMs: 60 * MINUTE },
];

function limiterAt(bandwidths: Bandwidth[]) {
  const clock = { now: 1_000_000 };
  const limiter = new RateLimiter(bandwidths, () => clock.now);
  const passed = (calls: number, key = "ip") =>
    Array.from({ length: calls }, () => limiter.tryConsume(key)).filter(Boolean).length;
  return { clock, passed };
}

describe("rate limits", () => {
  it("lets 20 anonymous calls pass at once, not the 21st", () => {
    expect(limiterAt(ANONYMOUS).passed(21)).toBe(20);
  });

  it("regains one call each three seconds, continuously", () => {
    const { clock, passed } = limiterAt(ANONYMOUS);
    passed(20);
    clock.now += 7_000;
    expect(passed(5)).toBe(2);
    clock.now += 2_000;
    expect(passed(5)).toBe(1);
  });

  it("keeps one bucket per key", () => {
    const { passed } = limiterAt(ANONYMOUS);
    passed(20, "one");
    expect(passed(1, "other")).toBe(1);
  });

  it("stops a caller of one call each three seconds at the hourly limit", () => {
    const { clock, passed } = limiterAt(ANONYMOUS);
    let total = 0;
    for (let call = 0; call < 200; call++) {
      total += passed(1);
      clock.now += 3_000;
    }
    expect(total).toBeGreaterThanOrEqual(92);
    expect(total).toBeLessThanOrEqual(94);
  });

  it("never holds more than its capacity", () => {
    const { clock, passed } = limiterAt(ANONYMOUS);
    passed(1);
    clock.now += 1_000 * MINUTE;
    expect(passed(100)).toBe(20);
  });

  it("counts a probe each 10 s out after about 17 minutes", () => {
    const { clock, passed } = limiterAt(ANONYMOUS);
    const start = clock.now;
    while (passed(1) === 1) clock.now += 10_000;
    const minutes = (clock.now - start) / MINUTE;
    expect(minutes).toBeGreaterThan(16);
    expect(minutes).toBeLessThan(18);
  });
});
