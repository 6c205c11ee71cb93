import { describe, expect, it } from "vitest";
import { settingsOf, withEndpoint } from "../../../sandbox/plugins/digitalocean/settings.ts";
import { contextOf, play } from "./digitalocean-api.ts";

const tooMany: [number, object, Record<string, string>] = [
  429,
  { id: "too_many_requests", message: "API rate limit exceeded." },
  { "retry-after": "0" },
];

describe("the API client", () => {
  it.each([[429], [500], [502], [503]])("asks again after %i", async (status) => {
    const { context, calls } = await play({
      "GET account": [
        [status, {}],
        [status, {}],
        [200, { account: 1 }],
      ],
    });
    expect(await context.client.get("account")).toEqual({ account: 1 });
    expect(calls).toHaveLength(3);
  });

  it("gives up after four repetitions, in the original's words", async () => {
    const { context, calls, url } = await play({
      "POST tags": [503, { message: "busy", request_id: "r-1" }],
    });
    await expect(context.client.post("tags", { name: "a" })).rejects.toThrow(
      `POST ${url}/v2/tags: 503 (request "r-1") busy; giving up after 5 attempt(s)`,
    );
    expect(calls).toHaveLength(5);
  });

  it.each([[400], [401], [404], [409], [422], [501]])("takes %i as it is", async (status) => {
    const { context, calls, url } = await play({ "GET account": [status, { id: "x", message: "no" }] });
    await expect(context.client.get("account")).rejects.toThrow(`GET ${url}/v2/account: ${status} no`);
    expect(calls).toHaveLength(1);
  });

  it("obeys Retry-After instead of its own pace", async () => {
    const { context } = await play({ "GET account": [tooMany, [200, {}]] }, { httpRetryWaitMin: "30" });
    const started = Date.now();
    await context.client.get("account");
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  it("does not repeat when that is switched off", async () => {
    const { context, calls } = await play({ "GET account": [500, { message: "oh" }] }, { httpRetryMax: "0" });
    await expect(context.client.get("account")).rejects.toThrow(/: 500 oh$/);
    expect(calls).toHaveLength(1);
  });

  it("repeats where nobody answers, and then says who", async () => {
    const { client } = contextOf("http://127.0.0.1:9");
    await expect(client.get("account")).rejects.toThrow(/^GET http:\/\/127\.0\.0\.1:9\/v2\/account: /);
  });

  it("shows an answer that is no JSON", async () => {
    const { context } = await play(
      { "GET a": [502, "<html>bad gateway"], "GET b": [200, "<html>"] },
      { httpRetryMax: "0" },
    );
    await expect(context.client.get("a")).rejects.toThrow("502 <html>bad gateway");
    await expect(context.client.get("b")).rejects.toThrow('the answer is no JSON but "<html>"');
  });

  it("takes the request's id from the header when the body has none", async () => {
    const { context } = await play({ "GET a": [403, { message: "no" }, { "x-request-id": "r-9" }] });
    await expect(context.client.get("a")).rejects.toThrow('403 (request "r-9") no');
  });

  it("reads every page of a list", async () => {
    const { context, calls } = await play({
      "GET sizes?page=1&per_page=200": [200, { sizes: [1, 2], links: { pages: { next: "u", last: "u" } } }],
      "GET sizes?page=2&per_page=200": [200, { sizes: [3], links: { pages: { prev: "u" } } }],
    });
    expect(await context.client.list("sizes", "sizes")).toEqual([1, 2, 3]);
    expect(calls).toHaveLength(2);
  });

  it("keeps to a limit of requests per second", async () => {
    const { context } = await play({ "GET account": [200, {}] }, { requestsPerSecond: "50" });
    const started = Date.now();
    await Promise.all(Array.from({ length: 6 }, () => context.client.get("account")));
    expect(Date.now() - started).toBeGreaterThanOrEqual(90);
  });
});

describe("the settings", () => {
  it("come from the configuration, then the environment, then the defaults", () => {
    const environment = {
      DIGITALOCEAN_TOKEN: "e",
      DIGITALOCEAN_API_URL: "http://e:1",
      DIGITALOCEAN_HTTP_RETRY_MAX: "0",
    };
    expect(settingsOf({}, {})).toMatchObject({
      token: "",
      retryMax: 4,
      retryWaitMinSeconds: 1,
      retryWaitMaxSeconds: 30,
    });
    expect(settingsOf({}, environment)).toMatchObject({
      token: "e",
      retryMax: 0,
      endpoint: new URL("http://e:1"),
    });
    expect(settingsOf({ token: "c", apiEndpoint: "http://c:2" }, environment)).toMatchObject({
      token: "c",
      endpoint: new URL("http://c:2"),
    });
    expect(settingsOf({}, { DIGITALOCEAN_ACCESS_TOKEN: "a" }).token).toBe("a");
  });

  it("note the endpoint but never the token of the environment", () => {
    expect(withEndpoint({}, { DIGITALOCEAN_API_URL: "http://e:1", DIGITALOCEAN_TOKEN: "t" })).toEqual({
      apiEndpoint: "http://e:1",
    });
  });

  it("say what is wrong with them", () => {
    expect(() => settingsOf({ apiEndpoint: "nowhere" }, {})).toThrow(
      'digitalocean:apiEndpoint (or DIGITALOCEAN_API_URL) is "nowhere"',
    );
    expect(() => settingsOf({ httpRetryMax: "often" }, {})).toThrow('digitalocean:httpRetryMax is "often"');
  });
});
