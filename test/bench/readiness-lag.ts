// How long after a booting backend first answers through the public door the client notices it.
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { waitUntilReady } from "../../client/index.ts";
import { freePorts } from "../../sandbox/free-port.ts";
import { median, seconds, table } from "./numbers.ts";

/** Median of seconds between the first possible 200 and the client's return. */
export async function readinessLagSeconds(runs: number, signal: AbortSignal): Promise<number> {
  const lags: number[] = [];
  for (let run = 1; run <= runs; run++) {
    lags.push(await measureLag(signal));
    console.log(`  boot ${run} of ${runs}: noticed after ${seconds(lags.at(-1) ?? 0)}`);
  }
  const head = ["", ...lags.map((_, index) => `boot ${index + 1}`), "median"];
  console.log(
    `\nReadiness\n${table([head, ["noticed after", ...lags.map(seconds), seconds(median(lags))]])}`,
  );
  return median(lags) / 1000;
}

/** At first the port is closed; then the proxy is there and answers 502; then the backend behind it listens. */
async function measureLag(signal: AbortSignal): Promise<number> {
  const [doorPort = 0, backendPort = 0] = await freePorts(2);
  const backend = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ success: true, message: "up" }));
  });
  const door = proxyTo(backendPort);
  try {
    const returned = waitUntilReady({ baseUrl: `http://127.0.0.1:${doorPort}/api`, signal }).then(() =>
      performance.now(),
    );
    const answers = boot(door, doorPort, backend, backendPort, signal);
    const [at, since] = await Promise.all([returned, answers]);
    return at - since;
  } finally {
    for (const server of [door, backend]) {
      server.closeAllConnections();
      if (server.listening) server.close();
    }
  }
}

/** @returns when the backend can first be reached through the door */
async function boot(
  door: Server,
  doorPort: number,
  backend: Server,
  backendPort: number,
  signal: AbortSignal,
): Promise<number> {
  await delay(300 + Math.random() * 1000, undefined, { signal });
  await listen(door, doorPort);
  await delay(500 + Math.random() * 2500, undefined, { signal });
  await listen(backend, backendPort);
  return performance.now();
}

/** As the real proxy: 502 while nobody listens behind it. */
const proxyTo = (port: number): Server =>
  createServer((incoming, outgoing) => {
    const path = incoming.url?.replace(/^\/api/, "");
    request({ host: "127.0.0.1", port, path, method: incoming.method }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    })
      .on("error", () => outgoing.writeHead(502).end())
      .end();
  });

async function listen(server: Server, port: number): Promise<AddressInfo["port"]> {
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(port, "127.0.0.1", listening.resolve);
  await listening.promise;
  return port;
}
