import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** What is written back to one request, byte for byte. */
export interface RawReply {
  readonly bytes: Buffer;
  /** What becomes of the connection: kept open, ended in order, or reset. */
  readonly afterwards: "keep" | "end" | "reset";
  /** Written in so many pieces. */
  readonly pieces: number;
}

/** A TCP server that knows no HTTP but where a request ends. What it writes may be anything. */
export class RawServer implements AsyncDisposable {
  /** Gives the reply to a request line, e.g. `GET /auth/me HTTP/1.1`. */
  reply: (requestLine: string) => RawReply;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(reply: (requestLine: string) => RawReply) {
    this.reply = reply;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(reply: (requestLine: string) => RawReply): Promise<RawServer> {
    const server = new RawServer(reply);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (let end = requestEnd(received); end !== undefined; end = requestEnd(received)) {
        const [line = ""] = received.toString("latin1", 0, end).split("\r\n");
        received = received.subarray(end);
        void write(socket, this.reply(line));
      }
    });
    // The client hangs up on what it cannot read; that is its right.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

/** Where the first request in these bytes ends, once all of it is there. */
function requestEnd(bytes: Buffer): number | undefined {
  const head = bytes.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const length = /content-length: *(\d+)/i.exec(bytes.toString("latin1", 0, head))?.[1] ?? "0";
  const end = head + 4 + Number(length);
  return bytes.length < end ? undefined : end;
}

async function write(socket: Socket, { bytes, afterwards, pieces }: RawReply): Promise<void> {
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length && socket.writable; at += size) {
    socket.write(bytes.subarray(at, at + size));
    if (pieces > 1) await new Promise((resolve) => setImmediate(resolve));
  }
  if (afterwards === "end") socket.end();
  if (afterwards === "reset") socket.resetAndDestroy();
}
