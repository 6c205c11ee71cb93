import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export interface Reply {
  /** @default 200 */
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
  /** `reset`: hangs up without an answer; `truncate`: hangs up in the midst of the body; `hang`: never answers. */
  readonly fault?: "reset" | "truncate" | "hang";
}

export type Script = Reply | ((request: Received) => Reply | Promise<Reply>);

/** An HTTP server on a real socket that answers as a test tells it and remembers what it was asked. */
export class ScriptedServer implements AsyncDisposable {
  readonly received: Received[] = [];
  /** How many were opened so far. */
  connections = 0;
  readonly #scripts = new Map<string, Script[]>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    server.#server.on("connection", () => {
      server.connections += 1;
    });
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Scripts the answers to e.g. `GET /auth/me` one after the other; the last one stays. Queries are ignored. */
  on(route: string, ...scripts: Script[]): this {
    this.#scripts.set(route, scripts);
    return this;
  }

  /** How often a route was asked. */
  count(route: string): number {
    return this.requests(route).length;
  }

  requests(route: string): Received[] {
    return this.received.filter(({ method, path }) => `${method} ${path.split("?")[0]}` === route);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await read(request);
    this.received.push(received);
    const route = `${received.method} ${received.path.split("?")[0]}`;
    const scripts = this.#scripts.get(route) ?? [
      { status: 404, json: { message: `no script for ${route}` } },
    ];
    const script = scripts.length > 1 ? scripts.shift() : scripts[0];
    const reply = typeof script === "function" ? await script(received) : (script ?? {});
    write(reply, response);
  }
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

function write(reply: Reply, response: ServerResponse): void {
  if (reply.fault === "hang") return;
  if (reply.fault === "reset") {
    response.socket?.destroy();
    return;
  }
  const body = reply.json === undefined ? (reply.text ?? "") : JSON.stringify(reply.json);
  const type = reply.json === undefined ? "text/plain" : "application/json";
  response.writeHead(reply.status ?? 200, { "content-type": type, ...reply.headers });
  if (reply.fault === "truncate") {
    response.write(body.slice(0, 10), () => response.socket?.destroy());
    return;
  }
  response.end(body);
}
