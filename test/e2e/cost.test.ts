// Local Docker costs nothing, and says what it takes instead.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CostOutput } from "../../components/cost/output.ts";
import { docker } from "../../components/hosts/docker-cli.ts";
import { TestStack } from "./test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.make({ monthlyBudget: "1" });
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
});
afterAll(() => stack.remove());

test("the stack's cost is 0, with the memory that its containers may take and the same on a droplet", async () => {
  const { cost } = (await stack.outputs()) as unknown as { cost: CostOutput };
  const names = Object.keys(await stack.containerIds()).map((service) => stack.container(service));
  const limits = (await docker(["inspect", "--format", "{{.HostConfig.Memory}}", ...names]))
    .trim()
    .split("\n");
  expect(cost).toMatchObject({ monthly: 0, hourly: 0, currency: "USD", breakdown: [], unpriced: [] });
  expect(cost.local?.memoryMiB).toBe(limits.map(Number).reduce((sum, bytes) => sum + bytes, 0) / 1024 ** 2);
  expect(cost.local?.onDroplet).toEqual({
    size: "s-2vcpu-4gb",
    volumeGiB: 20,
    backups: "weekly",
    monthly: 30.8,
  });
});

test("a preview tells it, too", async () => {
  const { code, output } = await stack.startWith({}, "preview").finished;
  expect(code, output).toBe(0);
  expect(output).toContain("$0.00");
  expect(output).toContain("s-2vcpu-4gb");
});
