// Somebody who uses Atlas while a deployment goes on: asks it without end and remembers what went wrong.
import { setTimeout as delay } from "node:timers/promises";
import type { AtlasClient } from "../../../client/index.ts";
import type { DropletStack } from "./droplet-stack.ts";

export class WatchingClient implements AsyncDisposable {
  private readonly client: AtlasClient;
  private readonly failed: string[] = [];
  private asked = 0;
  private stopped = false;
  private loop: Promise<void> = Promise.resolve();

  private constructor(client: AtlasClient) {
    this.client = client;
  }

  static async start(stack: DropletStack): Promise<WatchingClient> {
    const client = await stack.client({ maxRetries: 0, circuitBreaker: false });
    await client.signIn();
    const watcher = new WatchingClient(client);
    watcher.loop = watcher.watch();
    return watcher;
  }

  /** What went wrong so far. @throws Error when nothing was asked */
  async failures(): Promise<string[]> {
    if (this.asked < 3) throw new Error(`only ${this.asked} requests were sent`);
    return this.failed;
  }

  async answersNow(): Promise<boolean> {
    return (await this.ask()) === undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true;
    await this.loop;
    await this.client.close();
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      const answer = await this.ask();
      this.asked++;
      if (answer) this.failed.push(answer);
      // Atlas allows a user 100 requests a minute.
      await delay(800);
    }
  }

  /** What went wrong, or nothing. */
  private ask(): Promise<string | undefined> {
    return this.client.me().then(
      () => undefined,
      (error: Error) => error.message,
    );
  }
}
