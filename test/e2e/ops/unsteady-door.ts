// A TCP door before a server that can be shut in the middle of what passes.
import { connect, createServer, type Server, type Socket } from "node:net";

export class UnsteadyDoor {
  readonly url: string;
  private readonly server: Server;
  private readonly sockets: Set<Socket>;
  private limit = Number.POSITIVE_INFINITY;
  private passed = 0;

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.server = server;
    this.sockets = sockets;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async open(target: string): Promise<UnsteadyDoor> {
    const { hostname, port } = new URL(target);
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
      if (door.isShut()) return client.destroy();
      const inner = connect(Number(port), hostname);
      for (const [one, other] of [
        [client, inner],
        [inner, client],
      ] as const) {
        sockets.add(one);
        one.once("close", () => {
          sockets.delete(one);
          other.destroy();
        });
        one.on("error", () => one.destroy());
        one.pipe(other);
      }
      client.on("data", (chunk: Buffer) => door.count(chunk.length));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the door has no port");
    const door = new UnsteadyDoor(server, sockets, address.port);
    return door;
  }

  /** Lets so many bytes in, then cuts everybody off and lets nobody in. */
  shutAfter(bytes: number): void {
    this.passed = 0;
    this.limit = bytes;
  }

  reopen(): void {
    this.limit = Number.POSITIVE_INFINITY;
  }

  isShut(): boolean {
    return this.passed >= this.limit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private count(bytes: number): void {
    this.passed += bytes;
    if (this.isShut()) for (const socket of this.sockets) socket.destroy();
  }
}
