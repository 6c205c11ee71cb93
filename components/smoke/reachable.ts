import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { Failure } from "./failure.ts";

/** Whether a TCP port takes a connection within the time. */
export function reachable(host: string, port: number, timeoutMs = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

/** PostgreSQL answers on 127.0.0.1 at the published port and on no other address of this machine. */
export async function onlyOnLoopback(port: number): Promise<string> {
  if (!(await reachable("127.0.0.1", port))) throw new Failure(`nothing answers on 127.0.0.1:${port}`);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => !address.internal && address.family === "IPv4")
    .map((address) => address.address);
  for (const address of others)
    if (await reachable(address, port))
      throw new Failure(`PostgreSQL is reachable from outside, on ${address}:${port}`);
  return `127.0.0.1:${port} only`;
}
