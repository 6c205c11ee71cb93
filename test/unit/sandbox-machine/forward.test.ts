// What is forwarded arrives as it was sent: ends, resets and packets.
import dgram from "node:dgram";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { listenTcp } from "../../../sandbox/digitalocean/machine/forward-tcp.ts";
import { listenUdp } from "../../../sandbox/digitalocean/machine/forward-udp.ts";
import type { Listener } from "../../../sandbox/digitalocean/machine/front.ts";

const outside = "127.93.0.1";
const inside = "127.93.0.2";
const closers: Listener[] = [];
afterEach(() => {
  for (const { close } of closers.splice(0)) close();
});

const forwarding = (port: number, admits = (_: string) => true) => ({
  address: outside,
  port,
  target: () => inside,
  admits,
  connections: new Set<net.Socket>(),
  failed: (error: Error) => expect.unreachable(error.message),
});

async function serve(answer: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, answer).listen(0, inside);
  await once(server, "listening");
  closers.push({ close: () => server.close() });
  return (server.address() as AddressInfo).port;
}

test("TCP: an answer that begins after the end of the question", async () => {
  const port = await serve(async (socket) => socket.end(`heard ${(await text(socket)).length}`));
  const given = forwarding(port);
  closers.push(await listenTcp(given));
  const client = net.connect({ host: outside, port, allowHalfOpen: true });
  client.end("x".repeat(3_000_000));
  expect(await text(client)).toBe("heard 3000000");
  await expect.poll(() => given.connections.size).toBe(0);
});

test("TCP: a reset is a reset on the other side", async () => {
  const port = await serve((socket) => socket.once("data", () => socket.resetAndDestroy()));
  closers.push(await listenTcp(forwarding(port)));
  const client = net.connect({ host: outside, port });
  client.write("hello");
  const [error] = await once(client, "error");
  expect(error.code).toBe("ECONNRESET");
});

test("TCP: a droplet that refuses", async () => {
  const port = await serve(() => expect.unreachable());
  closers.shift()?.close();
  closers.push(await listenTcp(forwarding(port)));
  const [error] = await once(net.connect({ host: outside, port }), "error");
  expect(error.code).toBe("ECONNRESET");
});

test("TCP: who is not admitted reaches nobody", async () => {
  const port = await serve(() => expect.unreachable());
  closers.push(await listenTcp(forwarding(port, (peer) => peer !== "127.0.0.1")));
  const client = net.connect({ host: outside, port });
  await once(client, "close");
});

test("UDP: each peer gets its own answers", async () => {
  const server = dgram.createSocket("udp4").bind(0, inside);
  await once(server, "listening");
  closers.push({ close: () => server.close() });
  server.on("message", (packet, from) => server.send(`to ${packet}`, from.port, from.address));
  const { port } = server.address();
  closers.push(await listenUdp(forwarding(port)));
  const answers = ["one", "two"].map(async (name) => {
    const peer = dgram.createSocket("udp4");
    peer.send(name, port, outside);
    const [answer] = await once(peer, "message");
    peer.close();
    return answer.toString();
  });
  expect(await Promise.all(answers)).toEqual(["to one", "to two"]);
});

test("an address that is in use is told", async () => {
  const port = await serve(() => {});
  const options = { ...forwarding(port), address: inside };
  await expect(listenTcp(options)).rejects.toMatchObject({ code: "EADDRINUSE" });
});
