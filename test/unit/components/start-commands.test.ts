import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../../../sandbox/free-port.ts";
import { servicesOf } from "./deployment-services.ts";
import { FakeCommands, listener, portOf } from "./fake-commands.ts";

describe("the backend", () => {
  /** The backend's start command with other addresses to wait for. */
  function startCommand(...ports: number[]): string[] {
    const command = servicesOf().backend.command ?? [];
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
    run.child.kill("SIGTERM");
    expect(await run.ended).toBe(143);
    await expect(fake.read("ran")).rejects.toThrow("ENOENT");
  });
});

describe("the front end", () => {
  const frontendCommand = servicesOf().frontend.command ?? [];
  const nginx = `echo $$ "$@" > "$FAKE/ran"`;

  test("nginx takes the shell's place once the variables are filled in", async () => {
    await using fake = await FakeCommands.of({ nginx, "runtime-env-cra": `touch "$FAKE/filled"` });
    const run = fake.start(frontendCommand);
    expect(await run.ended).toBe(0);
    expect(await fake.read("filled")).toBe("");
    expect(await fake.read("ran")).toBe(`${run.child.pid} -g daemon off;\n`);
  });

  test("pages without their variables are not served", async () => {
    await using fake = await FakeCommands.of({ nginx, "runtime-env-cra": "exit 3" });
    expect(await fake.start(frontendCommand).ended).toBe(3);
    await expect(fake.read("ran")).rejects.toThrow("ENOENT");
  });
});

describe("PostgreSQL", () => {
  const postgresImage = {
    postgres: `printf '%s\\n' "$@" > "$FAKE/single"; cat > "$FAKE/statement"`,
    // On a new volume it stays, as the server does, until it is told to stop fast; the code is then its own.
    "docker-entrypoint.sh": `echo "$PGDATA" > "$FAKE/pgdata"; echo $$ "$@" > "$FAKE/ran"
[ -e "$FAKE/single" ] || exec "${process.execPath}" -e '
process.on("SIGINT", () => process.exit(33)); process.on("SIGTERM", () => process.exit(34));
setTimeout(() => process.exit(35), 15000); require("fs").writeFileSync(process.env.FAKE + "/listens", "")'`,
    pg_isready: `test -e "$FAKE/listens"`,
  };
  const environment = { POSTGRES_USER: "atlas", POSTGRES_PASSWORD: "Secret9" };

  /** The start command on a volume with these files. */
  async function startOn(fake: FakeCommands, files: string[]) {
    const PGDATA = path.join(fake.folder, "data/pgdata");
    await mkdir(PGDATA, { recursive: true });
    for (const file of files) await writeFile(path.join(fake.folder, "data", file), "16\n");
    const run = fake.start(servicesOf().postgres.entrypoint ?? [], { ...environment, PGDATA });
    return { run, PGDATA };
  }

  test("a kept volume gets the state's password before anybody can connect", async () => {
    await using fake = await FakeCommands.of(postgresImage);
    const { run, PGDATA } = await startOn(fake, ["pgdata/PG_VERSION"]);
    expect(await run.ended).toBe(0);
    expect(run.output).toBe("");
    expect(await fake.read("ran")).toBe(`${run.child.pid} postgres\n`);
    expect((await fake.read("single")).trim().split("\n")).toEqual([
      "--single",
      "-D",
      PGDATA,
      // Whatever happens, it writes nobody's password into its log.
      ...["-c", "log_statement=none", "-c", "log_min_error_statement=panic"],
      "postgres",
    ]);
    expect(await fake.read("statement")).toBe(`ALTER ROLE "atlas" PASSWORD 'Secret9'\n`);
  });

  test("a volume of upstream's compose file holds its data one level higher", async () => {
    await using fake = await FakeCommands.of(postgresImage);
    const { run, PGDATA } = await startOn(fake, ["PG_VERSION"]);
    expect(await run.ended).toBe(0);
    expect((await fake.read("pgdata")).trim()).toBe(path.dirname(PGDATA));
  });

  test("a new volume is marked until the server listens, and the server is stopped fast", async () => {
    await using fake = await FakeCommands.of(postgresImage);
    const { run } = await startOn(fake, []);
    const mark = path.join(fake.folder, "data/initialising");
    await expect.poll(() => existsSync(mark)).toBe(true);
    await expect.poll(() => existsSync(mark), { timeout: 10_000 }).toBe(false);
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(33);
    await expect(fake.read("statement")).rejects.toThrow("ENOENT");
  });

  test("a first start that was cut off begins anew", async () => {
    await using fake = await FakeCommands.of(postgresImage);
    const { run } = await startOn(fake, ["pgdata/PG_VERSION", "initialising"]);
    const kept = path.join(fake.folder, "data/pgdata/PG_VERSION");
    await expect.poll(() => existsSync(kept)).toBe(false);
    await expect.poll(() => fake.read("listens").catch(() => undefined), { timeout: 10_000 }).toBe("");
    run.child.kill("SIGTERM");
    expect([33, 34]).toContain(await run.ended);
    await expect(fake.read("statement")).rejects.toThrow("ENOENT");
  });
});
