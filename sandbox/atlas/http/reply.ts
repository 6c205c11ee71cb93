import type { ServerResponse } from "node:http";

export interface Reply {
  status: number;
  /** undefined: no body at all. */
  body: { type: string; text: string } | undefined;
  headers: Record<string, string>;
}

export function json(value: unknown, status = 200): Reply {
  return { status, body: { type: "application/json", text: JSON.stringify(value) }, headers: {} };
}

export function success(message: string): Reply {
  return json({ success: true, message });
}

export function failure(status: number, message: string | null): Reply {
  return json({ success: false, message }, status);
}

export function empty(status: number, headers: Record<string, string> = {}): Reply {
  return { status, body: undefined, headers };
}

export function page(type: string, text: string, status = 200): Reply {
  return { status, body: { type, text }, headers: {} };
}

const SECURITY_HEADERS: [string, string | string[]][] = [
  ["Vary", ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"]],
  ["X-Content-Type-Options", "nosniff"],
  ["X-XSS-Protection", "0"],
  ["Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"],
  ["Pragma", "no-cache"],
  ["Expires", "0"],
  ["X-Frame-Options", "DENY"],
];

export function send(response: ServerResponse, reply: Reply, withBody: boolean): void {
  for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  if (reply.body === undefined) {
    response.setHeader("Content-Length", "0");
    response.writeHead(reply.status).end();
    return;
  }
  response.setHeader("Content-Type", reply.body.type);
  // The head goes out before the body is known, so the body is chunked like the original's.
  response.writeHead(reply.status);
  if (withBody) response.write(reply.body.text);
  response.end();
}
