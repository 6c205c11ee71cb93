// Uploads of any size with the memory of one part.
import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { abortable } from "./s3.ts";

export interface Target {
  Bucket: string;
  Key: string;
  ContentType?: string;
}

export interface UploadOptions {
  /** That the stream has to give; needed above 50 GiB, which is as much as S3's 10,000 parts hold otherwise. */
  bytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

const mostParts = 10_000;
const leastPartBytes = 5 * 2 ** 20;

/**
 * Stores a stream as an object, in parts where it is large; what is there by that key is replaced once all has arrived.
 * @throws Error of the storage, the network or the source, also where it gives more or less; nothing is stored then
 */
export async function upload(
  client: S3Client,
  target: Target,
  source: Readable,
  { bytes, signal }: UploadOptions = {},
): Promise<void> {
  const { Bucket, Key } = target;
  const sending = abortable(signal);
  let UploadId: string | undefined;
  const Parts: CompletedPart[] = [];
  try {
    for await (const { body: Body, last } of partsOf(source, bytes)) {
      if (last && UploadId === undefined)
        return void (await client.send(new PutObjectCommand({ ...target, Body }), sending));
      UploadId ??= (await client.send(new CreateMultipartUploadCommand(target), sending)).UploadId;
      const part = { Bucket, Key, UploadId, PartNumber: Parts.length + 1 };
      const { ETag } = await client.send(new UploadPartCommand({ ...part, Body }), sending);
      Parts.push({ ETag, PartNumber: part.PartNumber });
    }
    const all = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
    await client.send(new CompleteMultipartUploadCommand(all), sending);
  } catch (error) {
    // Where this fails as well, parts stay until somebody removes what was never finished.
    if (UploadId !== undefined)
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => {});
    throw error;
  } finally {
    source.destroy();
  }
}

/** Each part lies in the same memory as the one before: chunks that are kept until a part is full are freed late. */
async function* partsOf(
  source: Readable,
  bytes: number | undefined,
): AsyncGenerator<{ body: Buffer; last: boolean }> {
  const partBytes = Math.max(leastPartBytes, Math.ceil((bytes ?? 0) / mostParts));
  const part = Buffer.allocUnsafeSlow(Math.min(partBytes, bytes ?? partBytes));
  let filled = 0;
  let seen = 0;
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("a stream of bytes gave something else");
    seen += chunk.length;
    if (bytes !== undefined && seen > bytes) throw new Error(`the source gave more than its ${bytes} bytes`);
    for (let at = 0; at < chunk.length; ) {
      if (filled === part.length) {
        yield { body: part, last: false };
        filled = 0;
      }
      const taken = chunk.subarray(at, at + part.length - filled);
      part.set(taken, filled);
      filled += taken.length;
      at += taken.length;
    }
  }
  if (bytes !== undefined && seen < bytes)
    throw new Error(`the source ended after ${seen} of ${bytes} bytes`);
  yield { body: part.subarray(0, filled), last: true };
}
