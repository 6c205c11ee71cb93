// A way to the backend that nobody else has: before the bootstrap it answers the default super administrator's
// well-known password, so its port is published nowhere. Requests go through `docker exec`, as whoever may use that
// owns the machine anyway. The backend's image has bash, whose /dev/tcp makes the last step.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Agent } from "undici";
import { type DockerOptions, dockerStream } from "./docker-cli.ts";

const relay = (port: number) =>
  `exec 3<> /dev/tcp/127.0.0.1/${port} || exit 1; cat <&3 & cat <&0 >&3 & wait -n; kill %1 %2 2> /dev/null`;

export interface PrivateDoor extends AsyncDisposable {
  /** Sends an HTTP client's connections into the container, whatever host its URL names. */
  dispatcher: Agent;
}

/** Opens a door to a port of a running container; each connection is one `docker exec`. */
export async function openPrivateDoor(
  container: string,
  port: number,
  options: DockerOptions,
): Promise<PrivateDoor> {
  // A socket file in a folder that only this user can enter: a port on loopback would be open to every local user.
  const folder = await mkdtemp(path.join(tmpdir(), "atlas-door-"));
  const socketPath = path.join(folder, "http.sock");
  const server = createServer((socket) => void connect(socket, container, port, options));
  await listen(server, socketPath);
  const dispatcher = new Agent({ connect: { socketPath } });
  return {
    dispatcher,
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connect(
  socket: Socket,
  container: string,
  port: number,
  { host }: DockerOptions,
): Promise<void> {
  // Either side may go first; the other is closed with it, and the HTTP client reports the broken connection.
  socket.on("error", () => socket.destroy());
  try {
    const inside = await dockerStream(["exec", "-i", container, "bash", "-c", relay(port)], host);
    inside.on("error", () => socket.destroy());
    inside.once("close", () => socket.destroy());
    socket.once("close", () => inside.destroy());
    if (socket.destroyed) inside.destroy();
    socket.pipe(inside);
    inside.pipe(socket);
  } catch {
    // The engine cannot be reached: for the HTTP client a connection that breaks off, like all else here.
    socket.destroy();
  }
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
}
