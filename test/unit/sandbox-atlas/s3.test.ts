import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ensureBucket, signedUrl, storeObject } from "../../../sandbox/atlas/s3.ts";

const settings = {
  endpoint: "http://storage:9000",
  publicEndpoint: "https://files.example.com/",
  bucket: "atlas-bucket",
  accessKey: "atlas",
  secretKey: "secret",
};

describe("a signed address", () => {
  const now = new Date("2026-12-01T10:00:00Z");

  it("is the public one, with the path encoded, for three hours", () => {
    const url = new URL(signedUrl(settings, "uploads/a b & (ü).png", now));
    expect(url.origin).toBe("https://files.example.com");
    expect(url.pathname).toBe("/atlas-bucket/uploads/a%20b%20%26%20%28%C3%BC%29.png");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Credential": "atlas/20261201/us-east-1/s3/aws4_request",
      "X-Amz-Date": "20261201T100000Z",
      "X-Amz-Expires": "10800",
      "X-Amz-SignedHeaders": "host",
      "X-Amz-Signature": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each([
    ["another object", () => signedUrl(settings, "b", now)],
    ["another moment", () => signedUrl(settings, "a", new Date(now.getTime() + 1_000))],
    ["another secret", () => signedUrl({ ...settings, secretKey: "other" }, "a", now)],
    ["another bucket", () => signedUrl({ ...settings, bucket: "other" }, "a", now)],
  ])("is another one for %s", (_what, other) => {
    const signatureOf = (url: string) => new URL(url).searchParams.get("X-Amz-Signature");
    expect(signatureOf(other())).not.toBe(signatureOf(signedUrl(settings, "a", now)));
  });
});

describe("the object store", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** A store that answers with these statuses, one after the other. */
  async function storeOf(...statuses: number[]): Promise<{ endpoint: string; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume();
      response.writeHead(statuses.shift() ?? 500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => server.close());
    return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  it("is given the bucket where it is missing, and only there", async () => {
    const missing = await storeOf(404, 200);
    await ensureBucket({ ...settings, endpoint: missing.endpoint });
    expect(missing.asked).toEqual(["HEAD /atlas-bucket", "PUT /atlas-bucket"]);
    const there = await storeOf(200);
    await ensureBucket({ ...settings, endpoint: there.endpoint });
    expect(there.asked).toEqual(["HEAD /atlas-bucket"]);
  });

  it("that refuses the credentials is a failure with its status", async () => {
    const { endpoint } = await storeOf(403);
    await expect(ensureBucket({ ...settings, endpoint })).rejects.toThrow("answered 403");
  });

  it("takes an object or does not", async () => {
    const { endpoint, asked } = await storeOf(200, 507);
    const store = () => storeObject({ ...settings, endpoint }, "a b", new Uint8Array([1]), "text/plain");
    expect([await store(), await store()]).toEqual([true, false]);
    expect(asked).toEqual(["PUT /atlas-bucket/a%20b", "PUT /atlas-bucket/a%20b"]);
  });

  it.each(["uploads/1 x/../down", "uploads/./x"])(
    "is not asked to take %s, as by its own library",
    async (path) => {
      const { endpoint, asked } = await storeOf(200);
      const stored = storeObject({ ...settings, endpoint }, path, new Uint8Array([1]), "text/plain");
      expect(await stored).toBe(false);
      expect(asked).toEqual([]);
    },
  );
});
