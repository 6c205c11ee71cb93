// A stack on a droplet of the twin, in an account of its own, and the views that a test needs: the public's, the
// machine's, the account's.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { connect, rootCertificates } from "node:tls";
import { Agent, request } from "undici";
import { AtlasClient, type AtlasClientOptions } from "../../../client/index.ts";
import { runOverSsh, type SshTarget } from "../../../components/hosts/ssh.ts";
import { tokenOf, twinFolder } from "../../../sandbox/cloud.ts";
import { type TwinInfo, twinInfo } from "../../../sandbox/digitalocean/start.ts";
import { type StackOutputs, TestStack } from "../test-stack.ts";

export interface DropletOutputs extends StackOutputs {
  address: string;
}

export type ApiItem = Record<string, unknown> & { id: number | string; name: string };

export class DropletStack {
  readonly stack: TestStack;
  readonly domain: string;

  private constructor(stack: TestStack, domain: string) {
    this.stack = stack;
    this.domain = domain;
  }

  /** Configured, not deployed; its account is empty but for the domain. */
  static async make(config: Record<string, unknown> = {}): Promise<DropletStack> {
    const stack = await TestStack.make();
    const zone = `${stack.name}.example`;
    stack.configure({
      publicUrl: undefined,
      host: "droplet",
      domain: `atlas.${zone}`,
      dnsZone: zone,
      postgresPort: "0",
      ...config,
    });
    return new DropletStack(stack, `atlas.${zone}`);
  }

  outputs(): Promise<DropletOutputs> {
    return this.stack.outputs() as Promise<DropletOutputs>;
  }

  /** Connections to the public name as the world sees it once its resolvers know it. */
  async way(known?: string): Promise<Agent> {
    const address = known ?? (await this.outputs()).address;
    const lookup: LookupFunction = (_name, options, callback) =>
      options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4);
    return new Agent({ connect: { lookup, ca: [...rootCertificates, this.rootCertificate()] } });
  }

  rootCertificate(): string {
    return readFileSync(this.twin().internet.rootCertificateFile, "utf8");
  }

  /** Serial number of the certificate that the public is shown. */
  async certificate(): Promise<string> {
    const { address } = await this.outputs();
    const socket = connect({ host: address, port: 443, servername: this.domain, ca: this.rootCertificate() });
    await once(socket, "secureConnect");
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  }

  /** The administrator's client, through the public door. */
  async client(
    options: Pick<AtlasClientOptions, "maxRetries" | "circuitBreaker"> = {},
  ): Promise<AtlasClient> {
    const { apiUrl, adminEmail, adminPassword } = await this.outputs();
    return new AtlasClient({
      baseUrl: apiUrl,
      email: adminEmail,
      password: adminPassword,
      rateLimits: false,
      dispatcher: await this.way(),
      ...options,
    });
  }

  /** How the deployment itself reaches the machine. */
  async sshTarget(): Promise<SshTarget> {
    const state = JSON.parse(await this.stack.pulumi("stack", "export", "--show-secrets"));
    const smoke = (state.deployment.resources as { type: string; inputs: Record<string, unknown> }[]).find(
      ({ type }) => type === "pulumi-nodejs:dynamic/atlas:Smoke",
    );
    const engine = smoke?.inputs.engine as { plaintext: string };
    return JSON.parse(engine.plaintext);
  }

  /** Runs a line of shell on the droplet as root. @throws Error with its output when it fails */
  async ssh(line: string, timeoutMs = 60_000): Promise<string> {
    const { code, output } = await runOverSsh(await this.sshTarget(), line, { timeoutMs });
    if (code !== 0) throw new Error(`${line}: exit code ${code}: ${output}`);
    return output.toString().trim();
  }

  /** Container id by service. */
  async containerIds(): Promise<Record<string, string>> {
    const list = await this.ssh(`docker ps --all --no-trunc --format '{{.Names}} {{.ID}}'`);
    return Object.fromEntries(
      list.split("\n").map((line) => {
        const [name = "", id = ""] = line.split(" ");
        return [name.slice(this.stack.prefix.length + 1), id];
      }),
    );
  }

  twin(): TwinInfo {
    const twin = twinInfo(twinFolder);
    if (!twin) throw new Error("the twin of DigitalOcean does not run");
    return twin;
  }

  /** Calls the API as the account's owner. */
  async api<T = Record<string, unknown>>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
  ): Promise<T> {
    const answer = await request(`${this.twin().url}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokenOf(this.stack.name)}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return (text === "" ? {} : JSON.parse(text)) as T;
  }

  /** All objects of a kind in the account. @param path such as `droplets`, whose last part names the list */
  async list(path: string, name = path.split("/").at(-1) ?? path): Promise<ApiItem[]> {
    const page = await this.api<Record<string, ApiItem[]>>("GET", `/v2/${path}?per_page=200`);
    return page[name] ?? [];
  }

  async droplet(): Promise<ApiItem> {
    const [droplet, ...others] = await this.list("droplets");
    if (!droplet || others.length > 0)
      throw new Error(`${others.length + (droplet ? 1 : 0)} droplets, not one`);
    return droplet;
  }

  /** Sends an action and awaits its end. */
  async act(dropletId: number | string, type: string): Promise<void> {
    const { action } = await this.api<{ action: { id: number } }>(
      "POST",
      `/v2/droplets/${dropletId}/actions`,
      { type },
    );
    for (;;) {
      const { action: now } = await this.api<{ action: { status: string } }>(
        "GET",
        `/v2/actions/${action.id}`,
      );
      if (now.status === "completed") return;
      if (now.status === "errored") throw new Error(`${type} of droplet ${dropletId} failed`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async remove(): Promise<void> {
    await this.stack.remove();
    for (const { id } of await this.list("droplets")) await this.api("DELETE", `/v2/droplets/${id}`);
  }
}
