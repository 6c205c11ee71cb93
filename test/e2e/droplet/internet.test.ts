// The internet of the twin's droplets, for real: a Caddy as any droplet's gets certificates from its authority, an image
// goes through its registry. All on loopback addresses.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomInt, X509Certificate } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { connect, type PeerCertificate } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caddyEnvironment, resolvingThrough } from "../../../sandbox/internet/authority.ts";
import { keepRunning } from "../../../sandbox/internet/child.ts";
import { type Internet, openInternet } from "../../../sandbox/internet/open.ts";
import { pushImage, pushImages } from "../../../sandbox/internet/push.ts";
import { goProgram } from "../../../sandbox/toolchain/go-program.ts";

const folder = mkdtempSync(path.join(tmpdir(), "atlas-internet-"));
const network = `127.${randomInt(20, 200)}.${randomInt(1, 250)}`;
const [gateway, droplet, parked] = [`${network}.1`, `${network}.11`, `${network}.12`] as const;
const addresses: Record<string, string> = {
  "http.shop.example": droplet,
  "alpn.shop.example": droplet,
  "parked.shop.example": parked,
};
const image = `atlas-sandbox.invalid/test/internet-${randomInt(1e9)}:1`;
const twin = image.replace(/:1$/, ":twin");
/** Ids of images: those whose name went to another one stay in the engine, nameless. */
const made: string[] = [];
const events: string[] = [];
let internet: Internet;

const open = () =>
  openInternet({
    folder,
    gateway,
    lookup: (name, type) => {
      const data = type === "A" ? addresses[name] : undefined;
      return data ? [{ type, data, ttl: 30 }] : [];
    },
    log: (line) => events.push(line),
  });

beforeAll(async () => {
  internet = await open();
});
afterAll(async () => {
  await internet[Symbol.asyncDispose]();
  spawnSync("docker", ["image", "rm", image, twin, ...made], { stdio: "ignore" });
  expect(processesOf(folder)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

describe("the authority", () => {
  test("a droplet gets certificates by http-01 and tls-alpn-01 that outlast 80 days", async () => {
    await using _web = await serveWeb("web", ["http.shop.example", "alpn.shop.example"]);
    for (const name of ["http.shop.example", "alpn.shop.example"]) {
      const certificate = await certificateOf(name);
      const days = (Date.parse(certificate.valid_to) - Date.now()) / 86_400_000;
      expect(certificate.subjectaltname).toBe(`DNS:${name}`);
      expect(days).toBeGreaterThan(80);
      expect(days).toBeLessThanOrEqual(90);
    }
  });

  test("a name that points elsewhere gets none: the authority asks at the address that DNS tells", async () => {
    const asked: string[] = [];
    const elsewhere = createServer((incoming, response) => {
      asked.push(`${incoming.headers.host} ${incoming.url}`);
      response.end("Parked.");
    });
    elsewhere.listen(80, parked);
    await once(elsewhere, "listening");
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => void elsewhere.close());
    const output: string[] = [];
    cleanup.use(await serveWeb("thief", ["parked.shop.example"], output));
    await expect
      .poll(() => output.join("\n"), { timeout: 30_000 })
      .toMatch(/rejectedIdentifier|authorization failed/);
    expect(asked[0]).toMatch(/^parked\.shop\.example \/\.well-known\/acme-challenge\//);
    await expect(certificateOf("parked.shop.example", 0)).rejects.toThrow();
  });

  test("its root stays the same when it is closed and opened again, and so do the certificates of old", async () => {
    const before = readFileSync(internet.rootCertificateFile);
    const intermediate = new X509Certificate(readFileSync(stored("intermediate.crt")));
    await internet[Symbol.asyncDispose]();
    expect(processesOf(folder)).toEqual([]);
    internet = await open();
    const root = new X509Certificate(readFileSync(internet.rootCertificateFile));
    expect(root.raw).toEqual(new X509Certificate(before).raw);
    expect(new X509Certificate(readFileSync(stored("intermediate.crt"))).raw).toEqual(intermediate.raw);
    expect(intermediate.verify(root.publicKey)).toBe(true);
    const years = (certificate: X509Certificate) => certificate.validToDate.getTime() / 31_536_000_000;
    expect(years(root) - years(intermediate)).toBeGreaterThan(1);
    for (const key of ["root.key", "intermediate.key"])
      expect(statSync(stored(key)).mode & 0o777).toBe(0o600);
  });

  test("port 80 is nobody's", async () => {
    await expect(fetch(`http://${gateway}/`)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });
});

describe("the registry", () => {
  const [repository, tag] = image.split("invalid/")[1]?.split(":") ?? [];

  test("what was pushed can be pulled by name, whole; a second time nothing is pushed", async () => {
    makeImage("first");
    expect(await pushImages(folder, [image])).toEqual([image]);
    expect(await pushImages(folder, [image])).toEqual([]);
    expect(await layerOf()).toContain("first");
    makeImage("second");
    spawnSync("docker", ["image", "tag", image, twin]);
    expect(await pushImages(folder, [twin])).toEqual([twin]);
    expect(await pushImages(folder, [image])).toEqual([image]);
    expect(await layerOf()).toContain("second");
    const names = spawnSync("docker", [
      "image",
      "inspect",
      "--format",
      "{{.RepoTags}} {{.RepoDigests}}",
      image,
    ]);
    expect(names.stdout.toString().trim()).toBe(`[${image} ${twin}] []`);
  });

  test("nothing can be put through the front door", async () => {
    const refused = await askRegistry(`/v2/${repository}/blobs/uploads/`, { method: "POST" });
    expect(refused.status).toBe(405);
    expect(JSON.parse(refused.body.toString())).toMatchObject({ errors: [{ code: "UNSUPPORTED" }] });
    expect((await askRegistry("/v2/")).headers["docker-distribution-api-version"]).toBe("registry/2.0");
    expect((await askRegistry("/v2/nothing/manifests/here")).body.toString()).toContain("MANIFEST_UNKNOWN");
  });

  test("a name of another registry is refused, and an image that the engine does not have", async () => {
    await expect(pushImage(folder, "postgres:16")).rejects.toThrow(
      /docker tag postgres:16 atlas-sandbox\.invalid/,
    );
    await expect(pushImages(folder, ["atlas-sandbox.invalid/no/such:1"])).rejects.toThrow(/no\/such:1/);
  });

  test("an image that another name stands for stays when the first one goes on", async () => {
    makeImage("third");
    await pushImage(folder, image);
    expect(await layerOf()).toContain("third");
    expect((await askRegistry(`/v2/${repository}/manifests/twin`)).status).toBe(200);
  });

  test("images survive a restart, replaced ones do not", async () => {
    const before = blobs();
    await internet[Symbol.asyncDispose]();
    internet = await open();
    expect(blobs().length).toBeLessThan(before.length);
    expect(await layerOf()).toContain("third");
    expect(await pushImages(folder, [image])).toEqual([]);
  });

  test("it is started again when it dies", async () => {
    const registry = processesOf(folder).find((found) => found.command.includes("docker-registry"));
    process.kill(registry?.pid ?? 0, "SIGKILL");
    await expect.poll(() => events.join("\n"), { timeout: 15_000 }).toMatch(/registry answers again/);
    expect(events.join("\n")).toMatch(/The container registry ended by itself \(signal SIGKILL\)/);
    expect(await layerOf()).toContain("third");
  });

  async function layerOf(): Promise<string> {
    const accept = "application/vnd.docker.distribution.manifest.v2+json";
    const manifest = await askRegistry(`/v2/${repository}/manifests/${tag}`, { headers: { accept } });
    const [layer] = JSON.parse(manifest.body.toString()).layers;
    const { body } = await askRegistry(`/v2/${repository}/blobs/${layer.digest}`);
    expect(`sha256:${createHash("sha256").update(body).digest("hex")}`).toBe(layer.digest);
    return spawnSync("gzip", ["-dc"], { input: body }).stdout.toString();
  }

  const blobs = () =>
    readdirSync(path.join(folder, "registry/docker/registry/v2/blobs"), { recursive: true }).filter((file) =>
      String(file).endsWith("/data"),
    );
});

describe("processes", () => {
  test("a second one is told who has the place", async () => {
    await expect(open()).rejects.toThrow(`needs port 53 of ${gateway}, which is taken`);
    const other = {
      folder: path.join(folder, "other"),
      gateway: "192.0.2.1",
      lookup: () => [],
      log: () => {},
    };
    await expect(openInternet(other)).rejects.toThrow(/address 192\.0\.2\.1, which no interface/);
  });

  test("one that is killed leaves nothing behind, and its successor opens", async () => {
    const own = path.join(folder, "killed");
    const options = { folder: own, gateway: `${network}.2` };
    const script = `const { openInternet } = await import(${JSON.stringify(path.resolve("sandbox/internet/open.ts"))});
      await openInternet({ ...${JSON.stringify(options)}, lookup: () => [], log: console.log });
      console.log("open");
      setInterval(() => {}, 1000);`;
    const opener = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: opener.stdout })) if (line === "open") break;
    const successor = () => openInternet({ ...options, lookup: () => [], log: () => {} });
    await expect(successor()).rejects.toThrow(
      `Process ${opener.pid}, which opened this internet before, still runs`,
    );
    expect(processesOf(own)).toHaveLength(2);
    opener.kill("SIGKILL");
    await once(opener, "exit");
    await expect.poll(() => processesOf(own)).toEqual([]);
    await using _opened = await successor();
    expect(processesOf(own)).toHaveLength(2);
  });
});

/** A web server as a droplet runs it, with a data folder and automatic certificates of its own. */
async function serveWeb(name: string, names: string[], output: string[] = []): Promise<AsyncDisposable> {
  const data = path.join(folder, name);
  mkdirSync(data);
  const config = path.join(data, "caddy.json");
  const policy = (host: string) => ({
    subjects: [host],
    issuers: [
      {
        module: "acme",
        ca: internet.acmeDirectory,
        email: "someone@shop.example",
        trusted_roots_pem_files: [internet.rootCertificateFile],
        challenges: host.startsWith("alpn")
          ? { http: { disabled: true } }
          : { "tls-alpn": { disabled: true } },
      },
    ],
  });
  const web = { listen: [`${droplet}:443`], routes: [{ match: [{ host: names }] }], protocols: ["h1"] };
  const settings = {
    admin: { disabled: true, config: { persist: false } },
    apps: { http: { servers: { web } }, tls: { automation: { policies: names.map(policy) } } },
  };
  writeFileSync(config, JSON.stringify(settings));
  return keepRunning(
    {
      name,
      ...resolvingThrough(gateway, data, [await goProgram("caddy"), "run", "--config", config]),
      env: caddyEnvironment(data),
      answers: () => fetch(`http://${droplet}/`, { redirect: "manual" }),
    },
    { output: (line) => output.push(line), event: (line) => events.push(line) },
  );
}

/** The certificate that the droplet shows for a name, as far as a client believes it. */
async function certificateOf(name: string, patienceMs = 20_000): Promise<PeerCertificate> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await handshake(name);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function handshake(name: string): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const ca = readFileSync(internet.rootCertificateFile);
    const socket = connect({ host: droplet, port: 443, servername: name, ca }, () => {
      resolve(socket.getPeerCertificate());
      socket.end();
    });
    socket.once("error", reject);
  });
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Buffer;
}

function askRegistry(
  target: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const host = internet.registry;
  const ca = readFileSync(internet.rootCertificateFile);
  const options = { host: gateway, servername: host, path: target, method, ca, agent: false };
  return new Promise((resolve, reject) => {
    request({ ...options, headers: { host, ...headers } }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    })
      .once("error", reject)
      .end();
  });
}

/** The smallest image there is: one file. */
function makeImage(content: string): void {
  const source = path.join(folder, "image");
  mkdirSync(source, { recursive: true });
  writeFileSync(path.join(source, "content"), content);
  const run = spawnSync("sh", ["-c", `tar -C "$1" -c . | docker import - "$2"`, "sh", source, image]);
  expect(run.stderr.toString()).toBe("");
  made.push(run.stdout.toString().trim());
}

const stored = (file: string) => path.join(folder, "authority/caddy/pki/authorities/sandbox", file);

/** Whatever runs with this folder in its arguments. */
function processesOf(place: string): { pid: number; command: string }[] {
  const commandOf = (pid: string) => {
    const file = `/proc/${pid}/cmdline`;
    return existsSync(file) ? readFileSync(file, "utf8").replaceAll("\0", " ") : "";
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.includes(`${place}/`) && !command.includes("--input-type=module"));
}
