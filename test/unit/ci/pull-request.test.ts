// The command itself, on a pull request as GitHub Actions presents one, without an engine and without any secret.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { capture } from "../../../scripts/lib/process.ts";
import { root } from "../../../scripts/lib/root.ts";
import { ScriptedServer } from "../client/scripted-server.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "pull-request-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const list = "GET /repos/plant/atlas/issues/7/comments";
const post = "POST /repos/plant/atlas/issues/7/comments";
const marker = "<!-- atlas-preview: prod -->";
const secret = "ghs_0123456789abcdef";

/** Without any of this machine's own secrets and settings. */
async function ci(server: ScriptedServer, from: string, env: NodeJS.ProcessEnv = {}) {
  const event = path.join(folder, "event.json");
  const base = {
    sha: capture("git", ["-C", root, "rev-parse", "HEAD"]).trim(),
    repo: { full_name: "plant/atlas" },
  };
  writeFileSync(
    event,
    JSON.stringify({ pull_request: { number: 7, base, head: { sha: "abcdef", repo: { full_name: from } } } }),
  );
  const result = await promisify(execFile)(
    process.execPath,
    ["scripts/ci.ts", "preview", "prod", "--out", path.join(folder, "out")],
    {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        GITHUB_EVENT_PATH: event,
        GITHUB_STEP_SUMMARY: path.join(folder, "summary.md"),
        GITHUB_API_URL: server.url,
        GITHUB_REPOSITORY: "plant/atlas",
        GITHUB_SERVER_URL: "https://github.example",
        GITHUB_RUN_ID: "42",
        GITHUB_TOKEN: secret,
        ...env,
      },
    },
  ).catch((error: { code: number; stdout: string; stderr: string }) => error);
  return { code: "code" in result ? result.code : 0, log: result.stdout + result.stderr };
}

const read = (name: string) => readFileSync(path.join(folder, name), "utf8");

test("one of this repository gets a comment, a summary and files that say the same", async () => {
  await using server = await ScriptedServer.start();
  server.on(list, { json: [] });
  server.on(post, { status: 201, json: { id: 1, html_url: "https://github.example/c/1", user: null } });
  const { code, log } = await ci(server, "plant/atlas");
  expect({ code, log }).toMatchObject({
    code: 0,
    log: expect.stringContaining("Wrote the comment https://github.example/c/1"),
  });
  const { body } = z.object({ body: z.string() }).parse(server.requests(post)[0]?.body);
  expect(body.startsWith(`${marker}\n## ✅ \`prod\` may go on, as far as could be seen\n`)).toBe(true);
  expect(body).toContain("No preview was run: `DIGITALOCEAN_TOKEN` is not set");
  expect(body).toContain("commit `abcdef` · [run](https://github.example/plant/atlas/actions/runs/42)");
  expect(body).toContain("$30.80");
  expect(read("out/comment.md")).toBe(body);
  expect(read("summary.md")).toBe(`${body}\n`);
  expect(readdirSync(path.join(folder, "out")).toSorted()).toEqual([
    "comment.md",
    "cost.json",
    "report.html",
    "result.json",
  ]);
  expect(JSON.parse(read("out/result.json"))).toMatchObject({
    stack: "prod",
    mayGoOn: true,
    cost: { currency: "USD", monthly: "30.8" },
    violations: [],
  });
}, 60_000);

test("one of a fork gets none, since its token could not write it; what would be over budget fails", async () => {
  await using server = await ScriptedServer.start();
  const { code, log } = await ci(server, "mallory/atlas", { ATLAS_CONFIG_MONTHLY_BUDGET: "20" });
  expect({ code, log }).toMatchObject({
    code: 1,
    log: expect.stringContaining("No comment: a fork's token only reads."),
  });
  expect(log).toContain("prod: must not go on: it is over budget");
  expect(server.received).toEqual([]);
  expect(read("summary.md")).toContain("$30.80 a month is $10.80 above the budget of $20.00");
}, 60_000);

test("a refusal of GitHub's is a warning, and the rest goes on", async () => {
  await using server = await ScriptedServer.start();
  server.on(list, { status: 403, json: { message: "Resource not accessible by integration" } });
  const { code, log } = await ci(server, "plant/atlas");
  expect({ code, log }).toMatchObject({
    code: 0,
    log: expect.stringContaining("::warning::No comment: GitHub answers 403"),
  });
  expect(log).not.toContain(secret);
  expect(read("summary.md")).toContain(marker);
}, 60_000);
