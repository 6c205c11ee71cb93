// Caddy's authority never gives up on a name: after a failed challenge it leaves the authorization pending for a day,
// and clients wait for minutes. A public authority says no at once. This stands before Caddy's and says it.
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface AcmeResource {
  status?: string;
  error?: unknown;
  challenges?: AcmeResource[];
}

/** RFC 8555, 7.1.6: an error makes a challenge invalid, and with it the authorization. */
export function withVerdict(resource: AcmeResource): AcmeResource {
  const own = resource.error ? { ...resource, status: "invalid" } : resource;
  if (!own.challenges) return own;
  const challenges = own.challenges.map(withVerdict);
  const failed = own.status === "pending" && challenges.some(({ status }) => status === "invalid");
  return { ...own, challenges, ...(failed && { status: "invalid" }) };
}

export interface Verdicts extends AsyncDisposable {
  /** On 127.0.0.1. */
  port: number;
}

export async function serveVerdicts(authorityPort: number, log: (line: string) => void): Promise<Verdicts> {
  const server = createServer((incoming, response) =>
    forward(incoming, response, authorityPort).catch((error: Error) => {
      log(`${incoming.method} ${incoming.url}: ${error.message}`);
      if (!response.headersSent) response.writeHead(502);
      response.end();
    }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(incoming: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
  const question = await bodyOf(incoming);
  const { method, url, headers } = incoming;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: "127.0.0.1", port, method, path: url, headers, agent: false }, resolve)
      .once("error", reject)
      .end(question);
  });
  const body = await bodyOf(answer);
  const judged = isJudged(url ?? "", answer)
    ? Buffer.from(JSON.stringify(withVerdict(JSON.parse(body.toString()))))
    : body;
  const { "transfer-encoding": _, connection: __, ...kept } = answer.headers;
  const length = method === "HEAD" ? {} : { "content-length": String(judged.length) };
  response.writeHead(answer.statusCode ?? 502, { ...kept, ...length }).end(judged);
}

const isJudged = (url: string, { statusCode, headers }: IncomingMessage): boolean =>
  statusCode === 200 &&
  /\/(authz|challenge)\//.test(url) &&
  (headers["content-type"] ?? "").startsWith("application/json");

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}
