// On which ports somebody listens in a network namespace, as the kernel tells in /proc/PID/net.
import { readFile } from "node:fs/promises";
import type { Protocol } from "./firewall.ts";

export type Ports = Record<Protocol, Set<number>>;

const states = { tcp: "0A", udp: "07" };
const anybody = /^0+:0000$/;

/** Ports that answer at the machine's address; undefined when the process is gone. */
export async function listeningPorts(pid: number, address: string): Promise<Ports | undefined> {
  const read = (table: string) => readFile(`/proc/${pid}/net/${table}`, "utf8");
  try {
    const [tcp, tcp6, udp, udp6] = await Promise.all(["tcp", "tcp6", "udp", "udp6"].map(read));
    return {
      tcp: parsePorts(`${tcp}${tcp6}`, "tcp", address),
      udp: parsePorts(`${udp}${udp6}`, "udp", address),
    };
  } catch (error) {
    // ENOENT before it is looked at, ESRCH and EINVAL while it goes.
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EINVAL") return undefined;
    throw error;
  }
}

/** Reads lines like `0: 00000000:0016 00000000:0000 0A ...`: local address, remote address, state. */
export function parsePorts(table: string, protocol: Protocol, address: string): Set<number> {
  const ports = new Set<number>();
  for (const line of table.split("\n")) {
    const [, local, remote, state] = line.trim().split(/\s+/);
    if (!local || !remote || state !== states[protocol] || !anybody.test(remote)) continue;
    const [host = "", port = ""] = local.split(":");
    if (/^0+$/.test(host) || ipv4(host) === address) ports.add(Number.parseInt(port, 16));
  }
  return ports;
}

/** An IPv4 address, or one mapped into IPv6, out of the kernel's little-endian words. */
function ipv4(hex: string): string | undefined {
  const word = hex.length === 32 ? hex.replace(/^0{16}FFFF0000/, "") : hex;
  return word.length === 8
    ? word
        .match(/../g)
        ?.reverse()
        .map((byte) => Number.parseInt(byte, 16))
        .join(".")
    : undefined;
}
