import type { Call } from "./call.ts";
import type { Reply } from "./reply.ts";

export type Handler = (call: Call) => Reply | Promise<Reply>;

export interface Route {
  method: string;
  path: string;
  handle: Handler;
}

export const route = (method: string, path: string, handle: Handler): Route => ({ method, path, handle });

/** The route of a path; literal segments win over parameters. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; parameters: Record<string, string> } | undefined {
  const wanted = method === "HEAD" ? "GET" : method;
  return routes
    .filter((candidate) => candidate.method === wanted)
    .flatMap((candidate) => {
      const parameters = matchPath(candidate.path, path);
      return parameters ? [{ route: candidate, parameters }] : [];
    })
    .sort((one, other) => Object.keys(one.parameters).length - Object.keys(other.parameters).length)
    .at(0);
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.replace(/\/$/, "").split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith(":") && value !== "") parameters[segment.slice(1)] = decoded(value);
    else if (segment !== value) return undefined;
  }
  return parameters;
}

/** A segment that is no proper percent encoding stands for itself, and will not be found. */
function decoded(segment: string): string {
  return /%(?![0-9a-f]{2})/i.test(segment) ? segment : new TextDecoder().decode(bytesOf(segment));
}

const bytesOf = (segment: string): Buffer =>
  Buffer.concat(
    segment
      .split(/(%[0-9a-f]{2})/i)
      .map((part) => (part.startsWith("%") ? Buffer.from(part.slice(1), "hex") : Buffer.from(part))),
  );
