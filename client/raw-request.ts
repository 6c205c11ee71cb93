import { jsonOf } from "./answers.ts";
import type { Calls } from "./calls.ts";
import { AtlasValidationError } from "./errors.ts";
import type { CallOptions, OperationName } from "./operation.ts";
import type { AtlasRequest } from "./sender.ts";

/** A request in the API's own words, for probes and for what has no operation yet. */
export interface RawRequest extends CallOptions {
  readonly method: AtlasRequest["method"];
  /** Below the base URL, starting with a slash. @example "/work-orders/7" */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * `user`: as the signed-in user, renewing the session like every call. `nobody`: without an Authorization header,
   * as the public calls need it. @default "user"
   */
  readonly as?: "user" | "nobody";
  /** True when sending it twice does no harm. @default true for GET and HEAD */
  readonly repeatable?: boolean;
}

/** An answer of any status, as it came: text is not unescaped. */
export interface RawAnswer {
  readonly status: number;
  /** 2xx. */
  readonly ok: boolean;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The JSON body; undefined when there is none or it is not JSON. */
  readonly body: unknown;
  readonly text: string;
}

/** Sends one request; resolves whatever the status is. */
export function rawRequest(calls: Calls, request: RawRequest): Promise<RawAnswer> {
  const name: OperationName = { name: "request", doing: `request ${request.method} ${request.path}` };
  return calls.run(name, request, async (operation) => {
    if (!request.path.startsWith("/")) {
      throw new AtlasValidationError(`Could not ${name.doing}: the path must start with a slash.`, {
        operation: name.name,
        faults: [{ name: "path", problem: "must start with a slash", value: request.path }],
        outcome: "none",
      });
    }
    const { method, body, headers, as } = request;
    const repeatable = request.repeatable ?? (method === "GET" || method === "HEAD");
    const path = request.path + queryString(request.query);
    const answer = await calls.answer(operation, { method, path, body, headers, repeatable }, as);
    const { status, text } = answer;
    return { status, ok: status >= 200 && status < 300, headers: answer.headers, body: jsonOf(answer), text };
  });
}

function queryString(query: RawRequest["query"]): string {
  if (query === undefined) return "";
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) parameters.set(key, String(value));
  return `?${parameters}`;
}
