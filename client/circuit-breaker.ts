export interface BreakerPolicy {
  /** Failures in a row that open it; Infinity never does. */
  readonly failures: number;
  /** And the row must be at least this long: a hiccup that retries get over must not cost other calls. */
  readonly patienceMs: number;
  /** How long it stays open before one request may find out whether Atlas is back. */
  readonly openMs: number;
}

/** What an attempt tells of Atlas: `unknown` for one that was ended from this side. */
export type Health = "up" | "down" | "unknown";

export type BreakerState =
  | { readonly kind: "closed" }
  | { readonly kind: "open"; readonly failures: number; readonly probeInMs: number }
  | { readonly kind: "probing"; readonly failures: number };

/**
 * Keeps calls from waiting for an Atlas that is known not to answer. Closed: everything passes. Open: nothing does.
 * After `openMs` one request passes as a probe; an answer closes the breaker, a failure opens it again.
 */
export class CircuitBreaker {
  readonly #policy: BreakerPolicy;
  #failures = 0;
  #failingSince: number | undefined;
  #openUntil: number | undefined;
  #probing = false;

  constructor(policy: BreakerPolicy) {
    this.#policy = policy;
  }

  /** @param now milliseconds since 1970, like all times here. `closed` also when the next request is to probe. */
  state(now: number): BreakerState {
    if (this.#openUntil === undefined) return { kind: "closed" };
    if (this.#probing) return { kind: "probing", failures: this.#failures };
    const probeInMs = this.#openUntil - now;
    return probeInMs > 0 ? { kind: "open", failures: this.#failures, probeInMs } : { kind: "closed" };
  }

  /** Runs an attempt, for which the state must be `closed`, and learns from its result; nothing from a rejection. */
  async watch<T>(attempt: () => Promise<T>, healthOf: (result: T) => Health, now: () => number): Promise<T> {
    const isProbe = this.#openUntil !== undefined;
    if (isProbe) this.#probing = true;
    const startedAt = now();
    try {
      const result = await attempt();
      const health = healthOf(result);
      if (health === "up") this.#close();
      if (health === "down") this.#fail(isProbe, startedAt, now());
      return result;
    } finally {
      if (isProbe) this.#probing = false;
    }
  }

  #close(): void {
    this.#failures = 0;
    this.#failingSince = undefined;
    this.#openUntil = undefined;
  }

  #fail(isProbe: boolean, startedAt: number, now: number): void {
    const { failures, patienceMs, openMs } = this.#policy;
    // What was sent before it opened tells nothing new.
    if (this.#openUntil !== undefined && !isProbe) return;
    this.#failures += 1;
    this.#failingSince ??= startedAt;
    if (this.#failures < failures || now - this.#failingSince < patienceMs) return;
    this.#openUntil = now + openMs;
  }
}
