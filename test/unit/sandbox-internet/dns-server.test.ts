import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { connect } from "node:net";
import { type DecodedPacket, decode, encode } from "dns-packet";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../../sandbox/free-port.ts";
import type { DnsRecord, Lookup } from "../../../sandbox/internet/dns-records.ts";
import { framed, Messages, type NameServer, nameServersOf } from "../../../sandbox/internet/dns-relay.ts";
import { serveDns } from "../../../sandbox/internet/dns-server.ts";

const address = "127.0.0.1";
const longText = "a".repeat(2000);
const inner: Record<string, DnsRecord[]> = {
  "shop.example": [
    { type: "A", data: "127.77.1.1", ttl: 300 },
    { type: "TXT", data: longText, ttl: 300 },
  ],
  "away.shop.example": [{ type: "CNAME", data: "cdn.outside.example", ttl: 60 }],
  "broken.shop.example": [{ type: "A", data: "nonsense", ttl: 60 }],
};
const outer: Record<string, DnsRecord[]> = {
  "cdn.outside.example": [{ type: "A", data: "192.0.2.7", ttl: 60 }],
};
const lookupIn =
  (books: Record<string, DnsRecord[]>): Lookup =>
  (name, type) =>
    (books[name] ?? []).filter((record) => record.type === type);

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function server(lookup: Lookup, upstreams: NameServer[]) {
  const port = await freePort();
  const lines: string[] = [];
  cleanup.use(
    await serveDns({ address, port, lookup, upstreams: () => upstreams, log: (line) => lines.push(line) }),
  );
  const resolver = new Resolver({ timeout: 5000, tries: 1 });
  resolver.setServers([`${address}:${port}`]);
  return { port, lines, resolver };
}

/** A name server that takes every question and says nothing. */
async function silence(): Promise<NameServer> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  cleanup.defer(() => void socket.close());
  return { address, port: socket.address().port };
}

async function world() {
  const outside = await server(lookupIn(outer), []);
  return server(lookupIn(inner), [await silence(), { address, port: outside.port }]);
}

async function askRaw(port: number, message: Buffer): Promise<DecodedPacket> {
  const socket = createSocket("udp4");
  cleanup.defer(() => void socket.close());
  const reply = new Promise<Buffer>((resolve) => socket.once("message", resolve));
  socket.send(message, port, address);
  return decode(await reply);
}

describe("a name server with a real client", () => {
  test("known names, over UDP", async () => {
    const { resolver } = await world();
    expect(await resolver.resolve4("shop.example", { ttl: true })).toEqual([
      { address: "127.77.1.1", ttl: 300 },
    ]);
    await expect(resolver.resolve6("shop.example")).rejects.toMatchObject({ code: "ENODATA" });
  });

  test("an answer too long for UDP is fetched over TCP", async () => {
    const { resolver } = await world();
    expect((await resolver.resolveTxt("shop.example")).map((parts) => parts.join(""))).toEqual([longText]);
  });

  test("unknown names: a silent name server is passed over", async () => {
    const { resolver } = await world();
    expect(await resolver.resolve4("cdn.outside.example")).toEqual(["192.0.2.7"]);
  });

  test("an alias for a name outside brings that one's address", async () => {
    const { resolver } = await world();
    expect(await resolver.resolve4("away.shop.example")).toEqual(["192.0.2.7"]);
  });

  test("SERVFAIL when nobody outside answers, saying who did what", async () => {
    const { resolver, lines } = await server(lookupIn(inner), [await silence()]);
    await expect(resolver.resolve4("other.example")).rejects.toMatchObject({ code: "ESERVFAIL" });
    expect(lines.join("\n")).toMatch(/other\.example A: 127\.0\.0\.1: no answer in 2000 ms/);
  });

  test("SERVFAIL with the question in it for a record that cannot be sent, and the server lives on", async () => {
    const { port, resolver, lines } = await server(lookupIn(inner), []);
    const questions = [{ type: "A" as const, name: "broken.shop.example" }];
    const reply = await askRaw(port, encode({ type: "query", id: 5, questions }));
    expect(reply).toMatchObject({ id: 5, rcode: "SERVFAIL", questions });
    expect(lines.join("\n")).toMatch(/unusable data: nonsense/);
    expect(await resolver.resolve4("shop.example")).toEqual(["127.77.1.1"]);
  });

  test("bytes that are no question get FORMERR", async () => {
    const { port } = await server(lookupIn(inner), []);
    const loop = Buffer.from("126701000001000000000000c00c00010001", "hex");
    expect(await askRaw(port, loop)).toMatchObject({ id: 0x1267, rcode: "FORMERR" });
  });

  test("several questions in pieces over one TCP connection", async () => {
    const { port } = await server(lookupIn(inner), []);
    const socket = connect(port, address);
    cleanup.defer(() => void socket.destroy());
    const query = (id: number) =>
      framed(encode({ type: "query", id, questions: [{ type: "A", name: "shop.example" }] }));
    const stream = Buffer.concat([query(1), query(2)]);
    for (const byte of stream) socket.write(Buffer.of(byte));
    const messages = new Messages();
    const ids: (number | undefined)[] = [];
    for await (const chunk of socket) {
      ids.push(...messages.take(chunk).map((message) => decode(message).id));
      if (ids.length === 2) break;
    }
    expect(ids.sort()).toEqual([1, 2]);
  });

  test("a port that is taken is the caller's to know, and nothing stays half open", async () => {
    const { port } = await server(lookupIn(inner), []);
    const again = serveDns({ address, port, lookup: () => [], upstreams: () => [], log: () => {} });
    await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

test("name servers of a resolv.conf", () => {
  const text =
    "# nameserver 9.9.9.9\nsearch example\nnameserver 10.0.0.53\n nameserver fe80::1%eth0\noptions x\n";
  expect(nameServersOf(text)).toEqual(["10.0.0.53", "fe80::1%eth0"]);
  expect(nameServersOf("nameserver nonsense\n")).toEqual([]);
  expect(nameServersOf("nameserver 10.0.0.1\n".repeat(5))).toHaveLength(3);
});
