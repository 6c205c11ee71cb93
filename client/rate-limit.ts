/** At most `capacity` requests at once, refilled evenly over `periodMs` (as Atlas counts, atlas-api 6). */
export interface RateWindow {
  readonly capacity: number;
  readonly periodMs: number;
}

/** A server that asks for more is not believed. */
const LONGEST_PAUSE_MS = 3_600_000;

interface Bucket extends RateWindow {
  tokens: number;
  updatedAt: number;
}

/** A 429, which the server's bucket gave although there was a token in this one: others draw on the same bucket. */
export interface Refusal {
  readonly now: number;
  /** When the refused request was sent. */
  readonly sentAt: number;
  /** What the server's Retry-After asked for; Atlas itself sends none. */
  readonly retryAfterMs?: number;
}

/** Token buckets that must all agree. Tokens are reserved in the order of asking; `reserve` never sleeps itself. */
export class RateLimiter {
  readonly #buckets: Bucket[];
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Which window the server's refusals in a row have come to: 1 is the shortest, 0 none. */
  #refusedBy = 0;
  #closedUntil = 0;

  /** @param windows shortest first. */
  constructor(windows: readonly RateWindow[], now: number) {
    this.#buckets = windows.map((window) => ({ ...window, tokens: window.capacity, updatedAt: now }));
  }

  /**
   * Takes one token that is due in at most `maxWaitMs`.
   * @returns milliseconds to wait before sending, and whether the token was taken (not when the wait is too long).
   */
  reserve(now: number, maxWaitMs: number): { readonly waitMs: number; readonly taken: boolean } {
    const waitMs = this.waitMs(now);
    if (waitMs > maxWaitMs) return { waitMs, taken: false };
    for (const bucket of this.#buckets) bucket.tokens -= 1;
    return { waitMs, taken: true };
  }

  /** Milliseconds until a token is due. */
  waitMs(now: number): number {
    this.#refill(now);
    return Math.max(0, this.#closedUntil - now, ...this.#buckets.map(timeUntilNext));
  }

  /** Gives back a token that was not used. */
  giveBack(): void {
    for (const bucket of this.#buckets) bucket.tokens = Math.min(bucket.capacity, bucket.tokens + 1);
  }

  /** Milliseconds of the pause that the last refusal imposes on all callers. */
  pauseMs(now: number): number {
    return Math.max(0, this.#closedUntil - now);
  }

  /** The server took a request that was sent at `sentAt`. */
  accepted(sentAt: number): void {
    if (sentAt > this.#refusedAt) this.#refusedBy = Math.max(0, this.#refusedBy - 1);
  }

  /**
   * The server said 429: its shortest window is empty. When the next request, sent after that regained one, is refused
   * too, the next longer window must be the empty one. All callers pause until that window regains a request, or as
   * long as Retry-After says (within reason).
   */
  refused({ now, sentAt, retryAfterMs }: Refusal): void {
    const [shortest] = this.#buckets;
    if (shortest === undefined) return;
    this.#refill(now);
    shortest.tokens = Math.min(shortest.tokens, 0);
    // Those that were under way together say the same thing.
    if (sentAt > this.#refusedAt) this.#refusedBy = Math.min(this.#refusedBy + 1, this.#buckets.length);
    this.#refusedAt = now;
    const { periodMs, capacity } = this.#buckets[this.#refusedBy - 1] ?? shortest;
    const pause = Math.min(retryAfterMs ?? periodMs / capacity, LONGEST_PAUSE_MS);
    this.#closedUntil = Math.max(this.#closedUntil, now + pause);
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
