// The object store of a deployment: MinIO in its container, reached by S3 on the container's address.
import { Readable } from "node:stream";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { bucket, storagePort } from "../components/services/storage.ts";
import { containerOf, type Deployment } from "./deployment.ts";
import { inspect } from "./docker.ts";
import { abortable, absentWhen, openS3 } from "./stores/s3.ts";
import { upload } from "./stores/upload.ts";

export interface ObjectStore {
  /** For people. */
  name: string;
  client: S3Client;
  bucket: string;
}

export interface ObjectInfo {
  key: string;
  bytes: number;
}

export interface ObjectBody extends ObjectInfo {
  contentType: string;
  body: Readable;
}

export interface Acting {
  signal?: AbortSignal | undefined;
}

/** @throws Error naming the container where it does not run */
export const objectStoreOf = (deployment: Deployment, options: Acting = {}): Promise<ObjectStore> =>
  objectStoreIn(containerOf(deployment, "storage"), options);

/**
 * Of a container of MinIO, whose root user's password is in its environment.
 * @throws Error naming the container where it does not run or is no MinIO
 */
export async function objectStoreIn(container: string, options: Acting = {}): Promise<ObjectStore> {
  const { address, env } = await inspect(container, options);
  if (address === undefined)
    throw new Error(`container ${container} does not run; next: docker start ${container}`);
  const { MINIO_ROOT_USER: accessKeyId, MINIO_ROOT_PASSWORD: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey)
    throw new Error(
      `container ${container} has no MINIO_ROOT_USER and MINIO_ROOT_PASSWORD in its environment`,
    );
  const endpoint = `http://${address}:${storagePort}`;
  const client = openS3({ endpoint, region: "us-east-1", accessKeyId, secretAccessKey });
  return { name: `bucket ${bucket} of ${container}`, client, bucket };
}

/** All objects, in the order of their keys' bytes; none where there is no bucket. */
export async function* list(
  { client, bucket }: ObjectStore,
  { signal }: Acting = {},
): AsyncGenerator<ObjectInfo> {
  let token: string | undefined;
  do {
    const page = await client
      .send(
        new ListObjectsV2Command({
          Bucket: bucket,
          // A key may hold characters that XML cannot.
          EncodingType: "url",
          ContinuationToken: token,
        }),
        abortable(signal),
      )
      .catch(absentWhen("NoSuchBucket"));
    for (const { Key = "", Size = 0 } of page?.Contents ?? [])
      yield { key: decodeURIComponent(Key.replaceAll("+", " ")), bytes: Size };
    token = page?.NextContinuationToken;
  } while (token !== undefined);
}

/** Undefined where there is no such object (any more). The body has to be read or destroyed. */
export async function get(
  { client, bucket }: ObjectStore,
  key: string,
  { signal }: Acting = {},
): Promise<ObjectBody | undefined> {
  const found = await client
    .send(new GetObjectCommand({ Bucket: bucket, Key: key }), abortable(signal))
    .catch(absentWhen("NoSuchKey"));
  if (!found) return undefined;
  const { Body: body, ContentLength: bytes, ContentType: contentType = "application/octet-stream" } = found;
  if (!(body instanceof Readable) || bytes === undefined)
    throw new Error(`${bucket}/${key}: the object store sent no body, or not its length`);
  return { key, bytes, contentType, body };
}

/**
 * What is there by that key is replaced once all has arrived.
 * @throws Error also where the body is not as long as it says
 */
export const put = (
  { client, bucket }: ObjectStore,
  { key, bytes, contentType, body }: Omit<ObjectBody, "bytes"> & Partial<Pick<ObjectBody, "bytes">>,
  { signal }: Acting = {},
): Promise<void> =>
  upload(client, { Bucket: bucket, Key: key, ContentType: contentType }, body, { bytes, signal });

/** Keys that are not there do not matter. */
export async function remove(
  { client, bucket }: ObjectStore,
  keys: string[],
  { signal }: Acting = {},
): Promise<void> {
  // One request each: the request for many is XML, which cannot hold every key.
  for (let at = 0; at < keys.length; at += 16) {
    const some = keys.slice(at, at + 16);
    await Promise.all(
      some.map((key) =>
        client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), abortable(signal)),
      ),
    );
  }
}

/** Makes the bucket where it is missing, as Atlas does when it starts. */
export async function makeBucket({ client, bucket }: ObjectStore, { signal }: Acting = {}): Promise<void> {
  await client
    .send(new CreateBucketCommand({ Bucket: bucket }), abortable(signal))
    .catch(absentWhen("BucketAlreadyOwnedByYou", "BucketAlreadyExists"));
}
