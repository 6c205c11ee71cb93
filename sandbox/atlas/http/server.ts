import { lookup } from "node:dns/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { App } from "../app.ts";
import type { User } from "../auth/user-store.ts";
import { ApiError, EmptyRejection } from "./api-error.ts";
import { authenticate } from "./authenticate.ts";
import { clientIp } from "./client-ip.ts";
import { checkCors } from "./cors.ts";
import { faultReply } from "./faults.ts";
import { JsonObject } from "./json-object.ts";
import { empty, failure, page, type Reply, send } from "./reply.ts";
import { findRoute, isPublicPath, type Route } from "./router.ts";

const KEEP_ALIVE_MS = 60_000;

export function createHttpServer(app: App, routes: readonly Route[]): Server {
  const server = createServer((request, response) => {
    answer(app, routes, request).then(
      (reply) => send(response, reply, request.method !== "HEAD"),
      (fault: unknown) => {
        app.log.error(
          "com.grash.http",
          fault instanceof Error ? (fault.stack ?? fault.message) : String(fault),
        );
        response.destroy();
      },
    );
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

/** The filters in their order: origin, token, rate limit, access, and only then the handler. */
async function answer(app: App, routes: readonly Route[], request: IncomingMessage): Promise<Reply> {
  const cors = checkCors(request, {
    restricted: app.settings.cors,
    frontOrigin: app.settings.publicFrontUrl,
  });
  if ("reply" in cors) return cors.reply;
  try {
    const reply = await filtered(app, routes, request);
    return { ...reply, headers: { ...cors.headers, ...reply.headers } };
  } catch (fault) {
    if (fault instanceof EmptyRejection) return empty(403, cors.headers);
    const reply = faultReply(fault, app.log);
    return { ...reply, headers: { ...cors.headers, ...reply.headers } };
  }
}

async function filtered(app: App, routes: readonly Route[], request: IncomingMessage): Promise<Reply> {
  const url = new URL(`http://host${request.url?.startsWith("/") ? request.url : "/"}`);
  const path = url.pathname;
  const isStatic = path.startsWith("/images/");
  const user = isStatic ? undefined : await authenticate(app, request);
  const ip = await callerIp(app, request);
  if (!isWithinLimits(app, user, ip)) return tooManyRequests();
  if (!user && !isPublicPath(path)) return empty(403);
  return await dispatch(app, routes, request, url, user, ip);
}

async function dispatch(
  app: App,
  routes: readonly Route[],
  request: IncomingMessage,
  url: URL,
  user: User | undefined,
  ip: string,
): Promise<Reply> {
  const match = findRoute(routes, request.method ?? "GET", url.pathname);
  if (match.kind === "nothing") return failure(500, `No static resource ${url.pathname.slice(1)}.`);
  if (match.kind === "wrong method") {
    if (request.method === "OPTIONS") return empty(200, { Allow: [...match.allowed, "OPTIONS"].join(",") });
    return failure(405, `Request method '${request.method}' is not supported`);
  }
  if (!acceptsJson(request) && !/\.html$|^\/swagger-ui/.test(url.pathname)) return empty(403);
  return await match.route.handle({
    app,
    parameters: match.parameters,
    query: url.searchParams,
    user: permitted(match.route, user),
    ip,
    origin: `http://${request.headers.host ?? "localhost"}`,
    body: async (type) => JsonObject.parse(await readJson(request), type),
    form: () => readForm(request),
  });
}

/** Roles are checked before the handler runs, permissions inside it. */
function permitted(route: Route, user: User | undefined): User | undefined {
  const roleType = user?.role.roleType;
  if (route.access === "client" && roleType !== "ROLE_CLIENT") throw new ApiError(403, "Access is denied");
  if (route.access === "super" && roleType !== "ROLE_SUPER_ADMIN")
    throw new ApiError(403, "Access is denied");
  return user;
}

async function callerIp(app: App, request: IncomingMessage): Promise<string> {
  return await clientIp(
    request.socket.remoteAddress ?? "unknown",
    request.headersDistinct["x-forwarded-for"]?.[0],
    app.ingress,
    (host) =>
      lookup(host).then(
        () => true,
        () => false,
      ),
  );
}

function isWithinLimits(app: App, user: User | undefined, ip: string): boolean {
  if (!app.limits.enabled) return true;
  if (user) return app.limits.authenticated.tryConsume(`user:${user.id}`);
  return app.limits.anonymous.tryConsume(ip);
}

function tooManyRequests(): Reply {
  const body = { error: "Rate limit exceeded", message: "Too many requests. Please try again later." };
  return page("application/json;charset=UTF-8", JSON.stringify(body), 429);
}

function acceptsJson(request: IncomingMessage): boolean {
  const accept = request.headers.accept;
  if (accept === undefined || accept.trim() === "") return true;
  return accept
    .split(",")
    .some((range) => /^\s*(\*|application)\/(\*|json|([\w.-]+\+json))\s*(;|$)/i.test(range));
}

async function readJson(request: IncomingMessage): Promise<string> {
  const type = request.headers["content-type"] ?? "application/octet-stream";
  if (!/^\s*application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new ApiError(500, `Content-Type '${type}' is not supported`);
  }
  return (await readBody(request)).toString("utf8");
}

async function readForm(request: IncomingMessage): Promise<FormData> {
  const type = request.headers["content-type"] ?? "";
  if (!/^\s*multipart\//i.test(type)) throw new ApiError(500, "Current request is not a multipart request");
  const body = new Uint8Array(await readBody(request));
  try {
    return await new Response(body, { headers: { "content-type": type } }).formData();
  } catch (fault) {
    if (fault instanceof TypeError) throw new ApiError(500, "Failed to parse multipart servlet request");
    throw fault;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
