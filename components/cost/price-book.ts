// What DigitalOcean asks for what: every figure with where it was read, and when. The facts are in price-book.json.
import { readFileSync } from "node:fs";
import path from "node:path";
import Big from "big.js";
import { z } from "zod";

export interface PriceSource {
  id: string;
  what: string;
  url: string;
  /** When the figure was read there: a date, or what is known of it. */
  seen: string;
}

const decimal = z
  .string()
  .regex(/^\d+(\.\d+)?$/, "must be a decimal in quotes")
  .transform((text) => Big(text));
const count = z.int().positive();
/** Where figures were read, together with what matters about them. */
const read = { source: z.string(), seen: z.string(), note: z.string().optional() };
/** The price of one unit a month, unless its name says otherwise. */
const price = { price: decimal, ...read };

const droplet = z.strictObject({
  vcpus: count,
  memoryMiB: count,
  diskGiB: count,
  /** A month; absent where no source states it. */
  transferTB: z.number().nonnegative().optional(),
  monthly: decimal,
  hourly: decimal,
  ...read,
  /** The newest later date on which the same price was read. */
  seenAgain: z.string().optional(),
});

const schema = z.strictObject({
  currency: z.string(),
  asOf: z.iso.date(),
  tax: z.string(),
  /** Hours of a bundled droplet that cost as much as the whole month. */
  capHours: count,
  billing: z.strictObject({ minimumSeconds: count, minimumCharge: decimal, ...read }),
  sources: z.record(
    z.string(),
    z.strictObject({
      what: z.string(),
      url: z.string(),
      seen: z.string(),
      pageLastVerified: z.string().optional(),
      kind: z.string(),
      note: z.string().optional(),
    }),
  ),
  /** By size slug, whose first part tells the family, and whose last part the CPU. */
  droplets: z
    .record(z.string(), droplet)
    .transform((rows) =>
      Object.fromEntries(Object.entries(rows).map(([slug, row]) => [slug, { ...row, ...nature(slug) }])),
    ),
  /** Of v5 droplets, which have no row of their own: an hour of each piece, and the hours of what is called a month. */
  dropletPieces: z.strictObject({
    sharedVcpuHour: decimal,
    dedicatedVcpuHour: decimal,
    memoryGiBHour: decimal,
    diskGiBHour: decimal,
    monthHours: count,
    ...read,
  }),
  backups: z.strictObject({ weeklyPercent: decimal, dailyPercent: decimal, ...read }),
  volumeGiB: z.strictObject(price),
  snapshotGiB: z.strictObject(price),
  outboundGiB: z.strictObject(price),
  reservedIp: z.strictObject({ ...price, hourly: decimal }),
  /** By the resource's `type`. */
  loadBalancerNode: z.record(z.string(), z.strictObject(price)),
  globalLoadBalancerExtras: z.strictObject({
    includedRequestsMillion: decimal,
    includedTransferGB: decimal,
    includedDomains: decimal,
    requestsMillion: decimal,
    transferGB: decimal,
    domain: decimal,
    ...read,
  }),
  /** Plans of one node; storage is what the plan includes, absent where no source states it. */
  databases: z.array(
    z.strictObject({
      engine: z.string(),
      slug: z.string(),
      vcpus: count,
      memoryGiB: count,
      storageGiB: count.optional(),
      monthly: decimal,
      ...read,
    }),
  ),
  databaseStandby: z.strictObject(read),
  databaseStorageGiB: z.strictObject({ ...price, stepGiB: count }),
  kubernetesHighAvailability: z.strictObject(price),
  spaces: z.strictObject({
    subscription: decimal,
    includedStorageGiB: decimal,
    includedOutboundGiB: decimal,
    storageGiB: decimal,
    outboundGiB: decimal,
    ...read,
  }),
  spacesColdStorage: z.strictObject({ storageGiB: decimal, retrievalGiB: decimal, ...read }),
  /** By subscription tier; storage is absent where none can be bought above the plan's. */
  containerRegistry: z.record(
    z.string(),
    z.strictObject({ monthly: decimal, storageGiB: decimal.optional(), ...read }),
  ),
  containerRegistryStorageGiB: z.strictObject(price),
  /** Each one after the free ones. */
  uptimeCheck: z.strictObject({ ...price, free: count }),
  free: z.record(z.string(), z.strictObject(read)),
  notes: z.array(z.string()),
});

export type PriceBook = z.output<typeof schema>;
/** As it lies in the file. */
export type PriceBookFile = z.input<typeof schema>;

export const priceBookFile = path.join(import.meta.dirname, "price-book.json");

let loaded: PriceBook | undefined;

/**
 * This project's price book, read once.
 * @throws Error when the file is no price book
 */
export function priceBook(): PriceBook {
  loaded ??= parsePriceBook(JSON.parse(readFileSync(priceBookFile, "utf8")));
  return loaded;
}

/**
 * A price book out of what a file holds; its figures become exact decimals.
 * @throws Error that names every fault
 */
export function parsePriceBook(json: unknown): PriceBook {
  // Read once a run: compiling the schema first would take longer than reading by it.
  const book = schema.safeParse(json, { jitless: true });
  if (!book.success) throw new Error(`${priceBookFile} is no price book:\n${z.prettifyError(book.error)}`);
  const missing = [...sourcesNamed(book.data)].filter((id) => !Object.hasOwn(book.data.sources, id));
  if (missing.length > 0)
    throw new Error(`${priceBookFile} names sources that are not in its table: ${missing.join(", ")}`);
  return book.data;
}

/** Whole days since its prices held. */
export const ageInDays = ({ asOf }: Pick<PriceBook, "asOf">, now: Date): number =>
  Math.floor((now.getTime() - Date.parse(asOf)) / 86_400_000);

/** Where a figure of the book was read, and when for the last time. */
export function sourceOf(
  { sources }: PriceBook,
  { source: id, seen, seenAgain = seen }: { source: string; seen: string; seenAgain?: string },
): PriceSource {
  const { what = "", url = "" } = sources[id] ?? {};
  return { id, what, url, seen: seenAgain };
}

/** `c2-4vcpu-8gb-intel`: what a smaller or larger size has in common with it. */
function nature(slug: string): { family: string; cpu: string } {
  const [family = slug, ...rest] = slug.split("-");
  const maker = rest.at(-1);
  return { family, cpu: maker === "intel" || maker === "amd" ? maker : "regular" };
}

function* sourcesNamed(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null || value instanceof Big) return;
  for (const [key, inner] of Object.entries(value))
    if (key === "source" && typeof inner === "string") yield inner;
    else yield* sourcesNamed(inner);
}
