// The last requests, so that a test can say what was called: no bodies, no tokens.
const KEPT = 1000;

export interface LoggedRequest {
  n: number;
  time: string;
  method: string;
  /** With its query. */
  path: string;
  status: number;
  /** The account's UUID; null where the token was no account's. */
  account: string | null;
}

export class RequestLog {
  #entries: LoggedRequest[] = [];
  #last = 0;

  add(entry: Omit<LoggedRequest, "n">): void {
    this.#last += 1;
    this.#entries = [...this.#entries, { n: this.#last, ...entry }].slice(-KEPT);
  }

  since(n: number): LoggedRequest[] {
    return this.#entries.filter((entry) => entry.n > n);
  }
}
