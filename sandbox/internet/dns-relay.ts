// Questions about names that the twin does not know go to the machine's own name servers, byte for byte.
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect, isIP, isIPv6 } from "node:net";

export type Transport = "udp" | "tcp";
export interface NameServer {
  address: string;
  port: number;
}

const patienceMs = 2000;

/** The first name servers of a resolv.conf(5): as many as the C library asks. */
export const nameServersOf = (resolvConf: string): string[] =>
  resolvConf
    .split("\n")
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "")
    .filter((address) => isIP(address.replace(/%.*/, "")) !== 0)
    .slice(0, 3);

/** Read anew each time: the machine may have moved to another network. */
export const machineNameServers = (ownAddress: string) => (): NameServer[] =>
  nameServersOf(readFileSync("/etc/resolv.conf", "utf8"))
    .filter((address) => address !== ownAddress)
    .map((address) => ({ address, port: 53 }));

/** @throws Error saying what each server did instead of answering */
export async function relay(query: Buffer, transport: Transport, servers: NameServer[]): Promise<Buffer> {
  const failures: string[] = [];
  for (const server of servers) {
    try {
      return await (transport === "udp" ? overUdp : overTcp)(query, server);
    } catch (error) {
      failures.push(`${server.address}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(failures.join("; ") || "/etc/resolv.conf names no name server");
}

/** Each question from a socket of its own: the port that the system picks is part of what a forger must guess. */
function overUdp(query: Buffer, { address, port }: NameServer): Promise<Buffer> {
  return new Promise<Buffer>((resolve, reject) => {
    const socket = createSocket(isIPv6(address.replace(/%.*/, "")) ? "udp6" : "udp4");
    const timer = setTimeout(() => end(() => reject(new Error(`no answer in ${patienceMs} ms`))), patienceMs);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    socket.once("error", (error) => end(() => reject(error)));
    socket.on("message", (reply) => {
      if (sameId(reply, query)) end(() => resolve(reply));
    });
    socket.connect(port, address, () => socket.send(query));
  });
}

function overTcp(query: Buffer, { address, port }: NameServer): Promise<Buffer> {
  return new Promise<Buffer>((resolve, reject) => {
    const socket = connect({ host: address, port });
    const messages = new Messages();
    socket.setTimeout(patienceMs, () => socket.destroy(new Error(`no answer in ${patienceMs} ms`)));
    socket.once("connect", () => socket.write(framed(query)));
    socket.on("data", (chunk) => {
      const reply = messages.take(chunk).find((message) => sameId(message, query));
      if (!reply) return;
      resolve(reply);
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("hung up without an answer")));
  });
}

const sameId = (reply: Buffer, query: Buffer) =>
  reply.length >= 12 && reply.readUInt16BE(0) === query.readUInt16BE(0);

/** Over TCP each message follows its length. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Puts messages together again that TCP delivers in pieces. */
export class Messages {
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const whole: Buffer[] = [];
    while (this.#rest.length >= 2) {
      const end = 2 + this.#rest.readUInt16BE(0);
      if (this.#rest.length < end) break;
      whole.push(this.#rest.subarray(2, end));
      this.#rest = this.#rest.subarray(end);
    }
    return whole;
  }
}
