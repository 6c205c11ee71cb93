import { randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { docker } from "../../../ops/docker.ts";
import { startContainers, stopContainers } from "../../../ops/restore/containers.ts";
import { imageMirror } from "../../../sandbox/images/names.ts";

const name = `sandbox-test-ops-${randomBytes(3).toString("hex")}-container`;
afterEach(() => docker(["rm", "--force", name]));

/** Docker itself looks only an hour later. */
const create = (healthCommand: string) =>
  docker([
    ...["create", "--name", name, "--init", "--health-cmd", healthCommand, "--health-interval", "1h"],
    ...[`${imageMirror}/base`, "sleep", "infinity"],
  ]);

test("a container that is healthy is not waited for until Docker looks again", async () => {
  await create("true");
  await startContainers([name], { timeoutMs: 30_000 });
  await stopContainers([name]);
  await startContainers([name], { timeoutMs: 30_000 });
});

test("one that is not healthy is told after the time", async () => {
  await create("false");
  await expect(startContainers([name], { timeoutMs: 1000 })).rejects.toThrow(
    `container ${name} is starting, not healthy in time`,
  );
});
