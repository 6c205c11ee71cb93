import { randomBytes } from "node:crypto";
import {
  AtlasClient,
  type AtlasClientInternals,
  type AtlasClientOptions,
  AtlasConfigError,
  optionsFromEnv,
} from "../../client/index.ts";
import { type Allowance, Traffic } from "./traffic.ts";

/*
 * What the contract tests share. They run against any Atlas: ATLAS_BASE_URL, ATLAS_EMAIL and ATLAS_PASSWORD name it and
 * an administrator of an organisation. They delete what they made, also that of earlier runs which were killed, and never
 * sign out or change a password, since that would end other people's sessions. At any time they hold at most 14 incomplete
 * work orders, 4 locations and 5 assets.
 */

export const options: AtlasClientOptions = readOptions();

/** A little less than Atlas allows a minute, since what ran before may have drawn on the same buckets. */
const ALLOWANCE: Allowance = { signedIn: 90, anonymous: 16 };
export const traffic = new Traffic(options.baseUrl, ALLOWANCE);

/** A client whose requests are counted and held back with those of all others. */
export function newClient(
  changes: Partial<AtlasClientOptions> = {},
  internals: AtlasClientInternals = {},
): AtlasClient {
  const shared = { dispatcher: traffic.dispatcher, rateLimits: false } as const;
  return new AtlasClient({ ...options, ...shared, ...changes }, internals);
}

export const client = newClient();

/** In the title or name of all that the tests make, with the moment of the run: what tells it from other runs. */
export const MARK = "atlas-contract-suite";
const STALE_MS = 60 * 60_000;
const RUN_MARK = `${MARK} ${Date.now()}-${randomBytes(3).toString("hex")}`;

/** A title or name of this run. */
export function titled(what: string): string {
  return `${RUN_MARK} ${what}`;
}

/** Made by this run, or by one that was killed long ago. */
export function isOurs(label: string): boolean {
  if (label.startsWith(RUN_MARK)) return true;
  return label.startsWith(MARK) && !(Number(/ (\d+)-/.exec(label)?.[1]) > Date.now() - STALE_MS);
}

/** What a call is rejected with. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  const [result] = await Promise.allSettled([call]);
  if (result.status === "rejected") return result.reason;
  throw new Error("expected a rejection");
}

export function idsOf(records: readonly { readonly id: number }[]): number[] {
  return records.map(({ id }) => id);
}

function readOptions(): AtlasClientOptions {
  const needed =
    "The contract suite needs a running Atlas and the password of an administrator of an organisation in it.";
  try {
    const found = optionsFromEnv(process.env);
    if ("password" in found) return found;
  } catch (cause) {
    if (!(cause instanceof AtlasConfigError)) throw cause;
    throw new Error(`${needed}\n${cause.message}`, { cause });
  }
  throw new Error(`${needed} Unset ATLAS_API_KEY; set ATLAS_EMAIL and ATLAS_PASSWORD.`);
}
