import { type Clock, unlessAborted } from "./clock.ts";
import { AtlasApiError, AtlasError } from "./errors.ts";

const REMEMBERED_IDS = 2_000;
const LOOKS_AFTER_MS = [0, 1_000, 2_000];

export interface Creation<T> {
  /** Records with the same key can be taken for each other: a title, a name. */
  readonly key: string;
  /** Sends the request that creates. */
  create(): Promise<T>;
  /** Records that look like the one asked for and were made since then, newest last. */
  lookFor(): Promise<T[]>;
}

/**
 * Makes a lost answer to a create harmless. Atlas has no idempotency key, so a request whose answer was lost is never
 * repeated; what it made is looked for instead: same creator, same content, made since the request was sent, and not an
 * id that this client already got from another create. When nothing is found (it may still be under way), the error
 * stays, with outcome `unknown`.
 */
export class LostCreations<T extends { id: number }> {
  readonly #known = new Set<number>();
  readonly #sending = new Map<string, Set<Promise<unknown>>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @throws AtlasApiError with outcome `unknown` when the answer was lost and nothing was found.
   */
  async create(creation: Creation<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.#tracked(creation);
    } catch (cause) {
      if (!(cause instanceof AtlasApiError) || cause.details.outcome !== "unknown") throw cause;
      const found = await this.#find(creation, signal).catch((second: unknown) => {
        throw second instanceof AtlasError ? stillUnknown(cause, second) : second;
      });
      if (found === undefined) throw cause;
      return found;
    }
  }

  async #find(creation: Creation<T>, signal: AbortSignal): Promise<T | undefined> {
    for (const pause of LOOKS_AFTER_MS) {
      await this.#clock.sleep(pause, signal);
      const alike = await creation.lookFor();
      // Those that are still being sent may be about to learn the very id that was found.
      await unlessAborted(Promise.allSettled(this.#sending.get(creation.key) ?? []), signal);
      const found = alike.find(({ id }) => !this.#known.has(id));
      if (found === undefined) continue;
      this.#remember(found.id);
      return found;
    }
    return undefined;
  }

  async #tracked(creation: Creation<T>): Promise<T> {
    const sent = creation.create().then((made) => {
      this.#remember(made.id);
      return made;
    });
    const siblings = this.#sending.get(creation.key) ?? new Set();
    this.#sending.set(creation.key, siblings.add(sent));
    try {
      return await sent;
    } finally {
      siblings.delete(sent);
      if (siblings.size === 0) this.#sending.delete(creation.key);
    }
  }

  #remember(id: number): void {
    this.#known.add(id);
    for (const oldest of this.#known) {
      if (this.#known.size <= REMEMBERED_IDS) break;
      this.#known.delete(oldest);
    }
  }
}

function stillUnknown(lost: AtlasApiError, look: AtlasError): AtlasApiError {
  return new AtlasApiError(`${lost.message} Looking for it failed too: ${look.message}`, lost.details, {
    cause: new AggregateError([lost, look]),
  });
}
