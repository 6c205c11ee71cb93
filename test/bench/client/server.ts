// The server of the client's benchmark, in a process of its own: answers at once what Atlas answers, with records of real
// size and real bcrypt at sign-in, and counts what it was asked. Told over IPC; started by `startServer`.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { hashPassword, passwordMatches } from "../../../sandbox/atlas/auth/passwords.ts";
import { PASSWORD, page, refusal, tokens, USER } from "../../unit/client/fixtures.ts";
import { order } from "./order.ts";

/** What the server has counted since it was last asked. */
export interface Counts {
  signIns: number;
  requests: number;
  connections: number;
}
export type FromServer = { kind: "listening"; url: string } | { kind: "counts"; counts: Counts };

const hash = hashPassword(PASSWORD);
let counts: Counts = { signIns: 0, requests: 0, connections: 0 };
let stored: Record<string, unknown> | undefined;

const ORDER = JSON.stringify(order({ id: 1 }));
const NOT_FOUND = refusal(404, "Not found");

const server = createServer(async (request, response) => {
  counts.requests++;
  const path = request.url ?? "";
  const { status, body } = await answer(`${request.method} ${path}`, request);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
});
// The clients decide when a connection ends.
server.keepAliveTimeout = 120_000;
server.on("connection", () => counts.connections++);

async function answer(route: string, request: IncomingMessage): Promise<{ status: number; body: string }> {
  // The measured call: nothing but the answer.
  if (route === "GET /work-orders/1") return { status: 200, body: ORDER };
  const { status = 200, json } = await answerOnce(route, await bodyOf(request));
  return { status, body: JSON.stringify(json) };
}

/** What a whole validation asks, for one work order. */
async function answerOnce(
  route: string,
  body: Record<string, unknown>,
): Promise<{ status?: number; json?: unknown }> {
  switch (route) {
    case "POST /auth/signin":
      counts.signIns++;
      if (!(await passwordMatches(String(body.password), await hash)))
        return refusal(403, "Invalid credentials");
      return { json: tokens() };
    case "GET /health-check":
      return { json: { success: true, message: "up" } };
    case "GET /auth/me":
      return { json: USER };
    case "POST /work-orders":
      stored = order({ id: 2, description: null, ...body });
      return { json: stored };
    case "PATCH /work-orders/2":
      stored = { ...stored, ...body };
      return { json: stored };
    case "PATCH /work-orders/2/change-status":
      stored = { ...stored, ...body, completedOn: new Date().toISOString() };
      return { json: stored };
    case "GET /work-orders/2":
      return stored ? { json: stored } : NOT_FOUND;
    case "DELETE /work-orders/2":
      stored = undefined;
      return { json: { success: true, message: "Deleted successfully" } };
    case "POST /work-orders/search":
      return { json: page(stored ? [stored] : []) };
    case "POST /assets/search":
      return { json: page([]) };
    default:
      return NOT_FOUND;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : JSON.parse(text);
}

const tell = (message: FromServer) => process.send?.(message);

process.on("message", () => {
  tell({ kind: "counts", counts });
  counts = { signIns: 0, requests: 0, connections: 0 };
});
// The benchmark is gone: so is its server.
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", async () => {
  await hash;
  tell({ kind: "listening", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
