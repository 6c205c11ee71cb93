import { setTimeout as pause } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import { endedText } from "../go-text.ts";
import type { Context } from "../resource.ts";
import { type Connection, type Endpoint, portOf } from "./connection.ts";
import { dialTcp, handshake } from "./handshake.ts";
import { type Login, prepareLogin } from "./login.ts";

const FIRST_PAUSE = 100;
const GROWTH = 1.5;
const LONGEST_PAUSE = 5_000;

/** Logs in, through the bastion if there is one, and tries again as often as the connection allows. */
export async function dial(connection: Connection, context: Context): Promise<Client> {
  const login = await prepareLogin(connection);
  const { proxy } = connection;
  if (proxy === undefined)
    return retried("Dial", connection, context, () => overTcp(connection, login, context));
  try {
    return await throughProxy(connection, proxy, login, context);
  } catch (cause) {
    throw new Error(`proxy: ${messageOf(cause)}`, { cause });
  }
}

async function throughProxy(
  connection: Connection,
  proxy: Endpoint,
  login: Login,
  context: Context,
): Promise<Client> {
  const proxyLogin = await prepareLogin(proxy);
  const bastion = await retried("Dial proxy", proxy, context, () => overTcp(proxy, proxyLogin, context));
  try {
    const client = await retried("Dial from proxy", connection, context, async () => {
      const channel = await forward(bastion, connection.host, portOf(connection));
      return handshake(channel, login, context.signal);
    });
    client.once("close", () => bastion.end());
    return client;
  } catch (cause) {
    bastion.end();
    throw cause;
  }
}

async function overTcp(endpoint: Endpoint, login: Login, { signal }: Context): Promise<Client> {
  const socket = await dialTcp(endpoint.host, portOf(endpoint), endpoint.perDialTimeout ?? 15, signal);
  return handshake(socket, login, signal);
}

function forward(bastion: Client, host: string, port: number): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    bastion.forwardOut("0.0.0.0", 0, host, port, (error, channel) => {
      if (error === undefined) return resolve(channel);
      const reason = error.message.replace(/^.*Channel open failure: /, "");
      reject(new Error(`ssh: rejected: connect failed (${reason})`, { cause: error }));
    });
  });
}

/** One attempt more than the endpoint allows errors; a negative limit is none. */
async function retried<T>(
  what: string,
  { dialErrorLimit = 10 }: Endpoint,
  { log, signal }: Context,
  attempt: () => Promise<T>,
): Promise<T> {
  const limit = Math.trunc(dialErrorLimit);
  for (let dials = 1, wait = FIRST_PAUSE; ; dials++, wait = Math.min(wait * GROWTH, LONGEST_PAUSE)) {
    try {
      return await attempt();
    } catch (cause) {
      if (signal.aborted) throw new Error(endedText(signal), { cause });
      if (limit >= 0 && dials > limit)
        throw new Error(`after ${dials - 1} failed attempts: ${messageOf(cause)}`, { cause });
    }
    log.status(`${what} ${dials}/${limit === -1 ? "inf" : limit} failed: retrying`);
    await pause(wait, undefined, { signal }).catch((cause) => {
      throw new Error(endedText(signal), { cause });
    });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
