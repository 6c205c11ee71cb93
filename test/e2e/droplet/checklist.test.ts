// docs/reliability-checklist.md, line by line, on a droplet.
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, run } from "../test-stack.ts";
import { DropletStack } from "./droplet-stack.ts";

interface Line {
  promise: string;
  command: string;
  prints: string;
}

/** Rows of the checklist's first table. */
function lines(): Line[] {
  const text = readFileSync(path.join(root, "docs/reliability-checklist.md"), "utf8");
  return [...text.matchAll(/^\| \d+ \| (.+?) \| `(.+?)` \| (?:`(.+?)`)? ?\|$/gm)].map(
    ([, promise = "", command = "", prints = ""]) => ({ promise, command, prints }),
  );
}

let it: DropletStack;

beforeAll(async () => {
  // The bill is asked of no world, so what the twin gives stands in the configuration.
  it = await DropletStack.make({ sshFrom: ["127.0.0.1/32"] });
  await it.stack.succeeds("up");
});
afterAll(() => it.remove());

test("the checklist is read", () => expect(lines().length).toBe(23));

test.each(lines())("$promise", async ({ command, prints }) => {
  const line = command.replaceAll("atlas-prod-", `${it.stack.prefix}-`).replace(" prod", ` ${it.stack.name}`);
  const { code, output } = await run("/bin/bash", ["-c", line]).finished;
  expect(code, output).toBe(0);
  expect(output).toContain(prints);
});
