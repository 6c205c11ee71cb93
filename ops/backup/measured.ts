import { createHash } from "node:crypto";

export interface Measure {
  bytes: number;
  sha256: string;
}

/** Passes a stream on unchanged and tells at its end how long it was, and its hash. */
export function measured(): {
  through(chunks: AsyncIterable<unknown>): AsyncGenerator<Uint8Array>;
  /** Of what has passed so far. */
  result(): Measure;
} {
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    async *through(chunks) {
      for await (const chunk of chunks) {
        if (!(chunk instanceof Uint8Array)) throw new TypeError("a stream of bytes gave something else");
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    // A hash gives its digest only once; a copy of it leaves it as it is.
    result: () => ({ bytes, sha256: hash.copy().digest("hex") }),
  };
}
