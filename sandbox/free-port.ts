// Ports for what starts later: a container, another process. One that listen(0) gives out is of those that the kernel
// lends to outgoing connections, of any process and at any moment; these lie below.
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

const lowest = 20_000;
const rangeFile = "/proc/sys/net/ipv4/ip_local_port_range";

export interface Machine {
  /** The kernel's own ports begin here. */
  end: number;
  /** Whether a server may listen there now. */
  canBind(port: number): Promise<boolean>;
}

/** Each call of what it returns gives another port, which nobody listens on. */
export function portPicker({ end, canBind }: Machine): () => Promise<number> {
  const seen = new Set<number>();
  return async () => {
    while (seen.size < end - lowest) {
      const port = randomInt(lowest, end);
      if (seen.has(port)) continue;
      seen.add(port);
      if (await canBind(port)) return port;
    }
    throw new Error(`no port is free from ${lowest} to ${end - 1}`);
  };
}

/** @param range of the kernel's own ports, as it tells it; where it leaves no room, theirs are used all the same */
export const endOf = (range: string): number => Math.max(Number.parseInt(range, 10), lowest + 5000);

/** Whether a server may listen there now, on this machine. */
export async function canBind(port: number): Promise<boolean> {
  for (const address of ["127.0.0.1", "0.0.0.0"]) {
    const server = createServer().listen(port, address);
    try {
      await once(server, "listening");
    } catch {
      return false;
    }
    server.close();
    await once(server, "close");
  }
  return true;
}

/** A port that nobody listens on, of 127.0.0.1 and of all addresses; never the same twice. */
export const freePort = portPicker({
  end: endOf(existsSync(rangeFile) ? readFileSync(rangeFile, "utf8") : "32768"),
  canBind,
});

export const freePorts = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, freePort));
