// Somebody who uses Atlas while a deployment goes on: asks it without end and remembers what went wrong.
import { setTimeout as delay } from "node:timers/promises";
import { type Agent, fetch } from "undici";
import type { DropletStack } from "./droplet-stack.ts";

export class WatchingClient implements AsyncDisposable {
  private readonly way: Agent;
  private readonly url: string;
  private readonly failed: string[] = [];
  private asked = 0;
  private stopped = false;
  private loop: Promise<void> = Promise.resolve();

  private constructor(way: Agent, url: string) {
    this.way = way;
    this.url = url;
  }

  static async start(stack: DropletStack): Promise<WatchingClient> {
    const { apiUrl } = await stack.outputs();
    const watcher = new WatchingClient(await stack.way(), `${apiUrl}/health-check`);
    watcher.loop = watcher.watch();
    return watcher;
  }

  /** What went wrong so far. @throws Error when nothing was asked */
  async failures(): Promise<string[]> {
    if (this.asked < 5) throw new Error(`only ${this.asked} requests were sent`);
    return this.failed;
  }

  async answersNow(): Promise<boolean> {
    return (await this.ask()) === "200";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true;
    await this.loop;
    await this.way.destroy();
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      const answer = await this.ask();
      this.asked++;
      if (answer !== "200") this.failed.push(answer);
      await delay(200);
    }
  }

  private ask(): Promise<string> {
    return fetch(this.url, { dispatcher: this.way, signal: AbortSignal.timeout(5000) }).then(
      async (response) => {
        await response.body?.cancel();
        return String(response.status);
      },
      (error: Error) => String(error.cause ?? error),
    );
  }
}
