import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findRoute, route } from "../../../sandbox/digitalocean/api/http/router.ts";
import { openTwin, refusal, tokenFor } from "./opened-twin.ts";

describe("who calls", () => {
  it("is known by the token alone", async () => {
    const twin = await openTwin();
    for (const authorization of [
      undefined,
      "Bearer nonsense",
      `Basic ${tokenFor("one")}`,
      `Bearer ${tokenFor("one")}0`,
    ])
      expect(
        await twin.raw("GET", "/v2/account", undefined, authorization ? { authorization } : {}),
      ).toMatchObject(refusal(401, "Unable to authenticate you", "unauthorized"));
    const one = (await twin.get("/v2/account")).body.account;
    expect(one).toMatchObject({ status: "active", droplet_limit: 25, email: expect.stringContaining("@") });
    expect((await twin.get("/v2/account")).body.account.uuid).toBe(one.uuid);
    expect((await twin.get("/v2/account", "two")).body.account.uuid).not.toBe(one.uuid);
  });

  it("sees only what is its own", async () => {
    const twin = await openTwin();
    await twin.post("/v2/tags", { name: "mine" });
    expect((await twin.get("/v2/tags", "two")).body.tags).toEqual([]);
    const [one, two] = [await twin.droplet(), await twin.droplet({}, "two")];
    expect(one.id).not.toBe(two.id);
    expect(one.networks.v4[0].ip_address).not.toBe(two.networks.v4[0].ip_address);
    expect((await twin.get(`/v2/droplets/${one.id}`, "two")).status).toBe(404);
  });
});

describe("requests that cannot be served", () => {
  it.each([
    "/v2/nothing",
    "/v2",
    "/",
    "/v2/droplets/12x",
    "/v2/droplets/99999999999999999999",
    "/v2/volumes/%zz",
    "//",
  ])("%s is not found", async (path) => {
    const twin = await openTwin();
    expect(await twin.get(path)).toMatchObject(
      refusal(404, "The resource you requested could not be found.", "not_found"),
    );
  });

  it("have a body that is no JSON, or none of the fields", async () => {
    const twin = await openTwin();
    const headers = { authorization: `Bearer ${tokenFor("one")}` };
    expect(await twin.raw("POST", "/v2/tags", "{", headers)).toMatchObject(
      refusal(400, /JSON/, "bad_request"),
    );
    expect(await twin.raw("POST", "/v2/tags", "", headers)).toMatchObject(
      refusal(422, "name is required", "unprocessable_entity"),
    );
    expect(await twin.post("/v2/tags", [1])).toMatchObject({ status: 422 });
    expect(await twin.post("/v2/tags", { name: "x".repeat(2 ** 20) })).toMatchObject({ status: 413 });
  });

  it("answers HEAD like GET without a body", async () => {
    const twin = await openTwin();
    expect(await twin.call("HEAD", "/v2/account")).toMatchObject({ status: 200, body: undefined });
  });
});

describe("rate limits", () => {
  it("are 250 a minute and 5000 an hour of a token", async () => {
    const twin = await openTwin({});
    const limited = refusal(429, "API rate limit exceeded.", "too_many_requests");
    const first = await twin.get("/v2/account");
    expect(Object.fromEntries(first.headers)).toMatchObject({
      "ratelimit-limit": "5000",
      "ratelimit-remaining": "4999",
      "ratelimit-reset": String(twin.clock.now / 1000 + 3600),
    });
    const answers = await Promise.all(Array.from({ length: 249 }, () => twin.get("/v2/account")));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    twin.clock.now += 20_000;
    const over = await twin.get("/v2/account");
    expect(over).toMatchObject(limited);
    expect(over.headers.get("retry-after")).toBe("40");
    expect(over.headers.get("ratelimit-remaining")).toBe("4750");
    expect((await twin.get("/v2/account", "two")).status).toBe(200);
    twin.clock.now += 40_000;
    expect((await twin.get("/v2/account")).status).toBe(200);
  });

  it("run out over the hour, without a time to come back", async () => {
    const twin = await openTwin({ perHour: 3 });
    for (let n = 0; n < 3; n++) await twin.get("/v2/account");
    const over = await twin.get("/v2/account");
    expect(over).toMatchObject(refusal(429, "API rate limit exceeded."));
    expect(over.headers.get("retry-after")).toBeNull();
    twin.clock.now += 3_600_000;
    expect((await twin.get("/v2/account")).status).toBe(200);
  });

  it("let SSH keys be listed ten times a minute", async () => {
    const twin = await openTwin({});
    for (let n = 0; n < 10; n++) expect((await twin.get("/v2/account/keys")).status).toBe(200);
    const over = await twin.get("/v2/account/keys");
    expect(over.status).toBe(429);
    expect(over.headers.get("retry-after")).toBe("60");
    expect((await twin.get("/v2/account/keys/1")).status).toBe(404);
  });
});

describe("pages", () => {
  it("hold every item once, in order, whatever their size", async () => {
    const twin = await openTwin();
    const names = Array.from({ length: 23 }, (_, n) => `tag-${String(n).padStart(2, "0")}`);
    for (const name of names) await twin.post("/v2/tags", { name });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (perPage) => {
        const seen: string[] = [];
        let next: string | undefined = `${twin.url}/v2/tags?per_page=${perPage}`;
        let pages = 0;
        while (next) {
          const { body } = await twin.get(next.slice(twin.url.length));
          seen.push(...body.tags.map(({ name }: { name: string }) => name));
          expect(body.meta.total).toBe(names.length);
          pages += 1;
          next = body.links.pages?.next;
        }
        expect(seen).toEqual(names);
        expect(pages).toBe(Math.ceil(names.length / perPage));
      }),
      { numRuns: 30 },
    );
  });

  it("link to each other with full URLs where there is more than one", async () => {
    const twin = await openTwin();
    for (let n = 0; n < 5; n++) await twin.post("/v2/tags", { name: `t${n}` });
    const at = (page: number) => `${twin.url}/v2/tags?per_page=2&page=${page}`;
    expect((await twin.get("/v2/tags")).body.links).toEqual({});
    expect((await twin.get("/v2/tags?per_page=2")).body.links.pages).toEqual({ next: at(2), last: at(3) });
    expect((await twin.get("/v2/tags?per_page=2&page=2")).body.links.pages).toEqual({
      first: at(1),
      prev: at(1),
      next: at(3),
      last: at(3),
    });
    expect((await twin.get("/v2/tags?per_page=2&page=3")).body.links.pages).toEqual({
      first: at(1),
      prev: at(2),
    });
    expect((await twin.get("/v2/tags?per_page=2&page=9")).body).toMatchObject({
      tags: [],
      meta: { total: 5 },
    });
  });

  it("are of 20 items unless asked, and never of more than 200", async () => {
    const twin = await openTwin();
    expect((await twin.get("/v2/sizes")).body.sizes).toHaveLength(20);
    expect((await twin.get("/v2/sizes?per_page=nonsense&page=0")).body.sizes).toHaveLength(20);
    const { body } = await twin.get("/v2/sizes?per_page=100000");
    expect(body.sizes).toHaveLength(body.meta.total);
    for (let n = 0; n < 201; n++) await twin.post("/v2/tags", { name: `t${n}` });
    expect((await twin.get("/v2/tags?per_page=1000")).body.tags).toHaveLength(200);
  });
});

describe("the log", () => {
  it("tells what was called by whom, without bodies and tokens", async () => {
    const twin = await openTwin();
    const { uuid } = (await twin.get("/v2/account")).body.account;
    await twin.post("/v2/tags", { name: "seen" });
    await twin.raw("GET", "/v2/account");
    const { log } = (await twin.raw("GET", "/_twin/log")).body;
    const common = { n: expect.any(Number), time: "2026-11-21T10:00:00Z" };
    expect(log).toEqual([
      { ...common, method: "GET", path: "/v2/account", status: 200, account: uuid },
      { ...common, method: "POST", path: "/v2/tags", status: 201, account: uuid },
      { ...common, method: "GET", path: "/v2/account", status: 401, account: null },
    ]);
    expect((await twin.raw("GET", `/_twin/log?since=${log[1].n}`)).body.log).toEqual([log[2]]);
  });
});

describe("routes", () => {
  it("prefer literal segments, and find names in any spelling of theirs", () => {
    const handle = () => ({ status: 200, body: undefined });
    const routes = [route("GET", "/v2/x/:id", handle), route("GET", "/v2/x/actions", handle)];
    expect(findRoute(routes, "GET", "/v2/x/actions")?.route.path).toBe("/v2/x/actions");
    expect(findRoute(routes, "GET", "/v2/x/a%3Ab%20%C3%A4")?.parameters.id).toBe("a:b ä");
    expect(findRoute(routes, "GET", "/v2/x/12/")?.parameters.id).toBe("12");
    expect(findRoute(routes, "PUT", "/v2/x/12")).toBeUndefined();
    expect(findRoute(routes, "GET", "/v2/x/")).toBeUndefined();
  });
});
