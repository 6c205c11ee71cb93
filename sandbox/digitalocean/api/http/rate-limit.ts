// The original's limits of one token: a rolling hour, and a minute against bursts.
import { ApiError } from "./errors.ts";

export interface Limits {
  perHour: number;
  perMinute: number;
  keyListingsPerMinute: number;
}

export const LIMITS: Limits = { perHour: 5000, perMinute: 250, keyListingsPerMinute: 10 };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export class RateLimiter {
  readonly #limits: Limits;
  readonly #now: () => number;
  /** Times of the counted requests of the last hour, oldest first. */
  #requests: number[] = [];
  #keyListings: number[] = [];

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** @throws ApiError 429; such a request is not counted */
  count(listsKeys: boolean): void {
    const now = this.#now();
    this.#requests = this.#requests.filter((time) => time > now - HOUR);
    this.#keyListings = this.#keyListings.filter((time) => time > now - MINUTE);
    const lastMinute = this.#requests.filter((time) => time > now - MINUTE);
    if (this.#requests.length >= this.#limits.perHour) throw tooMany({});
    if (lastMinute.length >= this.#limits.perMinute) throw tooMany(retryAfter(lastMinute[0], now));
    if (listsKeys && this.#keyListings.length >= this.#limits.keyListingsPerMinute)
      throw tooMany(retryAfter(this.#keyListings[0], now));
    this.#requests.push(now);
    if (listsKeys) this.#keyListings.push(now);
  }

  headers(): Record<string, string> {
    const oldest = this.#requests[0] ?? this.#now();
    return {
      "ratelimit-limit": String(this.#limits.perHour),
      "ratelimit-remaining": String(Math.max(0, this.#limits.perHour - this.#requests.length)),
      "ratelimit-reset": String(Math.ceil((oldest + HOUR) / 1000)),
    };
  }
}

const tooMany = (headers: Record<string, string>) =>
  new ApiError(429, "too_many_requests", "API rate limit exceeded.", headers);

const retryAfter = (oldest: number | undefined, now: number) => ({
  "retry-after": String(Math.max(1, Math.ceil(((oldest ?? now) + MINUTE - now) / 1000))),
});
