/** At most `capacity` requests at once, refilled evenly over `periodMs` (as Atlas counts, atlas-api 6). */
export interface RateWindow {
  readonly capacity: number;
  readonly periodMs: number;
}

interface Bucket extends RateWindow {
  tokens: number;
  updatedAt: number;
}

/** Token buckets that must all agree. Tokens are reserved in the order of asking; `reserve` never sleeps itself. */
export class RateLimiter {
  readonly #buckets: Bucket[];

  constructor(windows: readonly RateWindow[], now: number) {
    this.#buckets = windows.map((window) => ({ ...window, tokens: window.capacity, updatedAt: now }));
  }

  /**
   * Takes one token that is due in at most `maxWaitMs`.
   * @returns milliseconds to wait before sending, and whether the token was taken (not when the wait is too long).
   */
  reserve(now: number, maxWaitMs: number): { readonly waitMs: number; readonly taken: boolean } {
    this.#refill(now);
    const waitMs = Math.max(0, ...this.#buckets.map(timeUntilNext));
    if (waitMs > maxWaitMs) return { waitMs, taken: false };
    for (const bucket of this.#buckets) bucket.tokens -= 1;
    return { waitMs, taken: true };
  }

  /** Gives back a token that was not used. */
  giveBack(): void {
    for (const bucket of this.#buckets) bucket.tokens = Math.min(bucket.capacity, bucket.tokens + 1);
  }

  /** Atlas said 429: whatever was counted here, its bucket is empty (others share it). */
  foundEmpty(now: number): void {
    this.#refill(now);
    for (const bucket of this.#buckets.slice(0, 1)) bucket.tokens = Math.min(bucket.tokens, 0);
  }

  /** Milliseconds in which the shortest window gains one request. */
  get gainMs(): number {
    const shortest = this.#buckets[0];
    return shortest === undefined ? 0 : shortest.periodMs / shortest.capacity;
  }

  #refill(now: number): void {
    for (const bucket of this.#buckets) {
      const gained = ((now - bucket.updatedAt) * bucket.capacity) / bucket.periodMs;
      bucket.tokens = Math.min(bucket.capacity, bucket.tokens + Math.max(0, gained));
      bucket.updatedAt = now;
    }
  }
}

function timeUntilNext(bucket: Bucket): number {
  return bucket.tokens >= 1 ? 0 : Math.ceil(((1 - bucket.tokens) * bucket.periodMs) / bucket.capacity);
}
