// People who make work orders through the public door, whatever happens behind it, and remember what came of each.
import { setTimeout as delay } from "node:timers/promises";
import { type AtlasClient, AtlasError } from "../../../../client/index.ts";
import type { Ledger, Outcome } from "./ledger.ts";

const writers = 4;
/** Between two writes of one: what is to be seen is what happens to each, not how many there are. */
const pauseMs = 200;

export class WritingClient implements AsyncDisposable {
  private readonly client: AtlasClient;
  private readonly ledger: Ledger;
  private readonly name: string;
  private readonly ended: Promise<unknown>;
  private stopped = false;
  private number = 0;

  /** @param name begins every title */
  constructor(client: AtlasClient, ledger: Ledger, name: string) {
    this.client = client;
    this.ledger = ledger;
    this.name = name;
    this.ended = Promise.all(Array.from({ length: writers }, () => this.write()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true;
    await this.ended;
    await this.client.close();
  }

  private async write(): Promise<void> {
    while (!this.stopped) {
      this.number++;
      await record(this.client, this.ledger, `${this.name} ${this.number}`).catch(() => undefined);
      await delay(pauseMs);
    }
  }
}

/** Makes a work order and notes what is known of it. @returns its id */
export async function record(client: AtlasClient, ledger: Ledger, title: string): Promise<number> {
  ledger.begin(title);
  try {
    const { id } = await client.workOrders.create({ title });
    ledger.end({ title, outcome: "acknowledged", at: performance.now() });
    return id;
  } catch (error) {
    ledger.end({ title, outcome: outcomeOf(error), at: performance.now() });
    throw error;
  }
}

/** Only what the client is sure of counts as without effect. */
const outcomeOf = (error: unknown): Outcome =>
  error instanceof AtlasError && error.details.outcome === "none" ? "failed" : "unknown";
