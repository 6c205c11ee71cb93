import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openPrivateDoor } from "../../../components/hosts/private-door.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { FakeCommands, portOf, until } from "./fake-commands.ts";

// As the docker command does it: the command inside the container is a process of its own, which lives on when the
// client is killed and ends when its input does.
const docker = `
printf '%s\\n' "$@" | head -5 >> "$FAKE/arguments"
while [ "$1" != bash ]; do shift; done
"$@" <&0`;

let fake: FakeCommands;
let server: Server;
let port: number;
let answer: (message: IncomingMessage) => Promise<string>;
beforeEach(async () => {
  fake = await FakeCommands.of({ docker });
  vi.stubEnv("PATH", fake.searchPath);
  vi.stubEnv("FAKE", fake.folder);
  vi.stubEnv("TMPDIR", fake.folder);
  answer = async (message) =>
    `${message.method} ${message.url} ${message.headers.host} ${await readAll(message)}`;
  server = createServer(async (message, response) => response.end(await answer(message)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = portOf(server);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await fake[Symbol.asyncDispose]();
});

/** Processes that were started with this test's folder in their environment. */
async function processes(): Promise<string[]> {
  const ids = (await readdir("/proc")).filter(
    (entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid,
  );
  const found = await Promise.all(
    ids.map(async (id) => {
      const environment = await readFile(`/proc/${id}/environ`, "utf8").catch(() => "");
      return environment.split("\0").includes(`FAKE=${fake.folder}`) ? [id] : [];
    }),
  );
  return found.flat();
}
const doorsIn = async () => (await readdir(fake.folder)).filter((entry) => entry.startsWith("atlas-door-"));
const open = (to = port, host?: string) => openPrivateDoor("atlas-test-backend", to, { host });

test("a request reaches the server behind it, whatever host its address names", async () => {
  await using door = await open();
  const response = await request("http://backend.invalid/auth/signin?x=1", {
    method: "POST",
    body: "hello",
    dispatcher: door.dispatcher,
  });
  expect(response.statusCode).toBe(200);
  expect(await response.body.text()).toBe("POST /auth/signin?x=1 backend.invalid hello");
});

test("it goes through docker exec, into the container and engine that were named", async () => {
  await using door = await open(port, "unix:///other.sock");
  const response = await request("http://x/", { dispatcher: door.dispatcher });
  await response.body.dump();
  expect((await fake.read("arguments")).trim().split("\n")).toEqual([
    "--host",
    "unix:///other.sock",
    "exec",
    "-i",
    "atlas-test-backend",
  ]);
});

test("large bodies and many requests at once come through whole", async () => {
  await using door = await open();
  answer = async (message) => (await readAll(message)).toUpperCase();
  const bodies = Array.from({ length: 8 }, (_, i) => `request ${i} `.repeat(40_000));
  const answers = await Promise.all(
    bodies.map(async (body) => {
      const response = await request("http://x/", { method: "POST", body, dispatcher: door.dispatcher });
      return response.body.text();
    }),
  );
  expect(answers.map((text, i) => text === bodies[i]?.toUpperCase())).toEqual(bodies.map(() => true));
});

test("only this user can enter its folder, and it is gone when the door is shut", async () => {
  const door = await open();
  const [folder = ""] = await doorsIn();
  expect((await stat(path.join(fake.folder, folder))).mode & 0o777).toBe(0o700);
  await door[Symbol.asyncDispose]();
  expect(await doorsIn()).toEqual([]);
});

describe("no process stays behind", () => {
  test("after a request", async () => {
    const door = await open();
    const response = await request("http://x/", { dispatcher: door.dispatcher });
    await response.body.dump();
    expect(await processes()).not.toEqual([]);
    await door[Symbol.asyncDispose]();
    await until(async () => (await processes()).length === 0, "all processes have ended");
  });

  test("after a request that was not answered yet", async () => {
    const door = await open();
    const asked = new Promise<void>((resolve) => {
      answer = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    const refused = expect(request("http://x/", { dispatcher: door.dispatcher })).rejects.toThrow();
    await asked;
    await door[Symbol.asyncDispose]();
    await refused;
    await until(async () => (await processes()).length === 0, "all processes have ended");
  });
});

describe("the other side's end is an end here", () => {
  test("when nothing listens behind the door", async () => {
    await using door = await open(await freePort());
    await expect(request("http://x/", { dispatcher: door.dispatcher })).rejects.toThrow(/other side closed/);
  });

  test("when the server hangs up without an answer", async () => {
    await using door = await open();
    server.on("connection", (socket) => socket.once("data", () => socket.destroy()));
    // Not the request's own time-out, which has another message.
    await expect(
      request("http://x/", { dispatcher: door.dispatcher, headersTimeout: 15_000 }),
    ).rejects.toThrow(/other side closed/);
  });

  test("when the end of the connection is the end of the answer", async () => {
    const plain = createTcpServer((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")),
    );
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    await using door = await open(portOf(plain));
    const response = await request("http://x/", { dispatcher: door.dispatcher, bodyTimeout: 3000 });
    expect(await response.body.text()).toBe("hello");
    plain.close();
  });

  test("when docker cannot be run", async () => {
    vi.stubEnv("PATH", path.join(fake.folder, "nothing-here"));
    await using door = await open();
    await expect(request("http://x/", { dispatcher: door.dispatcher })).rejects.toThrow(
      /other side closed|EPIPE|ECONNRESET/,
    );
  });
});
