import { randomBytes } from "node:crypto";
import { Agent, type Dispatcher } from "undici";
import {
  AtlasClient,
  type AtlasClientInternals,
  type AtlasClientOptions,
  AtlasConfigError,
  optionsFromEnv,
} from "../../client/index.ts";

/*
 * What the contract tests share. They run against any Atlas: ATLAS_BASE_URL, ATLAS_EMAIL and ATLAS_PASSWORD name it and
 * an administrator of an organisation. They leave nothing behind, need about 90 requests with a session and 20 without,
 * and never sign out or change a password, since that would end other people's sessions.
 */

export const options: AtlasClientOptions = readOptions();

/** In the title or name of all that the tests make. */
const MARK = "atlas-contract-suite";
const STALE_MS = 60 * 60_000;
const RUN_MARK = `${MARK} ${randomBytes(4).toString("hex")}`;

/** A title or name of this run. */
export function titled(what: string): string {
  return `${RUN_MARK} ${what}`;
}

export function newClient(
  changes: Partial<AtlasClientOptions> = {},
  internals: AtlasClientInternals = {},
): AtlasClient {
  return new AtlasClient({ ...options, ...changes }, internals);
}

/** Deletes what this run made, and what earlier runs could not delete since they were killed. */
export async function cleanUp(client: AtlasClient): Promise<void> {
  const ours = (text: string, createdAt: string) =>
    text.startsWith(RUN_MARK) || (text.startsWith(MARK) && Date.parse(createdAt) < Date.now() - STALE_MS);
  for await (const order of client.workOrders.iterate({ text: MARK, includeArchived: true })) {
    if (ours(order.title, order.createdAt)) await client.workOrders.delete(order.id);
  }
  for await (const asset of client.assets.iterate({ text: MARK, includeArchived: true })) {
    if (ours(asset.name, asset.createdAt)) await client.assets.delete(asset.id);
  }
}

/** A dispatcher that counts what is sent, by method and path below the base URL. */
export function countingDispatcher(): {
  dispatcher: Dispatcher;
  count(route: string): number;
  total(): number;
} {
  const sent: string[] = [];
  const prefix = new URL(options.baseUrl).pathname.replace(/\/+$/, "");
  const dispatcher = new Agent().compose((dispatch) => (request, handler) => {
    sent.push(`${request.method} ${request.path.slice(prefix.length).split("?")[0]}`);
    return dispatch(request, handler);
  });
  return {
    dispatcher,
    count: (route) => sent.filter((one) => one === route).length,
    total: () => sent.length,
  };
}

/** What a call is rejected with. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  const [result] = await Promise.allSettled([call]);
  if (result.status === "rejected") return result.reason;
  throw new Error("expected a rejection");
}

function readOptions(): AtlasClientOptions {
  try {
    return optionsFromEnv(process.env);
  } catch (cause) {
    if (!(cause instanceof AtlasConfigError)) throw cause;
    throw new Error(
      `The contract suite needs a running Atlas and an administrator of an organisation in it.\n${cause.message}`,
      { cause },
    );
  }
}
