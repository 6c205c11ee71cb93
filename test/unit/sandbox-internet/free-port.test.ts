import { createServer } from "node:net";
import { expect, test } from "vitest";
import { canBind, endOf, freePort, freePorts, portPicker } from "../../../sandbox/free-port.ts";

test("every port that can be bound is given once, and then none", async () => {
  const pick = portPicker({ end: 20_006, canBind: async (port) => port % 2 === 0 });
  const given = await Promise.all([pick(), pick(), pick()]);
  expect(given.toSorted()).toEqual([20_000, 20_002, 20_004]);
  await expect(pick()).rejects.toThrow("no port is free from 20000 to 20005");
});

test.each([
  ["Linux' own", "32768\t60999\n", 32_768],
  ["one that leaves no room", "1024\t65535\n", 25_000],
])("where the kernel's range begins: %s", (_what, range, end) => {
  expect(endOf(range)).toBe(end);
});

test("what it gives on this machine can be listened on, and is not given again", async () => {
  const ports = await freePorts(3);
  expect(new Set(ports).size).toBe(3);
  for (const port of ports) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, resolve));
    server.close();
  }
  expect(ports).not.toContain(await freePort());
});

test.each(["127.0.0.1", "0.0.0.0"])("a port with a listener on %s is passed over", async (address) => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  expect(await canBind(port)).toBe(false);
  server.close();
});
