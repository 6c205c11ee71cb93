import { describe, expect, test } from "vitest";
import { AtlasApiError, AtlasLicenseError, AtlasNotFoundError } from "../../client/index.ts";
import { client, titled } from "./atlas.ts";

describe("files", () => {
  test("a file is uploaded, found, fetched and deleted, where there are a licence and an object store", async ({
    skip,
  }) => {
    const name = titled("a & b.txt");
    const content = new TextEncoder().encode("contract suite");
    const made = await client.files
      .upload({ name, content, contentType: "text/plain" })
      .catch((error: unknown) => error);
    if (made instanceof AtlasLicenseError) skip(`files need a licence: ${made.message}`);
    if (made instanceof AtlasApiError && made.details.serverMessage?.startsWith("MinIO is not configured"))
      skip(`files need an object store: ${made.message}`);
    if (made instanceof Error) throw made;
    const file = await client.files.get((made as { id: number }).id);
    expect(file).toMatchObject({ name, hidden: false, type: "OTHER" });
    expect((await client.files.list({ text: titled("a") })).content).toHaveLength(1);
    await client.files.delete(file.id);
    await expect(client.files.get(file.id)).rejects.toBeInstanceOf(AtlasNotFoundError);
  });

  test("a file that does not exist is an AtlasNotFoundError", async () => {
    await expect(client.files.get(999_999_999)).rejects.toBeInstanceOf(AtlasNotFoundError);
  });
});
