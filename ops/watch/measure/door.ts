// The public door of a deployment, at the address of the proxy's own container: no name has to be looked up, and nothing
// between here and the proxy can be what is wrong.
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { checkServerIdentity, connect } from "node:tls";
import { z } from "zod";
import { containerOf, type Deployment } from "../../deployment.ts";
import { addressOf, docker, networkSettings } from "../../docker.ts";
import type { AtlasFacts, CertificateFacts } from "../condition.ts";

const httpsPort = 443;
const timeoutMs = 10_000;

export interface Door {
  address: string;
  port: number;
  publicUrl: URL;
}

const inspectedSchema = z.tuple([
  z.object({
    HostConfig: z.object({ PortBindings: z.record(z.string(), z.unknown()).nullable() }),
    NetworkSettings: networkSettings,
  }),
]);

/** @throws Error where the proxy does not run or has no door */
export async function doorOf(deployment: Deployment): Promise<Door> {
  const container = containerOf(deployment, "ingress");
  const [{ HostConfig, NetworkSettings }] = inspectedSchema.parse(
    JSON.parse(await docker(["inspect", "--type", "container", container])),
  );
  const publicUrl = new URL(deployment.publicUrl);
  const address = addressOf(NetworkSettings);
  if (!address) throw new Error(`container ${container} does not run; next: docker start ${container}`);
  if (publicUrl.protocol === "https:") return { address, port: httpsPort, publicUrl };
  const [published] = Object.keys(HostConfig.PortBindings ?? {});
  if (!published) throw new Error(`container ${container} publishes no port`);
  return { address, port: Number.parseInt(published, 10), publicUrl };
}

/** The certificate that the door shows to browsers, whoever it is of. */
export function certificateAt({ address, port, publicUrl: { hostname } }: Door): Promise<CertificateFacts> {
  return new Promise((resolve, reject) => {
    // Also a certificate that has expired is to be looked at. Nothing is sent over this connection.
    const options = {
      host: address,
      port,
      servername: hostname,
      rejectUnauthorized: false,
      timeout: timeoutMs,
    };
    const socket = connect(options, () => {
      const shown = socket.getPeerCertificate();
      const expiresAt = new Date(shown.valid_to).toISOString();
      const issuer = shown.issuer.O ?? shown.issuer.CN ?? "an authority without a name";
      resolve({
        issuer: String(issuer),
        expiresAt,
        wrongName: checkServerIdentity(hostname, shown)?.message,
      });
      socket.end();
    });
    socket.once("timeout", () =>
      socket.destroy(new Error(`no certificate from ${address}:${port} within ${timeoutMs / 1000} s`)),
    );
    socket.once("error", reject);
  });
}

type Call = AtlasFacts["calls"][number];

/** Atlas' own health check, and a call that reads from its database; neither takes a token. */
const calls = [
  { name: "health check", path: "/api/health-check" },
  { name: "database read", path: "/api/subscription-plans" },
];

/** One after the other, as one may slow the other down. Never rejects: no answer is a fact, too. */
export async function atlasCalls(door: Door): Promise<{ calls: Call[] }> {
  const made: Call[] = [];
  for (const { name, path } of calls) {
    const began = performance.now();
    const answer = await ask(door, path);
    made.push({ name, seconds: Math.round(performance.now() - began) / 1000, ...answer });
  }
  return { calls: made };
}

function ask({ address, port, publicUrl }: Door, path: string): Promise<Pick<Call, "status" | "error">> {
  const options = { host: address, port, path, headers: { host: publicUrl.host }, agent: false };
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ error: error.message });
    const answered = (response: IncomingMessage) => {
      response.resume();
      response.once("error", failed);
      response.once("end", () => resolve({ status: response.statusCode ?? 0 }));
    };
    // The certificate is judged by itself, and nothing secret is asked for.
    const asked =
      publicUrl.protocol === "https:"
        ? requestHttps({ ...options, servername: publicUrl.hostname, rejectUnauthorized: false }, answered)
        : requestHttp(options, answered);
    const timer = setTimeout(
      () => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    asked.once("error", failed);
    asked.once("close", () => clearTimeout(timer));
    asked.end();
  });
}
