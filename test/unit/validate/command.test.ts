// The command itself, against an Atlas named by address.
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "../../../scripts/lib/root.ts";
import { EMAIL, PASSWORD, refusal } from "../client/fixtures.ts";
import { SmallAtlas } from "./small-atlas.ts";

let atlas: SmallAtlas;
beforeEach(async () => {
  atlas = await SmallAtlas.start();
});
afterEach(() => atlas[Symbol.asyncDispose]());

async function command(args: string[], env: NodeJS.ProcessEnv) {
  const { PATH } = process.env;
  const program = [path.join(root, "scripts/validate.ts"), ...args];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, program, { env: { PATH, ...env } });
    return { code: 0, output: stdout };
  } catch (error) {
    if (!(error instanceof Error && "stdout" in error && "stderr" in error && "code" in error)) throw error;
    return { code: error.code, output: `${error.stdout}${error.stderr}` };
  }
}
const credentials = { ATLAS_EMAIL: EMAIL, ATLAS_PASSWORD: PASSWORD };

test("prints configuration, steps and summary, and ends with 0 when all pass", async () => {
  const { code, output } = await command(["--base-url", atlas.server.url], credentials);
  expect(code).toBe(0);
  expect(output).toContain(atlas.server.url);
  expect(output).toMatch(/\[1\/10\] Health check +PASS +\d+ ms/);
  expect(output).toMatch(/\[10\/10\] Error handling \(404\) +PASS +\d+ ms {2}AtlasNotFoundError/);
  expect(output).toMatch(/^Summary: 10\/10 passed in [\d.]+ s$/m);
  expect(output).not.toContain(PASSWORD);
});

test("takes the address from ATLAS_BASE_URL, speaks JSON, and ends with 1 when a step fails", async () => {
  atlas.server.on("POST /assets/search", refusal(403, "Forbidden"));
  const { code, output } = await command(["--json"], { ...credentials, ATLAS_BASE_URL: atlas.server.url });
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ passed: 9, total: 10 });
});

test("says all that is missing at once", async () => {
  const { code, output } = await command(["--base-url", atlas.server.url], {});
  expect(code).toBe(1);
  expect(output).toContain("ATLAS_EMAIL");
  expect(output).toContain("ATLAS_PASSWORD");
});

test.each([[["dev", "--base-url", "http://localhost/api"]], [["--bogus"]], [["--base-url"]]])(
  "refuses %j with its usage",
  async (args) => {
    const { code, output } = await command(args, credentials);
    expect(code).toBe(1);
    expect(output).toContain("Usage: scripts/validate [STACK]");
  },
);
