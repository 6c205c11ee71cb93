// One work order, read in six ways: the client, and what people would write by hand. Each keeps its connections alive,
// sends the same token and parses the JSON. Only the client also checks the answer, unescapes its text, brings its dates
// into one shape, sends a correlation id, bounds the call in time, and knows sessions, limits and retries. It opens as many
// connections as calls are under way, the others up to the number they are allowed (fetch and ky as many as they like).
import { Agent as HttpAgent } from "node:http";
import axios from "axios";
import got from "got";
import ky from "ky";
import { Agent, request } from "undici";
import { AtlasClient } from "../../../client/index.ts";
import { EMAIL } from "../../unit/client/fixtures.ts";

export interface Contender {
  readonly name: string;
  /** Reads work order 1. */
  readonly call: () => Promise<{ readonly id: number }>;
  readonly close: () => Promise<void>;
}

const nothing = async () => {};

/** @param connections most that each may open */
export function contenders(url: string, password: string, token: string, connections: number): Contender[] {
  const address = `${url}/work-orders/1`;
  const headers = { accept: "application/json", authorization: `Bearer ${token}` };
  return [client(url, password), ...byHand(address, headers, connections)];
}

function client(baseUrl: string, password: string): Contender {
  const atlas = new AtlasClient({ baseUrl, email: EMAIL, password, rateLimits: false });
  return { name: "client", call: () => atlas.workOrders.get(1), close: () => atlas.close() };
}

function byHand(address: string, headers: Record<string, string>, connections: number): Contender[] {
  const pool = new Agent({ connections });
  const forAxios = new HttpAgent({ keepAlive: true, maxSockets: connections });
  const forGot = new HttpAgent({ keepAlive: true, maxSockets: connections });
  const withAxios = axios.create({ httpAgent: forAxios, headers });
  const withKy = ky.create({ headers });
  const withGot = got.extend({ agent: { http: forGot }, headers });
  return [
    {
      name: "undici",
      call: async () => {
        const { body } = await request(address, { dispatcher: pool, headers });
        return (await body.json()) as { id: number };
      },
      close: () => pool.destroy(),
    },
    {
      name: "fetch",
      call: async () => {
        const response = await fetch(address, { headers });
        return (await response.json()) as { id: number };
      },
      close: nothing,
    },
    {
      name: "axios",
      call: async () => (await withAxios.get<{ id: number }>(address)).data,
      close: async () => forAxios.destroy(),
    },
    { name: "ky", call: () => withKy.get(address).json<{ id: number }>(), close: nothing },
    {
      name: "got",
      call: () => withGot.get(address).json<{ id: number }>(),
      close: async () => forGot.destroy(),
    },
  ];
}
