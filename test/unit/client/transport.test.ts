import { Agent, type Dispatcher } from "undici";
import { expect, test } from "vitest";
import { Transport, TransportFailure } from "../../../client/transport.ts";
import { clientOf, ME, SIGN_IN, signedIn, USER, workOrder } from "./fixtures.ts";
import { RawServer } from "./raw-server.ts";
import { type Reply, ScriptedServer } from "./scripted-server.ts";

const GET = { method: "GET", headers: {}, timeoutMs: 5_000 };

async function serverOfOrders(): Promise<ScriptedServer> {
  const server = await ScriptedServer.start();
  const order: Reply = { json: workOrder() };
  return server.on(SIGN_IN, signedIn()).on("GET /work-orders/1", order).on("PATCH /work-orders/1", order);
}

test("requests one after the other share a connection, those of an update too", async () => {
  await using server = await serverOfOrders();
  await using client = clientOf(server);
  for (let time = 0; time < 3; time += 1) await client.workOrders.update(1, { title: "Fix pump" });
  expect(server.received).toHaveLength(7);
  expect(server.connections).toBe(1);
});

test("so many calls at a time open so many connections, not more", async () => {
  await using server = await serverOfOrders();
  await using client = clientOf(server, { rateLimits: false });
  const caller = async () => {
    for (let time = 0; time < 20; time += 1) await client.workOrders.get(1);
  };
  await Promise.all(Array.from({ length: 4 }, caller));
  expect(server.connections).toBe(4);
});

test("a call that is aborted while it waits for a connection ends at once and is never sent", async () => {
  await using server = await ScriptedServer.start();
  const asked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  server.on(SIGN_IN, signedIn()).on(ME, async () => {
    asked.resolve();
    await release.promise;
    return { json: USER };
  });
  const queued = Promise.withResolvers<void>();
  const agent = new Agent({ connections: 1 });
  let dispatched = 0;
  const dispatcher = agent.compose((dispatch) => (request, handler) => {
    const taken = dispatch(request, handler);
    dispatched += 1;
    if (dispatched === 3) queued.resolve();
    return taken;
  });
  const client = clientOf(server, { dispatcher });
  const first = client.me();
  await asked.promise;
  const abort = new AbortController();
  const second = client.me({ signal: abort.signal });
  await queued.promise;
  const reason = new Error("changed my mind");
  abort.abort(reason);
  await expect(second).rejects.toBe(reason);
  release.resolve();
  await first;
  await client.me();
  expect(server.count(ME)).toBe(2);
  await agent.close();
});

test("an interim answer is not taken for the answer", async () => {
  const bytes = Buffer.from(
    'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"ok"',
  );
  await using server = await RawServer.start(() => ({ bytes, afterwards: "keep", pieces: 1 }));
  const transport = new Transport({ baseUrl: server.url });
  const answer = await transport.exchange({ ...GET, path: "/x" });
  expect(answer).toMatchObject({ status: 200, text: '"ok"', headers: { "content-length": "4" } });
  await transport.close();
});

test("a path's odd characters are sent as a URL has them", async () => {
  await using server = await ScriptedServer.start();
  const transport = new Transport({ baseUrl: `${server.url}/api/` });
  await transport.exchange({ ...GET, path: "/work orders/é?q=a b#c" });
  expect(server.received[0]?.path).toBe("/api/work%20orders/%C3%A9?q=a%20b");
  await transport.close();
});

test("a dispatcher that throws is a lost connection, with the cause kept", async () => {
  const cause = new TypeError("an interceptor's fault");
  const agent = new Agent();
  const dispatcher: Dispatcher = agent.compose(() => () => {
    throw cause;
  });
  const failure = await new Transport({ baseUrl: "http://127.0.0.1:9", dispatcher }).exchange({
    ...GET,
    path: "/x",
  });
  expect(failure).toBeInstanceOf(TransportFailure);
  expect(failure).toMatchObject({ kind: "lost", cause });
  await agent.close();
});
