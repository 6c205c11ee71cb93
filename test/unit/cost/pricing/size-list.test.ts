// The price book against a size list: the sandbox's API in this process, and answers made up for the rest.

import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { parsePriceBook, priceBookFile } from "../../../../components/cost/price-book.ts";
import {
  apiOf,
  differences,
  fetchSizes,
  formatted,
  parseFile,
  type Size,
  table,
  updated,
} from "../../../../scripts/lib/prices.ts";
import { openTwin, tokenFor } from "../../sandbox-digitalocean/opened-twin.ts";

const file = parseFile(readFileSync(priceBookFile, "utf8"));
const token = tokenFor("one");
const now = new Date("2027-01-02T03:04:05Z");

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const size = (slug: string, monthly: string, hourly: string): Size => ({
  slug,
  vcpus: 1,
  memory: 1024,
  disk: 25,
  transfer: 1,
  price_monthly: monthly,
  price_hourly: hourly,
});

describe("against the sandbox's API", () => {
  test("the book lacks nothing, and has what the API does not sell", async () => {
    const { url } = await openTwin();
    const sizes = await fetchSizes({ url, token });
    expect(sizes.map(({ slug }) => slug)).toContain("s5-1vcpu-3gb-50gb");
    const found = differences(file, sizes);
    expect(found.map(({ slug, what }) => `${slug} ${what}`)).toEqual([
      "c-60-intel gone",
      "c2-60vcpu-120gb-intel gone",
      "g-60vcpu-240gb-intel gone",
      "gd-60vcpu-240gb-intel gone",
      "m-48vcpu-384gb-intel gone",
      "m3-48vcpu-384gb-intel gone",
      "so-48vcpu-384gb-intel gone",
    ]);
  });

  test("after an update there is no difference, and another update changes no byte", async () => {
    const { url } = await openTwin();
    const sizes = await fetchSizes({ url, token });
    const text = formatted(updated(file, sizes, { api: url, now }));
    const again = parseFile(text);
    expect(differences(again, sizes)).toEqual([]);
    expect(formatted(updated(again, sizes, { api: url, now }))).toBe(text);
    expect(text).not.toContain(token);
  });
});

test("an update rewrites the sizes and keeps the rest", () => {
  const after = updated(file, [size("c-2", "43", "0.06399"), size("s-1vcpu-1gb", "6", "0.00893")], {
    api: "https://api.example",
    now,
  });
  expect(after.asOf).toBe("2027-01-02");
  expect(Object.entries(after.droplets).map(([slug, { monthly }]) => [slug, monthly])).toEqual([
    ["s-1vcpu-1gb", "6"],
    ["c-2", "43"],
  ]);
  expect(after.droplets["c-2"]).toMatchObject({ source: "API", seen: "2027-01-02", hourly: "0.06399" });
  expect(after.sources.API).toMatchObject({ url: "https://api.example/v2/sizes", seen: "2027-01-02" });
  const { asOf: _, sources, droplets, ...rest } = file;
  expect(after).toMatchObject(rest);
  expect(after.sources).toMatchObject(sources);
  expect(() => parsePriceBook(after)).not.toThrow();
});

test("what the pieces do not explain gets a row of its own, which has no cap", () => {
  const dearer = size("s5-1vcpu-3gb-50gb", "29.76", "0.04");
  expect(differences(file, [dearer])[0]).toMatchObject({ slug: "c-16", what: "gone" });
  const after = updated(file, [dearer, size("s5-2vcpu-4gb-60gb", "41.68", "0.05603")], {
    api: "https://a",
    now,
  });
  expect(Object.keys(after.droplets)).toEqual(["s5-1vcpu-3gb-50gb"]);
});

test("differences are told slug by slug, with both prices", () => {
  const small = { ...file, droplets: Object.fromEntries(Object.entries(file.droplets).slice(0, 2)) };
  const found = differences(small, [size("s-1vcpu-1gb", "6.5", "0.00967"), size("gpu-x", "2522.16", "3.39")]);
  expect(table(found)).toBe(
    [
      "size                       book: month     hour  API: month     hour",
      "gpu-x               new              -        -     2522.16     3.39",
      "s-1vcpu-1gb         price            6  0.00893         6.5  0.00967",
      "s-1vcpu-512mb-10gb  gone             4  0.00595           -        -",
    ].join("\n"),
  );
});

describe("the API", () => {
  test("is asked page by page, with the token", async () => {
    const asked: string[] = [];
    const url = await answering((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      const first = !request.url?.includes("?page=2");
      const one = {
        slug: first ? "a" : "b",
        vcpus: 1,
        memory: 1,
        disk: 1,
        transfer: 0.5,
        price_monthly: 4,
        price_hourly: 0.00595,
      };
      const links = first ? { pages: { next: `${url}/v2/sizes?page=2` } } : {};
      response.end(JSON.stringify({ sizes: [one], links }));
    });
    const sizes = await fetchSizes({ url, token });
    expect(sizes.map(({ slug, price_hourly }) => [slug, price_hourly])).toEqual([
      ["a", "0.00595"],
      ["b", "0.00595"],
    ]);
    expect(asked).toEqual([`/v2/sizes?per_page=200 Bearer ${token}`, `/v2/sizes?page=2 Bearer ${token}`]);
  });

  test("does not make the token go elsewhere", async () => {
    const next = "http://elsewhere.example/v2/sizes";
    const url = await answering((_, response) =>
      response.end(JSON.stringify({ sizes: [], links: { pages: { next } } })),
    );
    await expect(fetchSizes({ url, token })).rejects.toThrow(
      "leads to another server, http://elsewhere.example",
    );
  });

  test.each<[answer: RequestListener, message: RegExp]>([
    [
      (_, response) => response.writeHead(401).end('{"id":"Unauthorized"}'),
      /answers 401: \{"id":"Unauthorized"\}/,
    ],
    [(_, response) => response.end("<html>"), /answers no list of sizes/],
    [(_, response) => response.end('{"sizes":[{"slug":"a"}]}'), /price_monthly/],
    [(request) => request.socket.destroy(), /does not answer/],
  ])("is refused in words, without the token (%#)", async (answer, message) => {
    const url = await answering(answer);
    const failure = await fetchSizes({ url, token }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "Stop", message: expect.stringMatching(message) });
    expect(String(failure)).not.toContain(token);
  });

  test("needs a token, and knows its own address", () => {
    expect(() => apiOf({})).toThrow("set DIGITALOCEAN_TOKEN (or DIGITALOCEAN_ACCESS_TOKEN)");
    expect(apiOf({ DIGITALOCEAN_ACCESS_TOKEN: "t" })).toEqual({
      url: "https://api.digitalocean.com",
      token: "t",
    });
    expect(apiOf({ DIGITALOCEAN_TOKEN: "t", DIGITALOCEAN_API_URL: "http://127.0.0.1:1/" }).url).toBe(
      "http://127.0.0.1:1",
    );
  });
});
