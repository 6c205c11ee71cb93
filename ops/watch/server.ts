// What a deployment tells over HTTP, on a private address: /metrics, /health, /ready and the status page.
import { createServer, type ServerResponse } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Deployment } from "../deployment.ts";
import { type Log, messageOf } from "../log.ts";
import type { Condition } from "./condition.ts";
import { look } from "./look.ts";
import { metricsText, metricsType } from "./metrics.ts";
import { statusPage } from "./page.ts";
import { summary } from "./report.ts";

/** A look costs seconds: whoever asks sooner gets what was seen. */
const maxAgeMs = 30_000;

export interface ServeOptions {
  /** A loopback or private address: whoever reaches it sees how the deployment is, without signing in. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Ends it. */
  signal: AbortSignal;
  log: Log;
  /** What there is to show; a look at the deployment where it is missing. */
  condition?: () => Promise<Condition>;
}

export interface StatusServer {
  url: string;
  /** What the pages show; a new look where that is older than 30 s. */
  current(): Promise<Condition>;
  /** Once the signal has ended it. */
  closed: Promise<void>;
}

/** @throws Error where the address is public, or taken */
export async function serve(deployment: Deployment, options: ServeOptions): Promise<StatusServer> {
  const { host, port, signal, log, condition = () => look(deployment) } = options;
  if (!isPrivate(host))
    throw new Error(`${host} is not a private address: anybody could look in; next: serve on 127.0.0.1`);
  const current = cached(condition);
  const server = createServer((request, response) => {
    const head = request.method === "HEAD";
    if (!head && request.method !== "GET") {
      send(response, { status: 405, body: "only GET and HEAD\n", headers: { allow: "GET, HEAD" } }, head);
      return;
    }
    const [path = "/"] = (request.url ?? "/").split("?");
    answer(path, current).then(
      (reply) => send(response, reply, head),
      (error: unknown) => {
        log.error(`${path} could not be answered: ${messageOf(error)}`);
        send(response, { status: 500, body: "the watch failed; its log tells why\n" }, head);
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  const end = () => {
    server.close();
    server.closeAllConnections();
  };
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  return { url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${bound}`, current, closed };
}

interface Reply {
  status: number;
  body: string;
  type?: string;
  headers?: Record<string, string>;
}

async function answer(path: string, current: () => Promise<Condition>): Promise<Reply> {
  switch (path) {
    case "/":
      return { status: 200, body: statusPage(await current()), type: "text/html; charset=utf-8" };
    case "/metrics":
      return {
        status: 200,
        body: await metricsText(await current(), new Date().toISOString()),
        type: metricsType,
      };
    case "/health":
      return { status: 200, body: "the watch answers\n" };
    case "/ready":
      return readiness(await current());
    default:
      return { status: 404, body: "there are /, /metrics, /health and /ready\n" };
  }
}

/** Ready is what has no bad part, and no container that is still starting. */
function readiness(condition: Condition): Reply {
  const { containers } = condition.observation;
  const starting =
    "value" in containers ? containers.value.filter(({ health }) => health === "starting") : [];
  const wanting = [
    ...condition.parts
      .filter(({ verdict }) => verdict === "bad")
      .map(({ title, why }) => `${title}: ${why}\n`),
    ...starting.map(({ service }) => `${service}: is starting\n`),
  ];
  return wanting.length === 0
    ? { status: 200, body: `ready, ${summary(condition)}\n` }
    : { status: 503, body: `not ready\n${wanting.join("")}` };
}

function send(response: ServerResponse, { status, body, type, headers }: Reply, head: boolean): void {
  response.writeHead(status, {
    "content-type": type ?? "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // Whatever a name holds: the browser fetches and runs nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ...headers,
  });
  response.end(head ? undefined : body);
}

/** Of several that ask at once, one looks and the others wait for it. */
function cached(look: () => Promise<Condition>): () => Promise<Condition> {
  let last: { looked: Promise<Condition>; at: number } | undefined;
  return () => {
    if (last && performance.now() - last.at < maxAgeMs) return last.looked;
    const looked = look();
    // Not old before it has ended.
    const mine = { looked, at: Number.POSITIVE_INFINITY };
    last = mine;
    looked.then(
      () => {
        mine.at = performance.now();
      },
      () => {
        last = undefined;
      },
    );
    return looked;
  };
}

const privateAddresses = new BlockList();
privateAddresses.addSubnet("127.0.0.0", 8);
privateAddresses.addSubnet("10.0.0.0", 8);
privateAddresses.addSubnet("172.16.0.0", 12);
privateAddresses.addSubnet("192.168.0.0", 16);
// Overlay networks between machines (RFC 6598).
privateAddresses.addSubnet("100.64.0.0", 10);
privateAddresses.addAddress("::1", "ipv6");
privateAddresses.addSubnet("fc00::", 7, "ipv6");

/** Not a name: what it stands for may change. */
export const isPrivate = (host: string): boolean =>
  isIP(host) !== 0 && privateAddresses.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
