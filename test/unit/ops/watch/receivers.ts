// Servers that take what alerts send.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface Post {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Answers with the statuses, the last one for ever; "hang" never answers. */
export async function webhook(...statuses: (number | "hang")[]): Promise<{ url: string; posts: Post[] }> {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    const status = statuses[Math.min(posts.length, statuses.length - 1)] ?? 200;
    posts.push({ path: request.url ?? "", headers: request.headers, body: await text(request) });
    if (status === "hang") return;
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/services/secret-path`, posts };
}

/** A log that keeps its lines. */
export function lines(): { stream: { write(line: string): void }; written: Record<string, unknown>[] } {
  const written: Record<string, unknown>[] = [];
  return { written, stream: { write: (line) => written.push(JSON.parse(line)) } };
}
