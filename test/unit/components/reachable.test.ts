import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { onlyOnLoopback, reachable } from "../../../components/smoke/reachable.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { listener, portOf } from "./fake-commands.ts";

test("a port that takes connections is reachable, one that refuses is not", async () => {
  const { server, port } = await listener();
  expect(await reachable("127.0.0.1", port)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  expect(await reachable("127.0.0.1", port)).toBe(false);
});

test("only on loopback is what it should be", async () => {
  const { server, port } = await listener();
  expect(await onlyOnLoopback(port)).toBe(`127.0.0.1:${port} only`);
  server.close();
});

test("nothing at all is a failure", async () => {
  const port = await freePort();
  await expect(onlyOnLoopback(port)).rejects.toThrow(`nothing answers on 127.0.0.1:${port}`);
});

test("on every address is a failure that names one of them, where the machine has one", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => `${address}:${portOf(server)}`);
  const seen = await onlyOnLoopback(portOf(server)).catch((error: Error) => error.message);
  expect([
    `127.0.0.1:${portOf(server)} only`,
    ...others.map((address) => `PostgreSQL is reachable from outside, on ${address}`),
  ]).toContain(seen);
  expect(seen.startsWith("PostgreSQL")).toBe(others.length > 0);
  server.close();
});
