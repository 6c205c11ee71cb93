// One command for each act on what runs (scripts/start, stop, restart, logs, shell, rotate).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, TestStack } from "./test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.make();
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
});
afterAll(() => stack.remove());

async function script(name: string, args: string[], input = "") {
  const child = spawn(`scripts/${name}`, [...args, "--sandbox"], {
    cwd: root,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, output: `${out}${err}` };
}

async function succeeds(name: string, args: string[], input?: string): Promise<string> {
  const { code, output } = await script(name, args, input);
  expect(code, output).toBe(0);
  return output;
}

const answers = async () => {
  await using client = await stack.client();
  return (await client.health()).message;
};

test("stop keeps everything, start brings it back healthy; each may be said twice", async () => {
  const before = await stack.containerIds();
  await succeeds("stop", [stack.name]);
  await succeeds("stop", [stack.name]);
  await expect(answers()).rejects.toThrow();
  await succeeds("start", [stack.name]);
  expect(await answers()).toBeTruthy();
  await succeeds("start", [stack.name]);
  expect(await stack.containerIds()).toEqual(before);
});

test("restart ends with a healthy Atlas", async () => {
  expect(await succeeds("restart", [stack.name])).toContain("is healthy");
  expect(await answers()).toBeTruthy();
});

test("logs of one service, of all, and of one that is not there", async () => {
  expect(await succeeds("logs", [stack.name, "postgres", "--tail", "5"])).toMatch(
    /database system|checkpoint|connection/,
  );
  const all = await succeeds("logs", [stack.name, "--tail", "1"]);
  for (const name of Object.keys(await stack.containerIds())) expect(all).toContain(`=== ${name}`);
  const { code, output } = await script("logs", [stack.name, "mailer"]);
  expect(code).toBe(1);
  expect(output).toContain(
    `mailer: no service of stack ${stack.name}; there are postgres, backend, frontend, ingress`,
  );
});

test("a shell of the database is psql", async () => {
  expect(await succeeds("shell", [stack.name, "postgres"], "select 6 * 7 as answer;\n")).toMatch(
    /answer[\s\S]*42/,
  );
});

test("a secret is rotated by its name, and nothing but that", async () => {
  const before = (await stack.outputs()).adminPassword;
  await succeeds("rotate", ["admin", stack.name]);
  const after = (await stack.outputs()).adminPassword;
  expect(after).not.toBe(before);
  expect(await answers()).toBeTruthy();
  const { code, output } = await script("rotate", ["everything", stack.name]);
  expect(code).toBe(1);
  expect(output).toContain("one of database, storage, jwt, admin, superAdmin, hostKey");
});
