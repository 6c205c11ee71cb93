import { once } from "node:events";
import type { Server } from "node:http";
import type { Machines } from "../machines.ts";
import { type Answer, lookup } from "./domains/lookup.ts";
import { LIMITS, type Limits } from "./http/rate-limit.ts";
import { createApiServer } from "./http/server.ts";
import { reconcile } from "./reconcile.ts";
import { openState } from "./state.ts";
import type { Twin } from "./twin.ts";

export interface ApiOptions {
  machines: Machines;
  /** state.json is kept here. */
  folder: string;
  addressPrefix: string;
  log: (line: string) => void;
  /** Taken if it is free; else any. */
  port?: number;
  /** What GET /_twin/ping says. */
  ping?: () => Record<string, unknown>;
  limits?: Limits;
  now?: () => number;
}

export interface Api extends AsyncDisposable {
  url: string;
}

/** The books and what needs nothing but them: names can be looked up before the server listens. */
export interface Books {
  lookup: (name: string, type: string) => Answer[];
  /** Brings the machines to where the books are, then listens on 127.0.0.1. */
  serve: () => Promise<Api>;
}

export function openApi(options: ApiOptions): Books {
  const { machines, folder, addressPrefix, log, now = Date.now, limits = LIMITS } = options;
  const { state, save } = openState(folder);
  const ending = new AbortController();
  const twin: Twin = {
    state,
    // Once it ends, the books are the next process's.
    save: () => {
      if (!ending.signal.aborted) save();
    },
    machines,
    addressPrefix,
    log,
    now,
    rulesInForce: new Map(),
    closing: ending.signal,
  };
  return {
    lookup: (name, type) => lookup(state, name, type),
    serve: async () => {
      await reconcile(twin);
      const server = createApiServer(twin, limits, options.ping ?? (() => ({})));
      const port = await listen(server, options.port);
      return {
        url: `http://127.0.0.1:${port}`,
        [Symbol.asyncDispose]: async () => {
          ending.abort();
          server.close();
          server.closeAllConnections();
        },
      };
    },
  };
}

async function listen(server: Server, wanted = 0): Promise<number> {
  server.listen(wanted, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    if (wanted === 0 || !(error instanceof Error && "code" in error && error.code === "EADDRINUSE"))
      throw error;
    return await listen(server);
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return address.port;
}
