// Sets on S3-compatible storage: each file encrypted with age as ID/NAME.age, the manifest last. The storage's owner
// sees sizes and times, and can neither read a set nor alter one unseen.
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { ReadableStream } from "node:stream/web";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { isSetId, manifestName, type OwnStore, parseManifest, SetFault, timeOf } from "../backup/set.ts";
import type { Remote } from "../deployment.ts";
import { absentWhen, openS3 } from "./s3.ts";
import { upload } from "./upload.ts";

export interface RemoteStore extends OwnStore {
  /**
   * Encrypts and stores a file; it is there only once all of it has arrived.
   * @param bytes of the source
   * @throws Error of the storage, of the network, or of the source
   */
  write(id: string, name: string, source: Readable, bytes: number, signal?: AbortSignal): Promise<void>;
}

const suffix = ".age";
/** @param identity AGE-SECRET-KEY-1...; what it encrypts for is derived from it */
export function remoteStore(remote: Remote, identity: string): RemoteStore {
  const client = openS3(remote);
  const Bucket = remote.bucket;
  const keyOf = (id: string, name: string) => `${remote.prefix}${id}/${name}${suffix}`;
  const name = `${remote.endpoint}/${remote.bucket}/${remote.prefix}`;
  const where = (id: string) => `set ${id} in ${name}`;

  async function namesById(): Promise<Map<string, string[]>> {
    const names = new Map<string, string[]>();
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix: remote.prefix, ContinuationToken: token }),
      );
      for (const { Key = "" } of page.Contents ?? []) {
        const [id = "", file = "", ...rest] = Key.slice(remote.prefix.length).split("/");
        if (isSetId(id) && rest.length === 0)
          names.set(id, [...(names.get(id) ?? []), file.slice(0, -suffix.length)]);
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return names;
  }

  async function read(id: string, file: string): Promise<Readable> {
    const found = await client
      .send(new GetObjectCommand({ Bucket, Key: keyOf(id, file) }))
      .catch(absentWhen("NoSuchKey"));
    if (!(found?.Body instanceof Readable)) throw new SetFault(`${where(id)} has no file ${file}`);
    return decrypted(found.Body, identity, `${where(id)}: ${file}`);
  }

  async function removeFiles(id: string, names: string[]): Promise<void> {
    for (const file of names) await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(id, file) }));
  }

  return {
    name,

    list: async () => {
      const names = [...(await namesById())];
      return names
        .filter(([, files]) => files.includes(manifestName))
        .map(([id]) => id)
        .sort();
    },

    manifest: async (id) => {
      const names = (await namesById()).get(id);
      if (!names?.includes(manifestName))
        throw new SetFault(
          `${where(id)} ${names ? `was never finished: ${names.join(", ")} and no ${manifestName}` : "is not there"}`,
        );
      return parseManifest(await text(await read(id, manifestName)), id, where(id));
    },

    read,

    write: async (id, file, source, bytes, signal) => {
      const { body, bytes: encryptedBytes } = await encrypted(source, bytes, identity);
      await upload(client, { Bucket, Key: keyOf(id, file) }, body, { bytes: encryptedBytes, signal });
    },

    remove: async (id) => {
      const names = (await namesById()).get(id) ?? [];
      // Without its manifest it is an unfinished one.
      await removeFiles(id, [manifestName]);
      await removeFiles(
        id,
        names.filter((file) => file !== manifestName),
      );
    },

    removeUnfinished: async (before) => {
      const unfinished = [...(await namesById())].filter(
        ([id, names]) => !names.includes(manifestName) && timeOf(id) < before,
      );
      for (const [id, names] of unfinished) await removeFiles(id, names);
      const parts = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: remote.prefix }));
      const old = (parts.Uploads ?? []).filter(
        ({ Initiated }) => Initiated !== undefined && Initiated < before,
      );
      for (const { Key, UploadId } of old)
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      return [...unfinished.map(([id]) => id), ...old.map(({ Key }) => `parts of ${Key}`)];
    },
  };
}

async function encrypted(
  source: Readable,
  bytes: number,
  identity: string,
): Promise<{ body: Readable; bytes: number }> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  const stream = await encrypter.encrypt(ReadableStream.from(source));
  return { body: Readable.from(stream, { objectMode: false }), bytes: stream.size(bytes) };
}

async function decrypted(source: Readable, identity: string, what: string): Promise<Readable> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const failed = (error: unknown) =>
    // The network's faults have a code, those of the content have none.
    error instanceof Error && !("code" in error)
      ? new SetFault(`${what} cannot be decrypted: it was cut off, altered, or encrypted for another key`, {
          cause: error,
        })
      : error;
  const plain = await decrypter.decrypt(ReadableStream.from(source)).catch((error) => {
    source.destroy();
    throw failed(error);
  });
  async function* chunks() {
    try {
      yield* plain;
    } catch (error) {
      throw failed(error);
    } finally {
      source.destroy();
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}
