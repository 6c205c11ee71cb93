// One UDP port of a public address, handed on to a droplet. Each peer has a socket of its own, so that answers find it.
import dgram from "node:dgram";
import type { Forwarding, Listener } from "./front.ts";

/** After so much silence, as a router forgets. */
const idleMs = 60_000;

interface Peer {
  socket: dgram.Socket;
  timer: NodeJS.Timeout;
}

export function listenUdp({ address, port, target, admits, failed }: Forwarding): Promise<Listener> {
  const server = dgram.createSocket("udp4");
  const peers = new Map<string, Peer>();

  const forget = (key: string) => {
    const peer = peers.get(key);
    peers.delete(key);
    clearTimeout(peer?.timer);
    peer?.socket.close();
  };
  const meet = (key: string, from: dgram.RemoteInfo): Peer => {
    const socket = dgram.createSocket("udp4");
    const timer = setTimeout(forget, idleMs, key).unref();
    socket.on("message", (answer, { address: sender }) => {
      if (sender !== target()) return;
      timer.refresh();
      server.send(answer, from.port, from.address);
    });
    socket.on("error", failed);
    const peer = { socket, timer };
    peers.set(key, peer);
    return peer;
  };
  server.on("message", (packet, from) => {
    if (!admits(from.address)) return;
    const key = `${from.address}:${from.port}`;
    const { socket, timer } = peers.get(key) ?? meet(key, from);
    timer.refresh();
    socket.send(packet, port, target());
  });

  const close = () => {
    for (const key of [...peers.keys()]) forget(key);
    server.close();
  };
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.bind(port, address, () => {
      server.off("error", reject);
      server.on("error", failed);
      resolve({ close });
    });
  });
}
