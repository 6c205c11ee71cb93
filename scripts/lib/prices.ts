// The price book against the size list of the account whose token is set.
import { fetch } from "undici";
import { z } from "zod";
import { type PriceBookFile, parsePriceBook } from "../../components/cost/price-book.ts";
import { sizePrice } from "../../components/cost/pricing/droplets.ts";
import { isFault } from "../../components/cost/pricing/inputs.ts";
import { Stop } from "./process.ts";

/** Prices are JSON numbers there: the shortest text of each is what was published. */
const amount = z.number().nonnegative().transform(String);
const size = z.object({
  slug: z.string().min(1),
  vcpus: z.int(),
  memory: z.int(),
  disk: z.int(),
  transfer: z.number(),
  price_monthly: amount,
  price_hourly: amount,
});
const page = z.object({
  sizes: z.array(size),
  links: z.object({ pages: z.object({ next: z.url().optional() }).optional() }).optional(),
});

export type Size = z.output<typeof size>;

export interface Api {
  url: string;
  token: string;
}

/** @throws Stop when no token is set */
export function apiOf(env: NodeJS.ProcessEnv): Api {
  const token = env.DIGITALOCEAN_TOKEN || env.DIGITALOCEAN_ACCESS_TOKEN;
  if (!token)
    throw new Stop(
      "The sizes are shown to accounts only: set DIGITALOCEAN_TOKEN (or DIGITALOCEAN_ACCESS_TOKEN) to a token that may read.",
    );
  return { url: (env.DIGITALOCEAN_API_URL || "https://api.digitalocean.com").replace(/\/$/, ""), token };
}

/**
 * All sizes, from however many pages.
 * @throws Stop when the API refuses, is not there, or answers something else
 */
export async function fetchSizes({ url, token }: Api): Promise<Size[]> {
  const sizes: Size[] = [];
  let next: string | undefined = `${url}/v2/sizes?per_page=200`;
  while (next) {
    // The token is for this API alone.
    if (new URL(next).origin !== new URL(url).origin)
      throw new Stop(`${url} leads to another server, ${new URL(next).origin}, which is not asked.`);
    const answer = await ask(next, token);
    sizes.push(...answer.sizes);
    next = answer.links?.pages?.next;
  }
  return sizes;
}

async function ask(url: string, token: string): Promise<z.output<typeof page>> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  }).catch((error: Error) => {
    throw new Stop(
      `${url} does not answer: ${error.cause instanceof Error ? error.cause.message : error.message}`,
    );
  });
  const text = await response.text();
  if (response.status !== 200) throw new Stop(`${url} answers ${response.status}: ${text.slice(0, 500)}`);
  const answer = page.safeParse(parsed(text));
  if (!answer.success) throw new Stop(`${url} answers no list of sizes:\n${z.prettifyError(answer.error)}`);
  return answer.data;
}

/** @returns undefined for what is no JSON */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Difference {
  slug: string;
  what: "price" | "new" | "gone";
  /** A month and an hour, as the book has them. */
  book?: [monthly: string, hourly: string];
  api?: [monthly: string, hourly: string];
}

/** Sizes whose price is another one in the book, is not in it, or is not sold any more; by slug. */
export function differences(file: PriceBookFile, sizes: Size[]): Difference[] {
  const book = parsePriceBook(file);
  const sold = new Set(sizes.map(({ slug }) => slug));
  const changed = sizes.flatMap(({ slug, price_monthly, price_hourly }): Difference[] => {
    const api: Difference["api"] = [price_monthly, price_hourly];
    const known = sizePrice(slug, book);
    if (isFault(known)) return [{ slug, what: "new", api }];
    const same = known.price.eq(price_monthly) && known.hourly.eq(price_hourly);
    return same ? [] : [{ slug, what: "price", book: [String(known.price), String(known.hourly)], api }];
  });
  const gone = Object.entries(file.droplets)
    .filter(([slug]) => !sold.has(slug))
    .map(([slug, { monthly, hourly }]): Difference => ({ slug, what: "gone", book: [monthly, hourly] }));
  return [...changed, ...gone].toSorted((a, b) => (a.slug < b.slug ? -1 : 1));
}

export function table(found: Difference[]): string {
  const rows = [
    ["size", "", "book: month", "hour", "API: month", "hour"],
    ...found.map(({ slug, what, book = ["-", "-"], api = ["-", "-"] }) => [slug, what, ...book, ...api]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const text = (cell: string, column: number) =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(text).join("  ").trimEnd()).join("\n");
}

/** The id of the source that an update adds. */
const apiSource = "API";

/** The book with the API's sizes in place of its own, the cheapest first; everything else is as it was. */
export function updated(
  file: PriceBookFile,
  sizes: Size[],
  { api, now }: { api: string; now: Date },
): PriceBookFile {
  const today = now.toISOString().slice(0, 10);
  const withoutRows = parsePriceBook({ ...file, droplets: {} });
  const rows = sizes
    .filter((one) => !isMadeOfPieces(one, withoutRows))
    .toSorted((a, b) => Number(a.price_monthly) - Number(b.price_monthly) || (a.slug < b.slug ? -1 : 1));
  return {
    ...file,
    asOf: today,
    sources: {
      ...file.sources,
      [apiSource]: {
        what: "the size list of the account that ran scripts/prices update",
        url: `${api}/v2/sizes`,
        seen: today,
        kind: "API output",
      },
    },
    droplets: Object.fromEntries(
      rows.map(({ slug, vcpus, memory, disk, transfer, price_monthly, price_hourly }) => [
        slug,
        {
          vcpus,
          memoryMiB: memory,
          diskGiB: disk,
          transferTB: transfer,
          monthly: price_monthly,
          hourly: price_hourly,
          source: apiSource,
          seen: today,
        },
      ]),
    ),
  };
}

/** Its price follows from the pieces' prices, and needs no row of its own. */
function isMadeOfPieces(
  { slug, price_monthly, price_hourly }: Size,
  withoutRows: ReturnType<typeof parsePriceBook>,
) {
  const price = sizePrice(slug, withoutRows);
  return !isFault(price) && price.price.eq(price_monthly) && price.hourly.eq(price_hourly);
}

export const formatted = (file: PriceBookFile): string => `${JSON.stringify(file, null, 2)}\n`;

/** @throws Error when it is no price book */
export function parseFile(text: string): PriceBookFile {
  const file = JSON.parse(text) as PriceBookFile;
  parsePriceBook(file);
  return file;
}
