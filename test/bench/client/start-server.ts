import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Counts, FromServer } from "./server.ts";

export interface BenchServer extends AsyncDisposable {
  readonly url: string;
  /** What the server has counted since the last time it was asked. */
  counts(): Promise<Counts>;
}

/** Starts the benchmark's server in a process of its own, so that it does not share the event loop. */
export async function startServer(): Promise<BenchServer> {
  const child = fork(path.join(import.meta.dirname, "server.ts"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const message = async (): Promise<FromServer> => {
    const stopped = new AbortController();
    const ended = once(child, "exit", { signal: stopped.signal }).then(([code]) => {
      throw new Error(`the benchmark's server ended with exit code ${code}`);
    });
    try {
      const [told] = await Promise.race([once(child, "message", { signal: stopped.signal }), ended]);
      return told;
    } finally {
      stopped.abort();
      await ended.catch(() => undefined);
    }
  };
  const first = await message();
  if (first.kind !== "listening") throw new Error("the benchmark's server did not say where it listens");
  return {
    url: first.url,
    async counts() {
      const told = message();
      child.send("counts");
      const counted = await told;
      if (counted.kind !== "counts") throw new Error("the benchmark's server did not tell its counts");
      return counted.counts;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
