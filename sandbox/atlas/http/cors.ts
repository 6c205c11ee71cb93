import type { IncomingMessage } from "node:http";
import { empty, page, type Reply } from "./reply.ts";

export interface CorsSettings {
  /** false: every origin may call. */
  restricted: boolean;
  frontOrigin: string;
}

export type CorsVerdict = { reply: Reply } | { headers: Record<string, string> };

const METHODS = "HEAD,OPTIONS,GET,POST,PUT,PATCH,DELETE";

/** A call of a browser from another origin: refused, answered (preflight), or passed on with headers. */
export function checkCors(request: IncomingMessage, settings: CorsSettings): CorsVerdict {
  const origin = request.headers.origin;
  if (origin === undefined || isSameOrigin(origin, request)) return { headers: {} };
  if (settings.restricted && origin !== settings.frontOrigin) {
    return { reply: page("text/plain", "Invalid CORS request", 403) };
  }
  const headers = allowance(origin, settings);
  const wantedMethod = request.headers["access-control-request-method"];
  if (request.method !== "OPTIONS" || wantedMethod === undefined) return { headers };
  const wantedHeaders = request.headers["access-control-request-headers"];
  return {
    reply: empty(200, {
      ...headers,
      "Access-Control-Allow-Methods": settings.restricted ? METHODS : wantedMethod,
      ...(wantedHeaders === undefined ? {} : { "Access-Control-Allow-Headers": wantedHeaders }),
      "Access-Control-Max-Age": settings.restricted ? "3600" : "1800",
    }),
  };
}

function allowance(origin: string, settings: CorsSettings): Record<string, string> {
  if (!settings.restricted) return { "Access-Control-Allow-Origin": "*" };
  return { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" };
}

function isSameOrigin(origin: string, request: IncomingMessage): boolean {
  return origin === `http://${request.headers.host}`;
}
