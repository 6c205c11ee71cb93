import { request } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLog, secretsOf } from "../../../../ops/log.ts";
import type { Condition, Observation } from "../../../../ops/watch/condition.ts";
import { judge } from "../../../../ops/watch/judge.ts";
import { isPrivate, serve } from "../../../../ops/watch/server.ts";
import { container, deployment, observation, webhookUrl } from "./conditions.ts";
import { lines } from "./receivers.ts";

const prod = deployment({
  remote: {
    ...{ endpoint: "https://spaces.example", region: "x", bucket: "b", prefix: "" },
    ...{ accessKeyId: "CANARY-ID", secretAccessKey: "CANARY-REMOTE" },
  },
  alerts: {
    webhook: webhookUrl,
    mail: {
      to: "ops@plant.example",
      server: {
        ...{ host: "mail.example", port: 587, secure: false, user: "atlas", password: "CANARY-MAIL" },
        from: "atlas@plant.example",
      },
    },
  },
});
const conditionOf = (changed: Partial<Observation> = {}) => judge(prod, observation(changed));

async function served(condition: () => Promise<Condition> = async () => conditionOf()) {
  const ending = new AbortController();
  const { stream, written } = lines();
  const log = openLog({ act: "watch", stream, hide: secretsOf(prod) });
  const options = { host: "127.0.0.1", port: 0, signal: ending.signal, log, condition };
  const server = await serve(prod, options);
  onTestFinished(async () => {
    ending.abort();
    await server.closed;
  });
  return { ...server, ending, written };
}

/** fetch would not show what a HEAD's answer says of its length. */
function ask(
  url: string,
  method = "GET",
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    request(url, { method, agent: false }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response), headers: response.headers });
    })
      .once("error", reject)
      .end();
  });
}

test.each<[string, number, string, RegExp]>([
  ["/", 200, "text/html; charset=utf-8", /<title>prod: all is well<\/title>/],
  ["/?whatever", 200, "text/html; charset=utf-8", /<title>/],
  ["/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", /^atlas_verdict 0$/m],
  ["/health", 200, "text/plain; charset=utf-8", /^the watch answers\n$/],
  ["/ready", 200, "text/plain; charset=utf-8", /^ready, all is well\n$/],
  ["/elsewhere", 404, "text/plain; charset=utf-8", /^there are \/, \/metrics/],
  ["/../etc/passwd", 404, "text/plain; charset=utf-8", /^there are/],
])("GET %s: %d", async (path, status, type, body) => {
  const { url } = await served();
  const answer = await ask(`${url}${path}`);
  expect(answer).toMatchObject({ status, body: expect.stringMatching(body) });
  expect(answer.headers["content-type"]).toBe(type);
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.headers["content-security-policy"]).toMatch(/^default-src 'none'/);
});

test.each(["/", "/health", "/ready", "/elsewhere"])("HEAD %s: as GET, without the body", async (path) => {
  const { url } = await served();
  const [get, head] = [await ask(`${url}${path}`), await ask(`${url}${path}`, "HEAD")];
  expect(head).toMatchObject({ status: get.status, body: "" });
  expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(get.body)));
});

test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s: 405, and what is allowed", async (method) => {
  const { url } = await served();
  const { status, headers } = await ask(`${url}/metrics`, method);
  expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: "GET, HEAD" });
});

test("nothing shows a secret", async () => {
  const { url } = await served();
  const shown = await Promise.all(["/", "/metrics", "/ready"].map((path) => ask(`${url}${path}`)));
  expect(shown.map(({ body }) => body).join()).not.toMatch(/CANARY|secret-path/);
});

describe("ready", () => {
  test.each<[string, Partial<Observation>, number, string]>([
    ["with a warning", { databaseBytes: { error: "?" } }, 200, "ready, 1 warning\n"],
    [
      "not while a container starts",
      { containers: { value: [container("backend", { health: "starting" })] } },
      503,
      "not ready\nbackend: is starting\n",
    ],
    ["not with a bad part", { atlas: { error: "gone" } }, 503, "not ready\nAtlas: gone\n"],
  ])("%s", async (_, changed, status, body) => {
    const { url } = await served(async () => conditionOf(changed));
    expect(await ask(`${url}/ready`)).toMatchObject({ status, body });
  });
});

test("many that ask at once share one look, and those that ask within 30 s", async () => {
  let looks = 0;
  const { url } = await served(async () => {
    looks += 1;
    return conditionOf();
  });
  await Promise.all(Array.from({ length: 20 }, () => ask(`${url}/metrics`)));
  await ask(`${url}/`);
  expect(looks).toBe(1);
});

test("health answers while a look hangs", async () => {
  const { url } = await served(() => new Promise<never>(() => {}));
  expect((await ask(`${url}/health`)).status).toBe(200);
});

test("a look that fails is told to the log alone, and is not remembered", async () => {
  let looks = 0;
  const { url, written } = await served(async () => {
    looks += 1;
    if (looks === 1) throw new Error(`EACCES: ${prod.backupKey}`);
    return conditionOf();
  });
  expect(await ask(`${url}/ready`)).toMatchObject({ status: 500, body: expect.not.stringMatching(/EACCES/) });
  expect(written).toMatchObject([
    { level: "error", message: "/ready could not be answered: EACCES: [secret]" },
  ]);
  expect((await ask(`${url}/ready`)).status).toBe(200);
});

test("the signal ends it, also with a connection open", async () => {
  const { url, ending, closed } = await served(() => new Promise<never>(() => {}));
  const asked = ask(`${url}/`).catch((error: NodeJS.ErrnoException) => error.code);
  await ask(`${url}/health`);
  ending.abort();
  await closed;
  expect(await asked).toBe("ECONNRESET");
  await expect(ask(`${url}/health`)).rejects.toThrow(/ECONNREFUSED/);
});

test.each<[string, boolean]>([
  ["127.0.0.1", true],
  ["10.20.0.3", true],
  ["172.31.255.255", true],
  ["172.32.0.1", false],
  ["192.168.1.1", true],
  ["100.64.0.1", true],
  ["::1", true],
  ["fd00::1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["203.0.113.7", false],
  ["2001:db8::1", false],
  ["localhost", false],
  ["", false],
])("%s is private: %s", (host, expected) => expect(isPrivate(host)).toBe(expected));

test("it serves on no public address", async () => {
  const options = { host: "0.0.0.0", port: 0, signal: AbortSignal.abort(), log: openLog({ act: "watch" }) };
  await expect(serve(prod, options)).rejects.toThrow(
    /^0\.0\.0\.0 is not a private address.*next: serve on 127/,
  );
});
