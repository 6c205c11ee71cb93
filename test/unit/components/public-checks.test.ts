// What only a public machine has to prove, against TLS servers of the test's own.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Check, Context } from "../../../components/smoke/checks.ts";
import { certificate, closedPortsCheck, httpsChecks } from "../../../components/smoke/public-checks.ts";
import { publicWay } from "../../../components/smoke/public-way.ts";
import type { SmokeInputs } from "../../../components/smoke/smoke.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { redirectPorts } from "./redirected-ports.ts";

const name = "atlas.plant.example";
const folder = mkdtempSync(path.join(tmpdir(), "atlas-test-"));

/** A certificate that vouches for itself. */
function issue(file: string, days: number, host = name): { key: string; cert: string } {
  const [key, cert] = ["key", "pem"].map((ending) => path.join(folder, `${file}.${ending}`)) as [
    string,
    string,
  ];
  const subject = ["-subj", `/O=Plant authority/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  const form = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", ...form, "-keyout", key, "-out", cert, "-days", `${days}`, ...subject], {
    stdio: "ignore",
  });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
const [long, short, stranger] = [
  issue("long", 60),
  issue("short", 10),
  issue("stranger", 60, "other.example"),
];

const open: Server[] = [];
const disposables: Disposable[] = [];
const listening = async <T extends Server>(server: T): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(server);
  return (server.address() as AddressInfo).port;
};
/** A machine whose doors are these. */
async function machine({
  tls = long,
  secure = (_, response) => response.end("ok"),
  plain = (_, response) => response.end(),
}: {
  tls?: { key: string; cert: string };
  secure?: RequestListener;
  plain?: RequestListener;
}) {
  const ports = {
    443: await listening(createTlsServer(tls, secure) as unknown as Server),
    80: await listening(createServer(plain)),
  };
  disposables.push(redirectPorts(ports));
}
beforeEach(() => {
  open.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  for (const disposable of disposables.splice(0)) disposable[Symbol.dispose]();
  for (const server of open) {
    server.closeAllConnections();
    server.close();
  }
});

const inputs = (root = long.cert): SmokeInputs => ({
  url: `https://${name}`,
  apiUrl: `https://${name}/api`,
  adminEmail: "admin@plant.example",
  adminPassword: "canary",
  containers: {},
  postgresPort: 0,
  mailServer: undefined,
  revision: "r",
  containerIds: [],
  nonce: undefined,
  engine: undefined,
  publicAddress: { address: "127.0.0.1", root },
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a check by the public way; throws what it throws. */
async function run(check: Check | undefined, given = inputs()): Promise<string> {
  await using way = publicWay(given);
  const context: Pick<Context, "inputs" | "dispatcher"> = { inputs: given, dispatcher: way.dispatcher };
  return (await check?.run(context as Context)) ?? "";
}
const failure = async (...args: Parameters<typeof run>): Promise<string> => {
  const error = await run(...args).catch((cause: unknown) => cause);
  if (error instanceof Error && error.name === "Failure") return error.message;
  throw new Error(`no Failure: ${error}`);
};
const check = (id: string) => httpsChecks.find((one) => one.id === id);

describe("the certificate", () => {
  test("that is valid for long is told with its issuer", async () => {
    await machine({});
    expect(await run(certificate)).toBe("59 days, from Plant authority");
  });

  test("that ends soon is a failure at once", async () => {
    await machine({ tls: short });
    expect(await failure(certificate, inputs(short.cert))).toMatch(
      /^the certificate ends in 9 days, on .*: it is not renewed$/,
    );
  });

  test("that comes only after a while is waited for", async () => {
    const late = freePort();
    const ports = { 443: await late };
    disposables.push(redirectPorts(ports));
    const running = run(certificate);
    const server = createTlsServer(long, (_, response) => response.end()) as unknown as Server;
    await new Promise<void>((resolve) => server.listen(ports[443], "127.0.0.1", resolve));
    open.push(server);
    expect(await running).toMatch(/^59 days/);
  });

  test.each([
    ["of an unknown authority", long, "", /self-signed certificate/],
    ["of another name", stranger, stranger.cert, /does not match|not in the cert/],
  ])("%s is none, and the DNS record that is missing is named", async (_, tls, root, why) => {
    await machine({ tls });
    vi.useFakeTimers({ toFake: ["Date"] });
    const running = failure(certificate, inputs(root));
    await new Promise((resolve) => setTimeout(resolve, 100));
    vi.setSystemTime(Date.now() + 3 * 60_000);
    const message = await running;
    expect(message).toMatch(/^no valid certificate for atlas\.plant\.example after 2 minutes: /);
    expect(message).toMatch(why);
    expect(message).toContain(`make: ${name}. 300 IN A 127.0.0.1`);
  });
});

describe("http", () => {
  const redirecting =
    (status: number, location?: string): RequestListener =>
    (_, response) => {
      response.writeHead(status, location ? { location } : {}).end();
    };

  test.each([301, 308])("redirects with %d", async (status) => {
    await machine({ plain: redirecting(status, `https://${name}/`) });
    expect(await run(check("redirect"))).toBe(`HTTP ${status} to https://${name}/`);
  });

  test.each([
    ["serves a page", 200, undefined, `http://${name}/ leads to no other address`],
    ["leads elsewhere", 308, "https://other.example/", `http://${name}/ leads to https://other.example/`],
    [
      "leads to a name that begins alike",
      308,
      `https://${name}.evil.example/`,
      `http://${name}/ leads to https://${name}.evil.example/`,
    ],
    ["redirects for now only", 302, `https://${name}/`, `http://${name}/ leads to https://${name}/`],
  ])("that %s is a failure", async (_, status, location, message) => {
    await machine({ plain: redirecting(status, location) });
    expect(await failure(check("redirect"))).toBe(message);
  });
});

describe("browsers", () => {
  const telling =
    (value?: string): RequestListener =>
    (_, response) => {
      response.writeHead(200, value ? { "strict-transport-security": value } : {}).end("page");
    };

  test("are told to use https", async () => {
    await machine({ secure: telling("max-age=31536000") });
    expect(await run(check("hsts"))).toBe("max-age=31536000");
  });

  test.each([
    [undefined, "Strict-Transport-Security is not sent"],
    ["max-age=0", "Strict-Transport-Security is max-age=0"],
    ["max-age=300", "Strict-Transport-Security is max-age=300"],
  ])("are not with %s", async (value, message) => {
    await machine({ secure: telling(value) });
    expect(await failure(check("hsts"))).toBe(message);
  });
});

describe("closed ports", () => {
  test("are closed", async () => {
    const nobody = await freePort();
    disposables.push(
      redirectPorts(Object.fromEntries([5432, 8080, 9000, 9001, 2375, 3000].map((p) => [p, nobody]))),
    );
    expect(await run(closedPortsCheck)).toBe("closed: 5432, 8080, 9000, 9001, 2375, 3000");
  });

  test("that answer are named", async () => {
    const server = createTcpServer((socket) => socket.destroy()) as unknown as Server;
    const somebody = await listening(server);
    const nobody = await freePort();
    disposables.push(
      redirectPorts({
        5432: nobody,
        8080: nobody,
        9000: somebody,
        9001: nobody,
        2375: somebody,
        3000: nobody,
      }),
    );
    open.splice(open.indexOf(server), 1);
    expect(await failure(closedPortsCheck)).toBe(
      "127.0.0.1 answers from outside on port 9000, 2375: look at the firewall",
    );
    server.close();
  });
});

test("without an address of its own the name's is taken, by every client's own way", () => {
  const { dispatcher } = publicWay({ ...inputs(), publicAddress: undefined });
  expect(dispatcher).toBeUndefined();
});
