import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import type { Context } from "../../../sandbox/plugins/bridge/schema.ts";
import { DigitalOcean } from "../../../sandbox/plugins/digitalocean/client.ts";
import { settingsOf } from "../../../sandbox/plugins/digitalocean/settings.ts";

/** What the API answers to one call: a status and a body, with headers where they matter. */
export type Answer = [status: number, body?: unknown, headers?: Record<string, string>];
/** Answers by "METHOD path"; the last of several stays. */
export type Script = Record<string, Answer | Answer[]>;

export interface Api {
  context: Context<DigitalOcean>;
  /** "METHOD path", with the body behind it where there was one. */
  calls: string[];
  url: string;
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** An API that follows a script; a call that is not in it is answered with 404. */
export async function play(script: Script, config: Record<string, string> = {}): Promise<Api> {
  const calls: string[] = [];
  const left = new Map(Object.entries(script).map(([call, answers]) => [call, asList(answers)]));
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const call = `${request.method} ${request.url?.replace("/v2/", "")}`;
    calls.push(body === "" ? call : `${call} ${body}`);
    const answers = left.get(call) ?? [];
    const [status, answer, headers = {}] = (answers.length > 1 ? answers.shift() : answers[0]) ?? missing;
    response.writeHead(status, headers);
    response.end(answer === undefined ? "" : typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { calls, url, context: contextOf(url, config) };
}

const missing: Answer = [404, { id: "not_found", message: "The resource you requested could not be found." }];

export function contextOf(apiEndpoint: string, config: Record<string, string> = {}): Context<DigitalOcean> {
  const quick = { httpRetryWaitMin: "0.001", httpRetryWaitMax: "0.01" };
  const settings = settingsOf({ apiEndpoint, token: "secret", ...quick, ...config }, {});
  return {
    client: new DigitalOcean(settings),
    signal: new AbortController().signal,
    timeoutSeconds: undefined,
  };
}

function asList(answers: Answer | Answer[]): Answer[] {
  return (Array.isArray(answers[0]) ? [...answers] : [answers]) as Answer[];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export const droplet = (changes: object = {}) => ({
  droplet: {
    id: 7,
    name: "web",
    memory: 1024,
    vcpus: 1,
    disk: 25,
    locked: false,
    status: "active",
    created_at: "2026-11-21T12:00:00Z",
    features: ["monitoring", "private_networking"],
    volume_ids: [],
    image: { id: 99, slug: "debian-13-x64" },
    size: { slug: "s-1vcpu-1gb", price_monthly: 6, price_hourly: 0.00893 },
    size_slug: "s-1vcpu-1gb",
    networks: {
      v4: [
        { ip_address: "203.0.113.7", type: "public" },
        { ip_address: "10.0.0.7", type: "private" },
      ],
      v6: [],
    },
    region: { slug: "fra1" },
    tags: ["atlas"],
    vpc_uuid: "vpc-1",
    ...changes,
  },
});

export const action = (id: number, changes: object = {}) => ({
  action: { id, status: "completed", completed_at: "2026-11-21T12:00:01Z", ...changes },
});
export const running = (id: number) => action(id, { status: "in-progress", completed_at: null });

export const busy: Answer = [
  422,
  { id: "unprocessable_entity", message: "Droplet already has a pending event." },
];
