import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { ResolvedService } from "../../../components/hosts/compose.ts";
import { releaseInput } from "../../../components/hosts/droplet/release.ts";
import { releaseFiles } from "../../../components/hosts/droplet/release-files.ts";
import type { Service } from "../../../components/services/service.ts";
import { json } from "./configuration.ts";
import { secrets, servicesOf } from "./deployment-services.ts";
import { composeProgram, composeView } from "./plain-compose.ts";

const namePrefix = "atlas-prod";
const droplet = { host: "droplet", domain: "atlas.plant.example", sshFrom: '["203.0.113.7/32"]' };
const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

const resolved = (values: Record<string, string> = {}) =>
  Object.values(servicesOf({ ...droplet, ...values })).filter(
    (service): service is Service => !!service,
  ) as ResolvedService[];
const filesOf = (values: Record<string, string> = {}) => releaseFiles(resolved(values), { namePrefix });

interface Compose {
  name: string;
  services: Record<string, Record<string, unknown> & { environment: Record<string, string> }>;
  volumes: Record<string, unknown>;
  configs: Record<string, { file: string }>;
}
const composeOf = (values: Record<string, string> = {}) =>
  parse(filesOf(values)["compose.yaml"] ?? "") as Compose;

describe("the files", () => {
  test("are the compose file, the environment and what containers read", () => {
    expect(Object.keys(filesOf())).toEqual(["images.json", "compose.yaml", ".env", "Caddyfile"]);
    const own = filesOf({ acmeDirectory: "https://ca.example/dir", acmeRoot: certificate });
    expect(Object.keys(own)).toEqual(["images.json", "compose.yaml", ".env", "Caddyfile", "acme-root.pem"]);
    expect(own["acme-root.pem"]).toBe(certificate);
  });

  test("hold secrets in .env only", () => {
    const { ".env": env, ...others } = filesOf({ backendEnv: json({ SMTP_PWD: "canary-mail" }) });
    for (const secret of [...Object.values(secrets), "canary-mail"]) {
      expect(env).toContain(secret);
      expect(JSON.stringify(others)).not.toContain(secret);
    }
  });

  test("are the same each time", () => {
    expect(filesOf()).toEqual(filesOf());
  });
});

describe("the compose file", () => {
  test("names each service's variables and no value", () => {
    for (const [name, { environment }] of Object.entries(composeOf().services))
      for (const [variable, value] of Object.entries(environment))
        expect(value).toBe(`\${${name}_${variable}}`);
  });

  test("keeps every volume on the mounted one", () => {
    expect(composeOf().volumes).toEqual(
      Object.fromEntries(
        ["certificates", "postgres", "storage"].map((name) => [
          name,
          {
            name: `atlas-prod-${name}`,
            driver: "local",
            driver_opts: { type: "none", o: "bind", device: `/var/lib/atlas/volumes/${name}` },
          },
        ]),
      ),
    );
  });

  test("shuts the proxy, and only the proxy, until the door is opened", () => {
    const shut = Object.entries(composeOf().services).filter(([, { profiles }]) => profiles !== undefined);
    expect(shut.map(([name, { profiles }]) => [name, profiles])).toEqual([["ingress", ["public"]]]);
  });

  test("logs to the journal and starts again by itself", () => {
    for (const [name, service] of Object.entries(composeOf().services))
      expect(service).toMatchObject({
        container_name: `atlas-prod-${name}`,
        logging: { driver: "journald", options: { tag: name } },
        restart: "unless-stopped",
        healthcheck: { start_interval: "1s", test: expect.any(Array) },
      });
  });

  test("reads files through the link, under a name that changes with the content", () => {
    const [[name, config] = []] = Object.entries(composeOf().configs);
    expect(config).toEqual({ file: "/var/lib/atlas/releases/current/Caddyfile" });
    const [[other] = []] = Object.entries(composeOf({ storage: "false" }).configs);
    expect(other).not.toBe(name);
  });
});

const service = (env: Record<string, string>): ResolvedService => ({
  name: "backend",
  image: "atlas:1",
  env,
  files: [],
  volumes: [],
  ports: [],
  networks: ["web"],
  hosts: [],
  memoryMiB: 64,
  capabilities: [],
  healthcheck: { shell: "true", intervalSeconds: 15, timeoutSeconds: 5, retries: 3, startPeriodSeconds: 90 },
  stop: { signal: "SIGTERM", graceSeconds: 30 },
});

describe.skipIf(!composeProgram)("Docker Compose", { timeout: 120_000 }, () => {
  const environmentOf = (env: Record<string, string>) =>
    composeView(releaseFiles([service(env)], { namePrefix })).services.backend?.environment;

  /** Compose shows text so that it could read it again. */
  const shown = (env: Record<string, string>) =>
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replaceAll("$", "$$$$")]));

  test("gives every container exactly its environment", () => {
    const backendEnv = json({
      SMTP_PWD: "pa$$w\"or'd #1 \\n\n\u0024{HOME} `x`",
      EMPTY: "",
      YES: "yes",
      NUMBER: "007",
    });
    const services = resolved({ backendEnv });
    const view = composeView(releaseFiles(services, { namePrefix }), ["public"]);
    expect(Object.keys(view.services).toSorted()).toEqual([
      "backend",
      "frontend",
      "ingress",
      "postgres",
      "storage",
    ]);
    for (const { name, env } of services) expect(view.services[name]?.environment).toEqual(shown(env));
  });

  test.each([
    "plain",
    " blanks around ",
    "#no comment",
    "a # b",
    "'single'",
    '"double"',
    "back\\slash",
    "ends with \\",
    'ends with \\"',
    "\\n is no line",
    "\\$x",
    "\\\\$x",
    "$x \u0024{x} $\u0024{x} \u0024{x:-y} $(date) $",
    "line\nline\r\nline\r",
    "\n",
    "tab\tbell\u0007",
    "\\0101 \\x41 \\u0041 \\a",
    "é ü 漢 🔧 \u2028",
    "a=b",
    "export X=1",
    "\u0024{",
    "`id`",
  ])("reads %j as it was meant", (value) => {
    expect(environmentOf({ VALUE: value })).toEqual(shown({ VALUE: value }));
  });

  test("reads any text as it was meant", () => {
    const character = fc.oneof(
      fc.constantFrom(..."\\\"'$`{}#=n \n\r\t0x:-"),
      fc.string({ minLength: 1, maxLength: 1, unit: "grapheme" }).filter((text) => !text.includes("\0")),
    );
    const value = fc.array(character, { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(value, { minLength: 150, maxLength: 150 }), (values) => {
        const env = Object.fromEntries(values.map((text, index) => [`V${index}`, text]));
        expect(environmentOf(env)).toEqual(shown(env));
      }),
      { numRuns: 12 },
    );
  });

  test("publishes http and https of both kinds, and nothing else to the world", () => {
    const view = composeView(filesOf(), ["public"]);
    const published = Object.values(view.services).flatMap(({ ports = [] }) => ports) as {
      host_ip: string;
      published: string;
      protocol: string;
    }[];
    expect(
      published.map(({ host_ip, published: port, protocol }) => `${host_ip}:${port}/${protocol}`).toSorted(),
    ).toEqual(["0.0.0.0:443/tcp", "0.0.0.0:443/udp", "0.0.0.0:80/tcp", "127.0.0.1:5433/tcp"]);
  });

  test("runs commands and probes as they were meant", () => {
    const services = resolved();
    const view = composeView(releaseFiles(services, { namePrefix }), ["public"]);
    for (const { name, command, entrypoint, healthcheck } of services)
      expect(view.services[name]).toMatchObject({
        command: command?.map((part) => part.replaceAll("$", "$$$$")) ?? null,
        entrypoint: entrypoint?.map((part) => part.replaceAll("$", "$$$$")) ?? null,
        healthcheck: {
          test: ["CMD-SHELL", healthcheck.shell.replaceAll("$", "$$$$")],
          start_interval: "1s",
        },
      });
  });

  test("leaves the proxy out while the door is shut", () => {
    expect(Object.keys(composeView(filesOf()).services)).not.toContain("ingress");
  });
});

describe("what is sent", () => {
  test("names the release by its content", () => {
    const nameOf = (values: Record<string, string>) =>
      /^apply ([0-9a-f]{12}) /m.exec(releaseInput(filesOf(values), []))?.[1] ??
      /^apply ([0-9a-f]{12})/m.exec(releaseInput(filesOf(values), []))?.[1];
    expect(nameOf({})).toMatch(/^[0-9a-f]{12}$/);
    expect(nameOf({})).toBe(nameOf({}));
    expect(nameOf({})).not.toBe(nameOf({ backendEnv: json({ A: "b" }) }));
  });

  test("holds nothing that a shell would read but the script, file names and the order", () => {
    const input = releaseInput(filesOf({ backendEnv: json({ A: "canary$(touch /tmp/x)" }) }), ["postgres"]);
    expect(input).not.toContain("canary");
    const [, added = ""] = input.split(/^(?=add compose\.yaml )/m);
    for (const line of added.trimEnd().split("\n"))
      expect(line).toMatch(
        /^(add [\w.-]+ 6(00|44) << \.|[A-Za-z0-9+/=]*|\.|apply [0-9a-f]{12} postgres < \/dev\/null)$/,
      );
  });
});
