import { Agent, type Dispatcher } from "undici";

/** Requests a minute, and as many at once (atlas-api 6: 100 of a user, 20 without a session of an address). */
export interface Allowance {
  readonly signedIn: number;
  readonly anonymous: number;
}

interface Sent {
  /** Method and path below the base URL, e.g. `POST /auth/signin`. */
  readonly route: string;
  readonly who: keyof Allowance;
}

/** What all clients of the suite send: counted on its way out, and held back to the allowance. */
export class Traffic {
  readonly dispatcher: Dispatcher;
  readonly #agent = new Agent();
  readonly #sent: Sent[] = [];

  constructor(baseUrl: string, allowance: Allowance) {
    const prefix = new URL(baseUrl).pathname.replace(/\/+$/, "");
    const paces = { signedIn: pace(allowance.signedIn), anonymous: pace(allowance.anonymous) };
    this.dispatcher = this.#agent.compose((dispatch) => (request, handler) => {
      const who = showsWho(request.headers) ? "signedIn" : "anonymous";
      const route = `${request.method} ${request.path.slice(prefix.length).split("?")[0]}`;
      this.#sent.push({ route, who });
      setTimeout(() => dispatch(request, handler), paces[who]());
      return true;
    });
  }

  count(route: string): number {
    return this.#sent.filter((sent) => sent.route === route).length;
  }

  total(who?: keyof Allowance): number {
    return this.#sent.filter((sent) => who === undefined || sent.who === who).length;
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

/** A token bucket as Atlas has them. @returns milliseconds until the next request may go out; each call takes a turn */
function pace(perMinute: number): () => number {
  const gapMs = 60_000 / perMinute;
  // When the bucket would be full again, did nobody take anything.
  let fullAt = Date.now();
  return () => {
    const now = Date.now();
    fullAt = Math.max(fullAt, now) + gapMs;
    return Math.max(0, fullAt - now - perMinute * gapMs);
  };
}

function showsWho(headers: unknown): boolean {
  if (typeof headers !== "object" || headers === null) return false;
  return "authorization" in headers || "x-api-key" in headers;
}
