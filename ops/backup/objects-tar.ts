// All objects of a store as one tar stream. Names and kinds are in records of their own (pax), which hold any key:
// a tar's own field is short, and takes a slash at the end of a name for a folder.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Pack, pack } from "tar-stream";
import { z } from "zod";
import { type Acting, get, list, type ObjectBody, type ObjectStore } from "../objects.ts";
import { measured } from "./measured.ts";

export interface ObjectsSummary {
  count: number;
  totalBytes: number;
  /** SHA-256 of a line "SHA-256 BYTES KEY" for each object, in the order of the keys' bytes. */
  digest: string;
}

const kindRecord = "ATLAS.contentType";

const records = z.object({ [kindRecord]: z.string().optional() }).nullish();

/**
 * Every object that is there from the beginning to the end; one that is removed meanwhile is left out.
 * @returns `tar` has to be read, and `summary` settles when it ends; both fail where an object cannot be read
 */
export function packObjects(
  store: ObjectStore,
  options: Acting = {},
): { tar: AsyncIterable<unknown>; summary: Promise<ObjectsSummary> } {
  const tar = pack();
  const summary = fill(tar, store, options);
  summary.catch((error) => tar.destroy(error));
  return { tar, summary };
}

async function fill(tar: Pack, store: ObjectStore, options: Acting): Promise<ObjectsSummary> {
  const sum = new Sum();
  for await (const { key } of list(store, options)) {
    const object = await get(store, key, options);
    if (object) sum.add(key, await pour(object, tar));
  }
  tar.finalize();
  return sum.result();
}

async function pour({ key, bytes, contentType, body }: ObjectBody, tar: Pack) {
  const measure = measured();
  const records = { [kindRecord]: contentType };
  const entry = tar.entry({ name: key, size: bytes, type: "file", pax: records });
  await pipeline(body, measure.through, entry);
  return measure.result();
}

/** An object on its way out of a tar; its body has to be read to the end. */
export interface UnpackedObject extends ObjectBody {
  /** Once the body is read. */
  sha256(): string;
}

/**
 * Reads a tar of objects to its end.
 * @param each told one object after the other
 * @throws Error where the tar is cut off or altered; what `each` throws
 */
export async function unpackObjects(
  tar: Readable,
  each: (object: UnpackedObject) => Promise<void>,
): Promise<ObjectsSummary> {
  const sum = new Sum();
  const entries = extract();
  tar.once("error", (error) => entries.destroy(error));
  tar.pipe(entries);
  try {
    for await (const entry of entries) {
      const { name: key, size: bytes, pax } = entry.header;
      const measure = measured();
      const body = Readable.from(measure.through(entry), { objectMode: false });
      const contentType = records.parse(pax)?.[kindRecord] ?? "application/octet-stream";
      await each({ key, bytes, contentType, body, sha256: () => measure.result().sha256 });
      sum.add(key, measure.result());
    }
  } finally {
    tar.destroy();
  }
  return sum.result();
}

class Sum {
  private readonly lines: { key: Buffer; line: string }[] = [];
  private totalBytes = 0;

  add(key: string, { bytes, sha256 }: { bytes: number; sha256: string }): void {
    this.totalBytes += bytes;
    this.lines.push({ key: Buffer.from(key), line: `${sha256} ${bytes} ${key}\n` });
  }

  result(): ObjectsSummary {
    const hash = createHash("sha256");
    this.lines.sort((a, b) => Buffer.compare(a.key, b.key));
    for (const { line } of this.lines) hash.update(line);
    return { count: this.lines.length, totalBytes: this.totalBytes, digest: hash.digest("hex") };
  }
}
