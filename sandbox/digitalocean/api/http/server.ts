// From a request on the wire to an answer on the wire.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { accountOf } from "../account.ts";
import { failOnPurpose } from "../faults.ts";
import { enforceFirewalls } from "../firewalls/enforce.ts";
import { KEY_LISTING } from "../keys.ts";
import { apiRoutes } from "../routes.ts";
import { type Account, newAccount } from "../state.ts";
import { type Twin, timestamp } from "../twin.ts";
import { faultRoutes, openRoutes } from "../twin-routes.ts";
import type { Call } from "./call.ts";
import { ApiError, notFound, serverError } from "./errors.ts";
import { type Limits, RateLimiter } from "./rate-limit.ts";
import type { Reply } from "./reply.ts";
import { RequestLog } from "./request-log.ts";
import { findRoute, type Route } from "./router.ts";

const MAX_BODY = 1024 * 1024;

interface Answer extends Partial<Reply> {
  status: number;
  headers: Record<string, string>;
}

export function createApiServer(twin: Twin, limits: Limits, ping: () => Record<string, unknown>): Server {
  const limiters = new Map<Account, RateLimiter>();
  const log = new RequestLog();
  const limiterOf = (account: Account): RateLimiter => {
    const limiter = limiters.get(account) ?? new RateLimiter(limits, twin.now);
    limiters.set(account, limiter);
    return limiter;
  };
  const twinRoutes = openRoutes(log, ping);

  return createServer(async (request, response) => {
    const id = randomUUID();
    const method = request.method ?? "GET";
    const url = urlOf(request);
    let account: Account | undefined;
    const answer = await answering(twin, id, async () => {
      const open = findRoute(twinRoutes, method, url.pathname);
      if (open) return { ...(await handle(twin, request, url, nobody, open)), headers: {} };
      account = accountOf(twin, request.headers.authorization);
      return await answerFor(twin, request, url, account, limiterOf(account));
    });
    if (!url.pathname.startsWith("/_twin/"))
      log.add({
        time: timestamp(twin),
        method,
        path: url.pathname + url.search,
        status: answer.status,
        account: account?.uuid ?? null,
      });
    send(response, method, id, answer);
  });
}

/** As the original does it: who calls, whether that is too often, and only then what for. */
async function answerFor(
  twin: Twin,
  request: IncomingMessage,
  url: URL,
  account: Account,
  limiter: RateLimiter,
): Promise<Answer> {
  const method = request.method ?? "GET";
  const ofFaults = findRoute(faultRoutes, method, url.pathname);
  if (ofFaults) return { ...(await handle(twin, request, url, account, ofFaults)), headers: {} };
  try {
    limiter.count(method === "GET" && url.pathname === KEY_LISTING);
    failOnPurpose(account, method, url.pathname, twin.now());
    const match = findRoute(apiRoutes, method, url.pathname);
    if (!match) throw notFound();
    return { ...(await handle(twin, request, url, account, match)), headers: limiter.headers() };
  } catch (error) {
    if (error instanceof ApiError) Object.assign(error.headers, limiter.headers());
    throw error;
  }
}

async function handle(
  twin: Twin,
  request: IncomingMessage,
  url: URL,
  account: Account,
  { route, parameters }: { route: Route; parameters: Record<string, string> },
): Promise<Reply> {
  const body = await readAll(request);
  const call: Call = { twin, account, parameters, query: url.searchParams, url, body };
  const reply = await route.handle(call);
  if (route.method === "GET") return reply;
  // In the books before anybody is told; and the machines follow before a caller looks.
  twin.save();
  await enforceFirewalls(twin, account);
  return reply;
}

/** What went wrong, in the original's shape; what nobody meant to go wrong is in the log. */
async function answering(twin: Twin, id: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError))
      twin.log(`Request ${id} failed: ${error instanceof Error ? error.stack : error}`);
    const { status, id: kind, message, headers } = error instanceof ApiError ? error : serverError();
    return { status, body: { id: kind, message, request_id: id }, headers };
  }
}

function send(response: ServerResponse, method: string, id: string, { status, body, headers }: Answer): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    ...(body !== undefined && { "content-type": "application/json; charset=utf-8" }),
    ...(status !== 204 && { "content-length": String(Buffer.byteLength(text)) }),
    "x-request-id": id,
    ...headers,
  });
  response.end(method === "HEAD" ? undefined : text);
}

function urlOf(request: IncomingMessage): URL {
  const host = /^[\w.:[\]-]+$/.test(request.headers.host ?? "") ? request.headers.host : "127.0.0.1";
  const base = `http://${host}`;
  const path = request.url?.replace(/^\/+/, "/") ?? "/";
  return URL.canParse(path, base) ? new URL(path, base) : new URL(base);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY)
      throw new ApiError(413, "request_entity_too_large", "The request body is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Stands in for the caller where no account is looked at. */
const nobody = newAccount({ uuid: "", number: 0, created_at: "", projects: [] });
