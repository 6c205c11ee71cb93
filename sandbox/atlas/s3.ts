/* The little of S3 that files need, signed by AWS Signature Version 4. */
import { createHash, createHmac } from "node:crypto";
import type { MinioSettings } from "./env.ts";

const REGION = "us-east-1";
const URL_LIFE_S = 3 * 60 * 60;

/** @returns whether the store took it; MinIO's own library takes no path with a segment of dots, which a URL would resolve */
export async function storeObject(
  settings: MinioSettings,
  path: string,
  content: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<boolean> {
  if (path.split("/").some((segment) => segment === "." || segment === "..")) return false;
  const response = await send(settings, "PUT", objectUrl(settings, path), content, contentType);
  await response.body?.cancel();
  return response.ok;
}

/** Makes sure of the bucket. @throws TypeError when nothing answers; Error with the status when it is refused. */
export async function ensureBucket(settings: MinioSettings): Promise<void> {
  const bucket = objectUrl(settings, "");
  const found = await send(settings, "HEAD", bucket);
  if (found.status !== 404) return refuseFailure(found);
  await refuseFailure(await send(settings, "PUT", bucket));
}

async function refuseFailure(response: Response): Promise<void> {
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the object store answered ${response.status}`);
}

/** Where anybody can get the object for three hours. */
export function signedUrl(settings: MinioSettings, path: string, now = new Date()): string {
  const url = objectUrl(settings, path);
  const { date, scope } = moment(now);
  const query = new URLSearchParams({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${settings.accessKey}/${scope}`,
    "X-Amz-Date": date,
    "X-Amz-Expires": String(URL_LIFE_S),
    "X-Amz-SignedHeaders": "host",
  });
  query.sort();
  url.search = query.toString();
  const canonical = [
    "GET",
    url.pathname,
    url.search.slice(1),
    `host:${url.host}\n`,
    "host",
    "UNSIGNED-PAYLOAD",
  ];
  url.searchParams.set("X-Amz-Signature", signature(settings, canonical, now));
  return url.href.replace(endpointUrl(settings.endpoint), endpointUrl(settings.publicEndpoint));
}

function send(
  settings: MinioSettings,
  method: string,
  url: URL,
  content: Uint8Array<ArrayBuffer> = new Uint8Array(),
  contentType = "application/octet-stream",
): Promise<Response> {
  const now = new Date();
  const { date, scope } = moment(now);
  const hash = createHash("sha256").update(content).digest("hex");
  const signed = { host: url.host, "x-amz-content-sha256": hash, "x-amz-date": date };
  const names = Object.keys(signed).join(";");
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
  const proof = signature(settings, [method, url.pathname, "", lines.join(""), names, hash], now);
  return fetch(url, {
    method,
    ...(content.length > 0 && { body: content }),
    headers: {
      ...signed,
      "content-type": contentType,
      authorization: `AWS4-HMAC-SHA256 Credential=${settings.accessKey}/${scope}, SignedHeaders=${names}, Signature=${proof}`,
    },
    signal: AbortSignal.timeout(10_000),
    redirect: "manual",
  });
}

function signature({ secretKey }: MinioSettings, canonical: readonly string[], now: Date): string {
  const { date, scope } = moment(now);
  const hash = createHash("sha256").update(canonical.join("\n")).digest("hex");
  const parts = scope.split("/");
  const key = parts.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretKey}`);
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash}`).toString("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function moment(now: Date): { date: string; scope: string } {
  const date = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return { date, scope: `${date.slice(0, 8)}/${REGION}/s3/aws4_request` };
}

/** @param path the empty one is the bucket's own */
function objectUrl({ endpoint, bucket }: MinioSettings, path: string): URL {
  const segments = [bucket, ...path.split("/").filter((segment) => segment !== "")];
  return new URL(`${endpointUrl(endpoint)}/${segments.map(encode).join("/")}`);
}

function encode(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function endpointUrl(endpoint: string): string {
  const base = /^https?:\/\//.test(endpoint) ? endpoint : `http://${endpoint}`;
  return base.replace(/\/+$/, "");
}
