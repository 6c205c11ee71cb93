/** So many calls per period, regained continuously (one each period/capacity), never more than the capacity. */
export interface Bandwidth {
  capacity: number;
  periodMs: number;
}

interface Bucket {
  tokens: number[];
  refilledAt: number;
}

/** Token buckets in memory, one per key; a call needs a token of every bandwidth. */
export class RateLimiter {
  readonly #bandwidths: Bandwidth[];
  readonly #clock: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(bandwidths: Bandwidth[], clock: () => number) {
    this.#bandwidths = bandwidths;
    this.#clock = clock;
  }

  tryConsume(key: string): boolean {
    const bucket = this.#refilled(key);
    if (bucket.tokens.some((tokens) => tokens < 1)) return false;
    bucket.tokens = bucket.tokens.map((tokens) => tokens - 1);
    return true;
  }

  #refilled(key: string): Bucket {
    const now = this.#clock();
    const bucket = this.#buckets.get(key) ?? {
      tokens: this.#bandwidths.map(({ capacity }) => capacity),
      refilledAt: now,
    };
    const elapsed = Math.max(0, now - bucket.refilledAt);
    bucket.tokens = this.#bandwidths.map(({ capacity, periodMs }, index) =>
      Math.min(capacity, (bucket.tokens[index] ?? capacity) + (elapsed * capacity) / periodMs),
    );
    bucket.refilledAt = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
