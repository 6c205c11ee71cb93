import { describe, expect, test } from "vitest";
import { GitHubError, publishComment, repositoryOf } from "../../../scripts/lib/ci/github.ts";
import { VirtualClock } from "../client/fixtures.ts";
import { type Reply, ScriptedServer } from "../client/scripted-server.ts";

const list = "GET /repos/plant/atlas/issues/7/comments";
const post = "POST /repos/plant/atlas/issues/7/comments";
const patch = "PATCH /repos/plant/atlas/issues/comments/11";
const marker = "<!-- atlas-preview: prod -->";
const token = "ghs_0123456789";
const bot = { login: "github-actions[bot]", type: "Bot" };
const person = { login: "mallory", type: "User" };

const said = (id: number, body: string, user: object | null = bot) => ({
  id,
  body,
  user,
  html_url: `https://github.example/c/${id}`,
});
const written: Reply = { status: 201, json: said(12, marker) };
const updated: Reply = { json: said(11, marker) };

async function publish(server: ScriptedServer, clock = new VirtualClock()) {
  const repository = { apiUrl: server.url, name: "plant/atlas", token };
  return publishComment(repository, 7, { marker, body: `${marker}\nnew` }, clock);
}

const refused = async (work: Promise<unknown>): Promise<GitHubError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GitHubError)) throw new Error(`no GitHubError, but ${error}`);
  return error;
};

describe("the comment of a stack", () => {
  test("is written where there is none", async () => {
    await using server = await ScriptedServer.start();
    server.on(list, {
      json: [said(1, "<!-- atlas-preview: dev -->\nother"), said(2, `not at its beginning ${marker}`)],
    });
    server.on(post, written);
    expect(await publish(server)).toEqual({ url: "https://github.example/c/12", updated: false });
    expect(server.requests(post)[0]?.body).toEqual({ body: `${marker}\nnew` });
    expect(server.requests(post)[0]?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      accept: "application/vnd.github+json",
    });
  });

  test("is found on the last of many pages, and updated in place", async () => {
    await using server = await ScriptedServer.start();
    server.on(list, ({ path }) => {
      const page = Number(new URL(path, server.url).searchParams.get("page") ?? 1);
      const next = {
        link: `<${server.url}/repos/plant/atlas/issues/7/comments?page=${page + 1}>; rel="next", <x>; rel="last"`,
      };
      return page < 3
        ? { json: [said(page, "something else"), said(page + 100, "more", null)], headers: next }
        : { json: [said(11, `${marker}\nold`)], headers: { link: '<x>; rel="prev"' } };
    });
    server.on(patch, updated);
    expect(await publish(server)).toEqual({ url: "https://github.example/c/11", updated: true });
    expect(server.requests(list).map(({ path }) => path.split("?")[1])).toEqual([
      "per_page=100",
      "page=2",
      "page=3",
    ]);
    expect(server.requests(patch)[0]?.body).toEqual({ body: `${marker}\nnew` });
    expect(server.count(post)).toBe(0);
  });

  test("is not somebody else's that begins alike", async () => {
    await using server = await ScriptedServer.start();
    server.on(list, { json: [said(11, `${marker}\nforged`, person)] });
    server.on("GET /user", { status: 403, json: { message: "Resource not accessible by integration" } });
    server.on(post, written);
    expect(await publish(server)).toMatchObject({ updated: false });
    expect(server.count(patch)).toBe(0);
  });

  test("is one's own where the token is a person's", async () => {
    await using server = await ScriptedServer.start();
    server.on(list, { json: [said(11, `${marker}\nold`, person)] });
    server.on("GET /user", { json: { login: "mallory" } });
    server.on(patch, updated);
    expect(await publish(server)).toMatchObject({ updated: true });
  });
});

describe("a refusal", () => {
  test.each<[string, Reply, string]>([
    [
      "of a read-only token",
      { status: 403, json: { message: "Resource not accessible by integration" } },
      "403 to POST URL: Resource not accessible by integration (the job needs `permissions: pull-requests: write`; pull requests from forks never get it)",
    ],
    [
      "of a body that is too long",
      {
        status: 422,
        json: { message: "Validation Failed", errors: ["body is too long (maximum is 65536 characters)"] },
      },
      '422 to POST URL: Validation Failed ["body is too long (maximum is 65536 characters)"]',
    ],
    ["of a proxy", { status: 407, text: "<html>who are you" }, "407 to POST URL: <html>who are you"],
  ])("%s says so at once, without the token", async (_who, reply, message) => {
    await using server = await ScriptedServer.start();
    server.on(list, { json: [] }).on(post, reply);
    const error = await refused(publish(server));
    const url = `${server.url}/repos/plant/atlas/issues/7/comments`;
    expect(error.message).toBe(`GitHub answers ${message.replace("URL", url)}`);
    expect(error.status).toBe(reply.status);
    expect(JSON.stringify(error) + error.stack).not.toContain(token);
    expect(server.count(post)).toBe(1);
  });
});

describe("a failure that passes", () => {
  test.each<[string, Reply, number]>([
    ["500", { status: 500, json: { message: "Server Error" } }, 1000],
    ["502 from a proxy", { status: 502, text: "Bad Gateway" }, 1000],
    ["429 with a time", { status: 429, headers: { "retry-after": "7" }, json: { message: "slow" } }, 7000],
    ["429 without one", { status: 429, json: { message: "slow" } }, 60_000],
    ["a secondary limit with a time", { status: 403, headers: { "retry-after": "30" }, json: {} }, 30_000],
    [
      "a secondary limit in words",
      { status: 403, json: { message: "You have exceeded a secondary rate limit." } },
      60_000,
    ],
    ["a lost answer", { fault: "reset" }, 1000],
  ])("%s is waited for", async (_what, fault, pause) => {
    await using server = await ScriptedServer.start();
    server.on(list, { json: [] }).on(post, fault, written);
    const clock = new VirtualClock();
    expect(await publish(server, clock)).toMatchObject({ updated: false });
    expect(clock.slept).toEqual([pause]);
  });

  test("does not make two comments of one whose answer was lost", async () => {
    await using server = await ScriptedServer.start();
    server.on(list, { json: [] }, { json: [said(11, `${marker}\nnew`)] });
    server.on(post, { status: 500, json: { message: "Server Error" } });
    server.on(patch, updated);
    expect(await publish(server)).toMatchObject({ updated: true });
    expect([server.count(post), server.count(patch)]).toEqual([1, 1]);
  });

  test("that does not pass is told after five attempts", async () => {
    await using server = await ScriptedServer.start();
    server.on(list, { status: 503, text: "down" });
    const clock = new VirtualClock();
    expect((await refused(publish(server, clock))).status).toBe(503);
    expect(clock.slept).toEqual([1000, 2000, 4000, 8000]);
  });

  test("that asks for an hour is told at once", async () => {
    await using server = await ScriptedServer.start();
    const clock = new VirtualClock();
    const reset = String(Math.ceil(clock.now() / 1000) + 3600);
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset };
    server.on(list, { status: 403, headers, json: { message: "API rate limit exceeded" } });
    expect((await refused(publish(server, clock))).status).toBe(403);
    expect(clock.slept).toEqual([]);
  });
});

test("the repository is the job's own, and there is none without a token", () => {
  const env = {
    GITHUB_REPOSITORY: "plant/atlas",
    GITHUB_TOKEN: "t",
    GITHUB_API_URL: "https://ghe.example/api/v3",
  };
  expect(repositoryOf(env)).toEqual({
    apiUrl: "https://ghe.example/api/v3",
    name: "plant/atlas",
    token: "t",
  });
  expect(repositoryOf({ ...env, GITHUB_API_URL: undefined })?.apiUrl).toBe("https://api.github.com");
  expect(repositoryOf({ ...env, GITHUB_TOKEN: "" })).toBeUndefined();
});
