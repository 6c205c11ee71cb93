import { createServer } from "node:net";
import { expect, test } from "vitest";
import { servicesOf } from "./deployment-services.ts";
import { FakeCommands, freePort, listener, portOf } from "./fake-commands.ts";

/** The backend's start command with other addresses to wait for. */
function startCommand(...ports: number[]): string[] {
  const command = servicesOf().backend.entrypoint ?? [];
  const waitFor = ports.map((port) => `127.0.0.1/${port}`).join(" ");
  return command.map((part) => part.replace("postgres/5432 storage/9000", waitFor));
}

const java = `printf '%s\\n' $$ "$@" > "$FAKE/ran"; exit 7`;

test("Java takes the shell's place once everything listens, with its options one by one", async () => {
  const { server, port } = await listener();
  await using fake = await FakeCommands.of({ java });
  const run = fake.start(startCommand(port, port), { JAVA_OPTS: "-Xmx1g -Dx=1" });
  expect(await run.ended).toBe(7);
  expect((await fake.read("ran")).trim().split("\n")).toEqual([
    String(run.child.pid),
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "-Xmx1g",
    "-Dx=1",
    "-jar",
    "/app/my-spring-boot-app.jar",
  ]);
  expect(run.output).toBe("");
  server.close();
});

test("a signal reaches Java itself", async () => {
  const { server, port } = await listener();
  await using fake = await FakeCommands.of({
    java: `trap 'echo stopped; exit 0' TERM; echo started; while :; do sleep 0.05; done`,
  });
  const run = fake.start(startCommand(port, port));
  run.child.stdout?.once("data", () => run.child.kill("SIGTERM"));
  expect(await run.ended).toBe(0);
  expect(run.output).toBe("started\nstopped\n");
  server.close();
});

test("it waits for the second address after the first", async () => {
  const first = await listener();
  const port = await freePort();
  await using fake = await FakeCommands.of({ java });
  const knocked = new Promise<void>((resolve) => first.server.once("connection", () => resolve()));
  const run = fake.start(startCommand(first.port, port));
  await knocked;
  await expect(fake.read("ran")).rejects.toThrow("ENOENT");
  const second = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => second.listen(port, "127.0.0.1", resolve));
  expect(portOf(second)).toBe(port);
  expect(await run.ended).toBe(7);
  first.server.close();
  second.close();
});

test("a stop while it waits ends it at once, with the code of a stopped Java", async () => {
  await using fake = await FakeCommands.of({ java, sleep: `touch "$FAKE/waits"; exec /bin/sleep "$@"` });
  const run = fake.start(startCommand(await freePort(), await freePort()));
  await expect.poll(() => fake.read("waits")).toBe("");
  const asked = performance.now();
  run.child.kill("SIGTERM");
  expect(await run.ended).toBe(143);
  expect(performance.now() - asked).toBeLessThan(1000);
  await expect(fake.read("ran")).rejects.toThrow("ENOENT");
});
