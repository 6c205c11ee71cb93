import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished } from "vitest";
import { LIMITS, type Limits } from "../../../sandbox/digitalocean/api/http/rate-limit.ts";
import { openApi } from "../../../sandbox/digitalocean/api/open.ts";
import { FakeMachines } from "./fake-machines.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not typed
export type Body = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Body;
}

export const tokenFor = (name: string): string => `dop_v1_${createHash("sha256").update(name).digest("hex")}`;

/** Limits that do not get in the way of tests about something else. */
export const NO_LIMITS: Limits = { perHour: 1e6, perMinute: 1e6, keyListingsPerMinute: 1e6 };

export class OpenedTwin {
  readonly machines: FakeMachines;
  readonly folder: string;
  readonly log: string[] = [];
  readonly clock: { now: number };
  url = "";
  lookup: (name: string, type: string) => { type: string; data: string; ttl: number }[] = () => [];
  #close: () => Promise<void> = async () => {};
  readonly #limits: Limits;

  constructor(limits: Limits, folder: string) {
    this.machines = new FakeMachines();
    this.folder = folder;
    this.#limits = limits;
    this.clock = { now: Date.parse("2026-11-21T10:00:00Z") };
  }

  async open(): Promise<void> {
    const books = openApi({
      machines: this.machines,
      folder: this.folder,
      addressPrefix: "127.77",
      log: (line) => this.log.push(line),
      limits: this.#limits,
      now: () => this.clock.now,
      ping: () => ({ folder: this.folder }),
    });
    const api = await books.serve();
    this.url = api.url;
    this.lookup = books.lookup;
    this.#close = async () => await api[Symbol.asyncDispose]();
  }

  async close(): Promise<void> {
    await this.#close();
  }

  async restart(): Promise<void> {
    await this.close();
    await this.open();
  }

  async call(method: string, pathAndQuery: string, body?: unknown, account = "one"): Promise<Answer> {
    return await this.raw(method, pathAndQuery, body === undefined ? undefined : JSON.stringify(body), {
      authorization: `Bearer ${tokenFor(account)}`,
      "content-type": "application/json",
    });
  }

  async raw(method: string, pathAndQuery: string, text?: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${this.url}${pathAndQuery}`, {
      method,
      headers,
      ...(text !== undefined && { body: text }),
    });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answer === "" ? undefined : JSON.parse(answer),
    };
  }

  get = (pathAndQuery: string, account?: string) => this.call("GET", pathAndQuery, undefined, account);
  post = (pathAndQuery: string, body: unknown = {}, account?: string) =>
    this.call("POST", pathAndQuery, body, account);
  put = (pathAndQuery: string, body: unknown, account?: string) =>
    this.call("PUT", pathAndQuery, body, account);
  delete = (pathAndQuery: string, body?: unknown, account?: string) =>
    this.call("DELETE", pathAndQuery, body, account);

  /** The action at its end. */
  async ended(id: number, account?: string): Promise<Body> {
    const look = async () => (await this.get(`/v2/actions/${id}`, account)).body.action;
    await expect.poll(async () => (await look()).completed_at, { interval: 2 }).not.toBeNull();
    return await look();
  }

  /** A droplet that is active. */
  async droplet(own: Record<string, unknown> = {}, account?: string): Promise<Body> {
    const body = { name: "web", region: "fra1", size: "s-1vcpu-1gb", image: "debian-13-x64", ...own };
    const answer = await this.post("/v2/droplets", body, account);
    expect(answer).toMatchObject({ status: 202 });
    await this.ended(answer.body.links.actions[0].id, account);
    return (await this.get(`/v2/droplets/${answer.body.droplet.id}`, account)).body.droplet;
  }

  async volume(own: Record<string, unknown> = {}): Promise<Body> {
    const answer = await this.post("/v2/volumes", {
      name: "data",
      region: "fra1",
      size_gigabytes: 10,
      ...own,
    });
    expect(answer).toMatchObject({ status: 201 });
    return answer.body.volume;
  }

  /** Does an action on a droplet and awaits its end. */
  async act(dropletId: number, action: Record<string, unknown>): Promise<Body> {
    const answer = await this.post(`/v2/droplets/${dropletId}/actions`, action);
    expect(answer).toMatchObject({ status: 201 });
    return await this.ended(answer.body.action.id);
  }

  async gone(pathAndQuery: string): Promise<void> {
    await expect.poll(async () => (await this.get(pathAndQuery)).status, { interval: 2 }).toBe(404);
  }
}

/** A twin of the test's own, which ends with the test. */
export async function openTwin(limits: Partial<Limits> = NO_LIMITS): Promise<OpenedTwin> {
  const folder = mkdtempSync(path.join(tmpdir(), "twin-api-"));
  const twin = new OpenedTwin({ ...LIMITS, ...limits }, folder);
  await twin.open();
  onTestFinished(async () => {
    await twin.close();
    rmSync(folder, { recursive: true });
  });
  return twin;
}

export const refusal = (status: number, message: string | RegExp, id?: string) => ({
  status,
  body: {
    ...(id && { id }),
    message: typeof message === "string" ? message : expect.stringMatching(message),
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  },
});
