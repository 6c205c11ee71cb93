// Two deployments on one host, each blind to the other.
import { afterAll, beforeAll, expect, test } from "vitest";
import { AtlasAuthError, AtlasClient } from "../../client/index.ts";
import { allObjects, engineObjects, noObjects } from "./engine-objects.ts";
import { TestStack, until } from "./test-stack.ts";

let first: TestStack;
let second: TestStack;

beforeAll(async () => {
  // The loop below would meet the limits.
  const backendEnv = { RATE_LIMIT_ENABLED: "false", STANDIN_BOOT_MS: "500", STANDIN_MIGRATION_MS: "500" };
  first = await TestStack.make({ backendEnv });
  second = await TestStack.make({ backendEnv });
});
afterAll(async () => {
  await Promise.all([first.remove(), second.remove()]);
});

test("two first ups at once both end with every check passed", async () => {
  for (const { code, output } of await Promise.all([first.up(), second.up()])) expect(code, output).toBe(0);
  for (const stack of [first, second]) {
    expect((await stack.outputs()).smoke.failed).toBe(0);
    expect(await engineObjects(stack.prefix)).toEqual(allObjects);
  }
});

test("a password or a session of the one is worth nothing at the other", async () => {
  const [one, other] = [await first.outputs(), await second.outputs()];
  expect(one.adminPassword).not.toBe(other.adminPassword);
  await using stranger = new AtlasClient({
    baseUrl: other.apiUrl,
    email: one.adminEmail,
    password: one.adminPassword,
  });
  await expect(stranger.signIn()).rejects.toBeInstanceOf(AtlasAuthError);

  const token = await signIn(one.apiUrl, one.adminEmail, one.adminPassword);
  expect(await statusOfMe(one.apiUrl, token)).toBe(200);
  expect(await statusOfMe(other.apiUrl, token)).toBe(403);

  await using client = await first.client();
  const order = await client.workOrders.create({ title: "of the first deployment" });
  await using there = await second.client();
  expect((await there.workOrders.search("of the first deployment")).totalElements).toBe(0);
  await client.workOrders.delete(order.id);
});

test("one is taken down with its data while the other serves on without a failure", async () => {
  await using client = await second.client();
  const before = await second.containerIds();
  const answers: string[] = [];
  let over = false;
  const loop = (async () => {
    while (!over) {
      answers.push(
        await client.workOrders.create({ title: "while the other goes" }).then(
          (order) => client.workOrders.delete(order.id).then(() => "served"),
          (error: unknown) => String(error),
        ),
      );
    }
  })();
  try {
    await until("the first answers", 30, () => answers.length >= 5);
    const { code, output } = await first.down("--delete-data");
    expect(code, output).toBe(0);
    const atTheEnd = answers.length;
    await until("answers after the other's end", 30, () => answers.length >= atTheEnd + 5);
  } finally {
    over = true;
    await loop;
  }
  expect(answers.filter((answer) => answer !== "served")).toEqual([]);
  expect(answers.length).toBeGreaterThan(20);
  expect(await engineObjects(first.prefix)).toEqual(noObjects);
  expect(await second.containerIds()).toEqual(before);
});

async function signIn(apiUrl: string, email: string, password: string): Promise<string> {
  const response = await fetch(`${apiUrl}/auth/signin`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password, type: "CLIENT" }),
  });
  return ((await response.json()) as { accessToken: string }).accessToken;
}

const statusOfMe = async (apiUrl: string, token: string): Promise<number> =>
  (await fetch(`${apiUrl}/auth/me`, { headers: { authorization: `Bearer ${token}` } })).status;
