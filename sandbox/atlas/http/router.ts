import type { App } from "../app.ts";
import type { User } from "../auth/user-store.ts";
import { ApiError } from "./api-error.ts";
import type { JsonObject } from "./json-object.ts";
import type { Reply } from "./reply.ts";

/** `public`: nobody needs to be signed in; `signed-in`: any user; `client`: not the super admin; `super`: only it. */
export type Access = "public" | "signed-in" | "client" | "super";

export interface Call {
  app: App;
  parameters: Record<string, string>;
  query: URLSearchParams;
  user: User | undefined;
  ip: string;
  /** Scheme and host as the caller wrote them. */
  origin: string;
  body(type: string): Promise<JsonObject>;
  /** A multipart body. */
  form(): Promise<FormData>;
}

export interface Route {
  method: string;
  path: string;
  access: Access;
  handle(call: Call): Promise<Reply>;
}

export function route(method: string, path: string, access: Access, handle: Route["handle"]): Route {
  return { method, path, access, handle };
}

export type Match =
  | { kind: "route"; route: Route; parameters: Record<string, string> }
  | { kind: "wrong method"; allowed: string[] }
  | { kind: "nothing" };

/** The route of a path; literal segments win over parameters. */
export function findRoute(routes: readonly Route[], method: string, path: string): Match {
  const wanted = method === "HEAD" ? "GET" : method;
  const candidates = routes.flatMap((candidate) => {
    const parameters = matchPath(candidate.path, path);
    return parameters ? [{ route: candidate, parameters }] : [];
  });
  const [best] = candidates
    .filter((candidate) => candidate.route.method === wanted)
    .sort((one, other) => Object.keys(one.parameters).length - Object.keys(other.parameters).length);
  if (best) return { kind: "route", ...best };
  if (candidates.length === 0) return { kind: "nothing" };
  return { kind: "wrong method", allowed: candidates.map((candidate) => candidate.route.method) };
}

/** Paths that the security filters let pass without a token, whether or not something answers there. */
export function isPublicPath(path: string): boolean {
  return PUBLIC.some((pattern) => pattern.test(path));
}

const PUBLIC = [
  /^\/auth\/(signin|signup|refresh|activate-account|reset-pwd-confirm)$/,
  /^\/auth\/resetpwd(\/|$)/,
  /^\/(health-check|license\/state|instance-config|subscription-plans|demo\/generate-account)$/,
  /^\/(images|ws|webhooks|swagger-ui|v3\/api-docs)(\/|$)/,
  /^\/(swagger-ui|api-docs)\.html$/,
  /^\/(request-portals\/public|requests\/portal)\/[^/]+$/,
];

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith(":") && value !== "") parameters[segment.slice(1)] = decodeURIComponent(value);
    else if (segment !== value) return undefined;
  }
  return parameters;
}

export function idParameter(call: Call, name = "id"): number {
  return toLong(call.parameters[name] ?? "", name);
}

export function idQuery(call: Call, name: string): number {
  const value = call.query.get(name);
  if (value === null) {
    throw new ApiError(
      500,
      `Required request parameter '${name}' for method parameter type Long is not present`,
    );
  }
  return toLong(value, name);
}

function toLong(text: string, name: string): number {
  if (/^[+-]?\d{1,18}$/.test(text)) return Number(text);
  throw new ApiError(
    500,
    `Method parameter '${name}': Failed to convert value of type 'java.lang.String' to required type ` +
      `'java.lang.Long'; For input string: "${text}"`,
  );
}

/** The caller of a route that is not public. */
export function callerOf(call: Call): User {
  if (call.user) return call.user;
  throw new ApiError(403, "Access Denied");
}
