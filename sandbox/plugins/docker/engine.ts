import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import type { Props, Value } from "../bridge/schema.ts";
import { isSet, UNKNOWN } from "../bridge/values.ts";

/** How the provider reaches the Docker Engine. */

const DEFAULT_HOST = "unix:///var/run/docker.sock";

export function withEnvironment(config: Props, environment: NodeJS.ProcessEnv): Props {
  if (isSet(config.host)) return config;
  return environment.DOCKER_HOST ? { ...config, host: environment.DOCKER_HOST } : config;
}

export async function connect(config: Props): Promise<Docker> {
  const host = textOf(config.host);
  for (const candidate of host === undefined ? [DEFAULT_HOST, ...userHosts()] : [host]) {
    const engine = engineAt(candidate, config);
    if (isUnchecked(candidate, config) || (await answers(engine))) return engine;
  }
  throw new Error(
    "docker native provider returned an unexpected error from Configure: failed to connect to any docker daemon",
  );
}

/** A host over ssh, or one that is not known yet, is reached only when there is something to do. */
function isUnchecked(host: string, config: Props): boolean {
  return (
    host.startsWith("ssh://") || config.host === UNKNOWN || String(config.disableDockerDaemonCheck) === "true"
  );
}

export function engineAt(host: string, config: Props): Docker {
  if (host === UNKNOWN) return new Docker();
  const { protocol, hostname, port, pathname } = new URL(host);
  const tls = certificates(config);
  switch (protocol) {
    case "unix:":
      return new Docker({ socketPath: pathname });
    case "ssh:":
      return new Docker({
        protocol: "ssh",
        host: hostname,
        port: port || 22,
        username: new URL(host).username,
      });
    case "tcp:":
    case "http:":
    case "https:": {
      const secure = tls.cert !== undefined || protocol === "https:";
      return new Docker({
        protocol: secure ? "https" : "http",
        host: hostname,
        port: port || (secure ? 2376 : 2375),
        ...(secure ? tls : {}),
      });
    }
    default:
      throw new Error(`unable to parse docker host \`${host}\``);
  }
}

function certificates(config: Props): { ca?: string; cert?: string; key?: string } {
  const folder = textOf(config.certPath);
  if (folder !== undefined) {
    const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((file) =>
      readFileSync(join(folder, file), "utf8"),
    );
    return { ca, cert, key };
  }
  return {
    ca: textOf(config.caMaterial),
    cert: textOf(config.certMaterial),
    key: textOf(config.keyMaterial),
  };
}

async function answers(engine: Docker): Promise<boolean> {
  try {
    await engine.ping();
    return true;
  } catch (cause) {
    // The one error text for every reason is the original's; the reason itself goes to the plugin's log.
    process.stderr.write(`docker stand-in: ${messageOf(cause)}\n`);
    return false;
  }
}

function userHosts(): string[] {
  return ["run", "desktop"].map((folder) => `unix://${homedir()}/.docker/${folder}/docker.sock`);
}

function textOf(value: Value | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The engine's answer in the words of Docker's Go client, which the original prints. */
export function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ("json" in cause && typeof cause.json === "object" && cause.json !== null && "message" in cause.json)
    return `Error response from daemon: ${String(cause.json.message).trim()}`;
  if ("statusCode" in cause && typeof cause.statusCode === "number" && "reason" in cause)
    return `Error response from daemon: ${cause.message.replace(/^\(HTTP code \d+\) [^-]*- /, "").trim()}`;
  return cause.message;
}

export function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "statusCode" in cause && cause.statusCode === 404;
}

/** Runs a call to the engine; its failure is told as `<what>: <the engine's words>`. */
export async function calling<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new Error(`${what}: ${messageOf(cause)}`, { cause });
  }
}

/** What a look-up finds, or undefined when there is no such object. */
export async function lookUp<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new Error(messageOf(cause), { cause });
  }
}
