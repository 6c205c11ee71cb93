// 1,000 concurrent creates through one client, some of whose answers are lost on the way.
import { Agent } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AtlasClient } from "../../client/index.ts";
import { docker } from "../../components/hosts/docker-cli.ts";
import { losingReplies } from "../contract/lost-reply.ts";
import { TestStack } from "./test-stack.ts";

const OPERATIONS = 1_000;
const EVERY_LOST = 50;

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.make({
    backendEnv: {
      RATE_LIMIT_ENABLED: "false",
      // Without a licence 30 work orders may be incomplete.
      LICENSE_KEY: "load-test",
      STANDIN_LICENSE: "UNLIMITED_ACTIVE_WORK_ORDERS",
      STANDIN_BOOT_MS: "500",
      STANDIN_MIGRATION_MS: "500",
    },
  });
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
});
afterAll(() => stack.remove());

test("none is lost and none is made twice, whatever happens to the answers", async () => {
  const { apiUrl, adminEmail, adminPassword } = await stack.outputs();
  const agent = new Agent({ connections: 32 });
  let lost = 0;
  const dispatcher = losingReplies(agent, "/work-orders", (nth) => {
    if (nth % EVERY_LOST !== 0) return false;
    lost += 1;
    return true;
  });
  await using client = new AtlasClient({
    baseUrl: apiUrl,
    email: adminEmail,
    password: adminPassword,
    rateLimits: false,
    // All wait for one of the connections, on a machine that others use too.
    timeoutMs: 200_000,
    dispatcher,
  });
  const titles = Array.from({ length: OPERATIONS }, (_, index) => `load & test ${index}`);
  const started = performance.now();
  const orders = await Promise.all(titles.map((title) => client.workOrders.create({ title })));
  console.log(
    `${OPERATIONS} creates in ${((performance.now() - started) / 1000).toFixed(1)} s, ${lost} answers lost`,
  );
  await agent.close();

  expect(lost).toBe(OPERATIONS / EVERY_LOST);
  expect(orders.map(({ title }) => title)).toEqual(titles);
  const rows = await storedOrders();
  expect(rows).toHaveLength(OPERATIONS);
  expect(new Map(rows)).toEqual(
    new Map(orders.map(({ id, title }) => [String(id), title.replace("&", "&amp;")])),
  );
});

/** Ids and titles as they are in PostgreSQL. */
async function storedOrders(): Promise<[string, string][]> {
  const query = "select id || '|' || title from work_order where title like 'load &amp; test %'";
  const psql = `PGPASSWORD="$POSTGRES_PASSWORD" psql -tA -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "${query}"`;
  const table = await docker(["exec", stack.container("postgres"), "sh", "-c", psql]);
  return table
    .split("\n")
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf("|")), line.slice(line.indexOf("|") + 1)]);
}
