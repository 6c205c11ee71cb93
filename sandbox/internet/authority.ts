// The certificate authority of the twin: Caddy's, which speaks ACME as the public ones do. The same Caddy is the front
// door of the registry.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import path from "node:path";
import { freePort } from "../free-port.ts";
import { goProgram } from "../toolchain/go-program.ts";
import { serveVerdicts } from "./acme-verdicts.ts";
import { type ChildLogs, keepRunning, type Program } from "./child.ts";
import { acmeDirectory, acmeHost, authorityName, registryHost } from "./names.ts";

export interface AuthorityOptions {
  folder: string;
  gateway: string;
  registryPort: number;
}

/** On 127.0.0.1: the registry, what stands before Caddy's authority, and that authority itself. */
interface Ports {
  registry: number;
  verdicts: number;
  authority: number;
}

export const rootCertificateFile = (folder: string): string => path.join(folder, "root.crt");

/** Keys and certificates stay in the folder: what was issued remains valid when this is started again. */
export async function serveAuthority(
  { folder, gateway, registryPort }: AuthorityOptions,
  logs: ChildLogs,
): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const authority = await freePort();
  const verdicts = parts.use(await serveVerdicts(authority, logs.output));
  const ports = { registry: registryPort, verdicts: verdicts.port, authority };
  const data = path.join(folder, "authority");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const config = path.join(data, "caddy.json");
  writeFileSync(config, JSON.stringify(authorityConfig(gateway, ports), undefined, 2), { mode: 0o600 });
  const caddy = await goProgram("caddy");
  const storedRoot = path.join(data, "caddy/pki/authorities", authorityName, "root.crt");
  const running = await keepRunning(
    {
      name: "The certificate authority",
      ...resolvingThrough(gateway, folder, [caddy, "run", "--config", config]),
      env: caddyEnvironment(data),
      answers: async () => {
        await directoryAnswers(gateway, readFileSync(storedRoot));
        copyFileSync(storedRoot, rootCertificateFile(folder));
        chmodSync(rootCertificateFile(folder), 0o644);
      },
    },
    logs,
  );
  parts.use(running);
  return parts.move();
}

/** Caddy keeps all that it has below XDG_DATA_HOME. Go's own resolver asks the name servers and nothing else. */
export const caddyEnvironment = (folder: string): Record<string, string> => ({
  PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: folder,
  XDG_DATA_HOME: folder,
  XDG_CONFIG_HOME: folder,
  GODEBUG: "netdns=go",
});

/**
 * A command that resolves names at the given name server only. Caddy's authority uses the resolvers of its
 * configuration for dns-01 alone; where it connects to for http-01 and tls-alpn-01 is what the system says. So it gets
 * a resolv.conf of its own, in a mount namespace, and a hosts file that knows nobody.
 */
export function resolvingThrough(
  nameServer: string,
  folder: string,
  command: string[],
): Pick<Program, "command" | "args"> {
  const resolvConf = path.join(folder, "resolv.conf");
  const hosts = path.join(folder, "hosts");
  writeFileSync(resolvConf, `nameserver ${nameServer}\noptions timeout:5 attempts:2\n`);
  writeFileSync(hosts, "127.0.0.1 localhost\n::1 localhost\n");
  const script = 'mount --bind "$1" /etc/resolv.conf && mount --bind "$2" /etc/hosts && shift 2 && exec "$@"';
  const args = [
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-c",
    script,
    "sh",
    resolvConf,
    hosts,
    ...command,
  ];
  return { command: "unshare", args };
}

/** As a public authority: leaf certificates for 90 days, below an intermediate and a root that outlive them. */
export function authorityConfig(gateway: string, ports: Ports) {
  const intermediateYears = 3;
  return {
    admin: { disabled: true, config: { persist: false } },
    apps: {
      pki: {
        certificate_authorities: {
          [authorityName]: {
            name: "Atlas CMMS sandbox",
            root_common_name: "Atlas CMMS sandbox root",
            intermediate_common_name: "Atlas CMMS sandbox intermediate",
            intermediate_lifetime: `${intermediateYears * 365 * 24}h`,
            install_trust: false,
          },
        },
      },
      tls: {
        automation: {
          policies: [
            { subjects: [acmeHost, registryHost], issuers: [{ module: "internal", ca: authorityName }] },
          ],
        },
      },
      http: {
        grace_period: "1s",
        servers: {
          internet: {
            listen: [`${inUrl(gateway)}:443`],
            protocols: ["h1", "h2"],
            // Port 80 is not this server's.
            automatic_https: { disable_redirects: true },
            routes: [
              { match: [{ host: [acmeHost] }], handle: [proxyTo(ports.verdicts)] },
              ...registryRoutes(ports.registry),
              notFound,
            ],
          },
          authority: {
            listen: [`127.0.0.1:${ports.authority}`],
            protocols: ["h1"],
            automatic_https: { disable: true },
            routes: [{ handle: [acmeHandler(gateway)] }, notFound],
          },
        },
      },
    },
  };
}

const inUrl = (address: string): string => (address.includes(":") ? `[${address}]` : address);

const notFound = { handle: [{ handler: "static_response", status_code: 404 }] };

const proxyTo = (port: number) => ({ handler: "reverse_proxy", upstreams: [{ dial: `127.0.0.1:${port}` }] });

const acmeHandler = (gateway: string) => ({
  handler: "acme_server",
  ca: authorityName,
  lifetime: "2160h",
  challenges: ["http-01", "tls-alpn-01"],
  resolvers: [`udp/${inUrl(gateway)}:53`],
});

/** Whoever comes through this door may look and take, not put. */
function registryRoutes(port: number) {
  const host = [registryHost];
  const refusal = { errors: [{ code: "UNSUPPORTED", message: "The operation is unsupported." }] };
  return [
    {
      match: [{ host, path: ["/v2", "/v2/*"], method: ["GET", "HEAD"] }],
      handle: [proxyTo(port)],
    },
    {
      match: [{ host, path: ["/v2", "/v2/*"] }],
      handle: [
        {
          handler: "static_response",
          status_code: 405,
          headers: { Allow: ["GET, HEAD"], "Content-Type": ["application/json"] },
          body: JSON.stringify(refusal),
        },
      ],
    },
  ];
}

/** Through the front door, as a client that trusts the root alone. */
function directoryAnswers(gateway: string, ca: Buffer): Promise<void> {
  const { hostname, pathname } = new URL(acmeDirectory);
  const options = { host: gateway, path: pathname, servername: hostname, headers: { host: hostname }, ca };
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, agent: false, timeout: 5000 }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${acmeDirectory} answers ${response.statusCode}`));
    });
    asked.once("timeout", () => asked.destroy(new Error(`${acmeDirectory} does not answer in 5 s`)));
    asked.once("error", reject);
    asked.end();
  });
}
