// Work orders and files, as people bring them: through the client, by the public door.
import { createHash, randomBytes } from "node:crypto";
import { type Dispatcher, request } from "undici";
import type { AtlasClient, File } from "../../client/index.ts";

/** Around the blocks of a tar and the chunks of a stream. */
const sizes = [1, 511, 512, 513, 10_239, 65_536, 65_537, 300_001];
const endings = [
  "photo.jpg",
  "größe 1+2&3%20.pdf",
  "\"quoted\" 'name'.txt",
  "😀 ￮.png",
  "a#b?c=d;e,f.txt",
  "..\\..up.txt..",
  `${"x".repeat(150)}.bin`,
  "  spaces  ",
];
/** As many requests at once as a few people make. */
const together = 8;

export interface Filling {
  orders: number;
  files: number;
  /** Of one more file. */
  largest: number;
}

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** @returns name -> SHA-256 of each file */
export async function fill(
  client: AtlasClient,
  { orders, files, largest }: Filling,
): Promise<Map<string, string>> {
  await inTurns(orders, (at) => client.workOrders.create({ title: `By hand ${at}`, description: "Ünïcödé" }));
  const sums = new Map<string, string>();
  await inTurns(files + 1, async (at) => {
    const bytes = at === files ? largest : (sizes[at % sizes.length] ?? 1);
    const name = `${at} ${endings[(at + Math.floor(at / sizes.length)) % endings.length]}`;
    const content = randomBytes(bytes);
    sums.set(name, sha256(content));
    await client.files.upload({ name, content });
  });
  return sums;
}

/**
 * Every file that the client lists, fetched by its address.
 * @param dispatcher the way to the public name
 * @returns name -> SHA-256
 */
export async function downloaded(client: AtlasClient, dispatcher?: Dispatcher): Promise<Map<string, string>> {
  const { content: files, last } = await client.files.list({ pageSize: 1000 });
  if (!last) throw new Error("more than 1,000 files");
  const sums = new Map<string, string>();
  await inTurns(files.length, async (at) => {
    const file = files[at];
    if (file) sums.set(file.name, sha256(await contentOf(file, dispatcher)));
  });
  return sums;
}

async function contentOf({ name, url }: File, dispatcher: Dispatcher | undefined): Promise<Uint8Array> {
  const answer = await request(url ?? "", { ...(dispatcher && { dispatcher }) });
  const content = new Uint8Array(await answer.body.arrayBuffer());
  if (answer.statusCode === 200) return content;
  throw new Error(`${name}: ${answer.statusCode} ${Buffer.from(content)}`);
}

async function inTurns(count: number, run: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: together }, one));
}
