// The name server of the twin's droplets: known names from the account's books, all others from the outside.
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, isIPv6, type Server, type Socket } from "node:net";
import { decode, encode, type Question, RECURSION_DESIRED } from "dns-packet";
import {
  bareReply,
  datagramLimit,
  decodeQuery,
  encodeReply,
  faultOf,
  isQuery,
  type Resolution,
  rcode,
  resolve,
} from "./dns-answer.ts";
import type { Lookup } from "./dns-records.ts";
import { framed, Messages, type NameServer, relay, type Transport } from "./dns-relay.ts";

export interface DnsOptions {
  address: string;
  port: number;
  lookup: Lookup;
  /** Whom to ask about names that the lookup does not know. */
  upstreams: () => NameServer[];
  log: (line: string) => void;
}

const idleMs = 10_000;
const mostConnections = 100;
const longestMessage = 65_535;

/** @throws the system's own error when the address or the port cannot be had */
export async function serveDns(options: DnsOptions): Promise<AsyncDisposable> {
  const connections = new Set<Socket>();
  const tcp = createServer((socket) => serveConnection(socket, options, connections));
  const udp = createSocket(isIPv6(options.address) ? "udp6" : "udp4");
  tcp.maxConnections = mostConnections;
  udp.on("message", async (query, from) => {
    const reply = await answer(query, "udp", options);
    if (reply)
      udp.send(reply, from.port, from.address, (error) => error && options.log(`DNS: ${error.message}`));
  });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => closeUdp(udp));
  udp.bind(options.port, options.address);
  await once(udp, "listening");
  undo.defer(() => closeTcp(tcp, connections));
  tcp.listen(options.port, options.address);
  await once(tcp, "listening");
  for (const server of [udp, tcp]) server.on("error", (error: Error) => options.log(`DNS: ${error.message}`));
  return undo.move();
}

function serveConnection(socket: Socket, options: DnsOptions, connections: Set<Socket>): void {
  const messages = new Messages();
  connections.add(socket);
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.once("close", () => connections.delete(socket));
  socket.on("error", (error) => options.log(`DNS over TCP, ${socket.remoteAddress}: ${error.message}`));
  socket.on("data", (chunk) => {
    for (const query of messages.take(chunk))
      void answer(query, "tcp", options).then(
        (reply) => reply && socket.writable && socket.write(framed(reply)),
      );
  });
}

async function answer(
  message: Buffer,
  transport: Transport,
  { lookup, upstreams, log }: DnsOptions,
): Promise<Buffer | undefined> {
  if (!isQuery(message)) return undefined;
  const query = decodeQuery(message);
  if (!query) return bareReply(message, rcode.malformed);
  const question = query.questions?.[0];
  const fault = faultOf(query);
  const limit = transport === "udp" ? datagramLimit(query) : longestMessage;
  if (fault !== undefined || !question) return bareReply(message, fault ?? rcode.malformed);
  try {
    const known = resolve(question, lookup);
    const ask = (packet: Buffer) => relay(packet, transport, upstreams());
    if (!known) return await ask(message);
    const whole = known.elsewhere ? await followed(known, known.elsewhere, question, ask) : known;
    return encodeReply(query, whole, limit);
  } catch (error) {
    log(`DNS: ${question.name} ${question.type}: ${error instanceof Error ? error.message : String(error)}`);
    // With the question in it: the C library takes an answer without one for a forgery, and waits on.
    return encodeReply(query, { rcode: rcode.failure, answers: [] }, limit);
  }
}

/** An alias for a name outside: what the outside says about that one belongs to the answer. */
async function followed(
  known: Resolution,
  name: string,
  { type }: Question,
  ask: (packet: Buffer) => Promise<Buffer>,
): Promise<Resolution> {
  const id = Math.floor(Math.random() * 0x10000);
  const query = encode({ type: "query", id, flags: RECURSION_DESIRED, questions: [{ type, name }] });
  const reply = decode(await ask(query));
  return { rcode: (reply.flags ?? 0) & 0xf, answers: [...known.answers, ...(reply.answers ?? [])] };
}

const closeUdp = (socket: UdpSocket): Promise<void> =>
  new Promise((resolve) => socket.close(() => resolve()));

function closeTcp(server: Server, connections: Set<Socket>): Promise<void> {
  for (const socket of connections) socket.destroy();
  // A server that never came to listen has nothing to close, and says so with an error.
  return new Promise((resolve) => server.close(() => resolve()));
}
