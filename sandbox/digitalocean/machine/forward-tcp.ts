// One TCP port of a public address, handed on to a droplet.
import net from "node:net";
import type { Forwarding, Listener } from "./front.ts";

export function listenTcp(forwarding: Forwarding): Promise<Listener> {
  const { address, port, target, admits, connections, failed } = forwarding;
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    if (!admits(client.remoteAddress ?? "")) client.destroy();
    else join(client, net.connect({ host: target(), port, allowHalfOpen: true }), connections);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port }, () => {
      server.off("error", reject);
      server.on("error", failed);
      // What is established may stay.
      resolve({ close: () => void server.close() });
    });
  });
}

/** Each side's end, of writing or altogether, becomes the other's. */
function join(client: net.Socket, droplet: net.Socket, connections: Set<net.Socket>): void {
  const pairs: [net.Socket, net.Socket][] = [
    [client, droplet],
    [droplet, client],
  ];
  for (const [one, other] of pairs) {
    one.setNoDelay(true);
    connections.add(one);
    one.once("close", () => connections.delete(one));
    one.once("error", () => other.resetAndDestroy());
    one.pipe(other);
  }
}
