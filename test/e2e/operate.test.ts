// One command for each act on what runs (scripts/start, stop, restart, logs, shell, rotate).
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, TestStack } from "./test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.make();
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
});
afterAll(() => stack.remove());

const answers = async () => {
  await using client = await stack.client();
  return (await client.health()).message;
};

test("stop keeps everything, start brings it back healthy; each may be said twice", async () => {
  const before = await stack.containerIds();
  await stack.succeeds("stop");
  await stack.succeeds("stop");
  await expect(answers()).rejects.toThrow();
  await stack.succeeds("start");
  expect(await answers()).toBeTruthy();
  await stack.succeeds("start");
  expect(await stack.containerIds()).toEqual(before);
});

test("restart ends with a healthy Atlas", async () => {
  expect((await stack.succeeds("restart")).output).toContain("is healthy");
  expect(await answers()).toBeTruthy();
});

test("logs of one service, of all, and of one that is not there", async () => {
  const { output: last } = await stack.succeeds("logs", "postgres", "--tail", "5");
  expect(last).toMatch(/database system|checkpoint|connection/);
  const { output: all } = await stack.succeeds("logs", "--tail", "1");
  for (const name of Object.keys(await stack.containerIds())) expect(all).toContain(`=== ${name}`);
  const { code, output } = await stack.script("logs", "mailer");
  expect(code).toBe(1);
  expect(output).toContain(
    `mailer: no service of stack ${stack.name}; there are postgres, backend, frontend, ingress`,
  );
});

test("a shell of the database is psql", async () => {
  const args = [stack.name, "postgres", "--sandbox"];
  const { code, output } = await run("scripts/shell", args, {}, "select 6 * 7 as answer;\n").finished;
  expect(code, output).toBe(0);
  expect(output).toMatch(/answer[\s\S]*42/);
});

test("a secret is rotated by its name, and nothing but that", async () => {
  const rotate = (secret: string) => run("scripts/rotate", [secret, stack.name, "--sandbox"]).finished;
  const before = (await stack.outputs()).adminPassword;
  const rotated = await rotate("admin");
  expect(rotated.code, rotated.output).toBe(0);
  const after = (await stack.outputs()).adminPassword;
  expect(after).not.toBe(before);
  expect(await answers()).toBeTruthy();
  const { code, output } = await rotate("everything");
  expect(code).toBe(1);
  expect(output).toContain("one of database, storage, jwt, admin, superAdmin, hostKey");
});
