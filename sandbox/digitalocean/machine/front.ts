// The public side of droplets: what somebody listens on inside answers at their addresses, as far as the firewall lets.
import type { Socket } from "node:net";
import type { Running } from "./container.ts";
import { isOpen, letsIn, type Protocol, type Rules } from "./firewall.ts";
import { listenTcp } from "./forward-tcp.ts";
import { listenUdp } from "./forward-udp.ts";
import { listeningPorts, type Ports } from "./sockets.ts";

export interface Forwarding {
  address: string;
  port: number;
  /** The droplet's address inside. */
  target: () => string;
  admits: (peer: string) => boolean;
  connections: Set<Socket>;
  failed: (error: Error) => void;
}

export interface Listener {
  close: () => void;
}

/** What of a droplet the world may see. */
export interface Face {
  addresses: string[];
  rules: Rules;
}

interface Shown {
  running: Running;
  connections: Set<Socket>;
  /** By address, protocol and port. */
  listeners: Map<string, Listener>;
  /** Those that could not be opened, which was said. */
  blocked: Set<string>;
}

interface Options {
  face: (id: number) => Face;
  /** Called once when the init of a droplet has ended. */
  gone: (id: number) => void;
  log: (line: string) => void;
}

export interface Front {
  show: (id: number, running: Running) => void;
  /** Ends its connections as well: nothing answers where no machine is. */
  hide: (id: number) => void;
  /** Resolves when what listens is what should, by the rules and addresses of this moment. */
  refresh: () => Promise<void>;
  close: () => void;
}

const listen = { tcp: listenTcp, udp: listenUdp };
const intervalMs = 200;

export function openFront({ face, gone, log }: Options): Front {
  const shown = new Map<number, Shown>();
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  const hide = (id: number) => {
    const droplet = shown.get(id);
    if (!droplet) return;
    shown.delete(id);
    for (const listener of droplet.listeners.values()) listener.close();
    droplet.listeners.clear();
    for (const connection of droplet.connections) connection.resetAndDestroy();
  };

  /** What a droplet should answer at; nothing when its init has ended. */
  const look = async (id: number, droplet: Shown): Promise<Map<string, Door>> => {
    const ports = await listeningPorts(droplet.running.pid, droplet.running.address);
    if (shown.get(id) !== droplet) return new Map();
    if (ports) return doors(face(id), ports);
    hide(id);
    gone(id);
    return new Map();
  };

  const open = async (id: number, droplet: Shown, key: string, { address, protocol, port }: Door) => {
    try {
      const listener = await listen[protocol]({
        address,
        port,
        target: () => droplet.running.address,
        admits: (peer) => letsIn(face(id).rules, protocol, port, peer),
        connections: droplet.connections,
        failed: (error) => log(`droplet ${id}: ${key}: ${error.message}`),
      });
      droplet.blocked.delete(key);
      // It may have gone off meanwhile.
      if (shown.get(id) === droplet) droplet.listeners.set(key, listener);
      else listener.close();
    } catch (error) {
      if (!droplet.blocked.has(key)) log(`droplet ${id}: cannot listen on ${key}, trying again: ${error}`);
      droplet.blocked.add(key);
    }
  };

  const round = async () => {
    const wanted = new Map<Shown, Map<string, Door>>();
    for (const [id, droplet] of shown) wanted.set(droplet, await look(id, droplet));
    // All is closed before anything is opened: an address moves from one droplet to another.
    for (const [{ listeners }, doors] of wanted)
      for (const [key, listener] of listeners) {
        if (doors.has(key)) continue;
        listener.close();
        listeners.delete(key);
      }
    for (const [id, droplet] of shown)
      for (const [key, door] of wanted.get(droplet) ?? [])
        if (!droplet.listeners.has(key)) await open(id, droplet, key, door);
  };
  // Rounds never overlap; whoever asks gets one that began after the question.
  const refresh = () => {
    last = last.then(round, round);
    return last;
  };
  let complaint = "";
  const keepLooking = async () => {
    await refresh().catch((error: unknown) => {
      if (complaint !== String(error)) log(`public addresses: ${error}`);
      complaint = String(error);
    });
    if (!closed) timer = setTimeout(keepLooking, intervalMs);
  };
  timer = setTimeout(keepLooking, 0);

  return {
    show: (id, running) => {
      if (shown.get(id)?.running.pid === running.pid) return;
      hide(id);
      shown.set(id, { running, connections: new Set(), listeners: new Map(), blocked: new Set() });
    },
    hide,
    refresh,
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const id of [...shown.keys()]) hide(id);
    },
  };
}

interface Door {
  address: string;
  protocol: Protocol;
  port: number;
}

/** What of the ports inside is open to anybody outside. */
function doors({ addresses, rules }: Face, ports: Ports): Map<string, Door> {
  const found = new Map<string, Door>();
  for (const protocol of ["tcp", "udp"] as const)
    for (const port of ports[protocol])
      if (isOpen(rules, protocol, port))
        for (const address of addresses)
          found.set(`${address}:${port}/${protocol}`, { address, protocol, port });
  return found;
}
