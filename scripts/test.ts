// Lint, types and tests. Suites by name (lint, unit, contract, e2e, operations, droplet, chaos); without a name all of
// them in that order but the last three, which take longer than the others together: `--all` runs those as well.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { prepareSandbox } from "../sandbox/prepare.ts";
import { goProgram } from "../sandbox/toolchain/go-program.ts";
import { removeOldTestObjects, TestStack } from "../test/e2e/test-stack.ts";
import { ensureDocker } from "./lib/docker-engine.ts";
import { attach, capture, main, Stop } from "./lib/process.ts";
import { localFolder, root } from "./lib/root.ts";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const suites: Record<string, (filters: string[]) => Promise<Count>> = {
  lint,
  unit: (filters) => vitest("unit", filters),
  contract,
  e2e: onEngine("e2e"),
  operations: onEngine("operations"),
  droplet: onEngine("droplet"),
  chaos: onEngine("chaos"),
};
/** Run where they are asked for. */
const long = ["operations", "droplet", "chaos"];

await main(async () => {
  const args = process.argv.slice(2);
  const names = args.filter((argument) => argument in suites);
  const filters = args.filter((argument) => !(argument in suites) && argument !== "--all");
  const asked = (name: string) =>
    names.length > 0 ? names.includes(name) : !long.includes(name) || args.includes("--all");
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, run] of Object.entries(suites)) {
    if (!asked(name)) continue;
    const started = Date.now();
    console.log(`\n=== ${name}`);
    const count = await run(filters);
    for (const key of Object.keys(total) as (keyof Count)[]) total[key] += count[key];
    console.log(`=== ${name}: ${text(count)} in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  console.log(`\n${text(total)}`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
});

function onEngine(project: string) {
  return async (filters: string[]) => {
    await prepareEngine();
    return vitest(project, filters);
  };
}

function text({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Each check counts as one test. */
async function lint(): Promise<Count> {
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  const check = async (ok: Promise<boolean> | boolean) => {
    if (await ok) count.passed++;
    else count.failed++;
  };
  await check(
    attach("biome", ["ci", ...(process.stdout.isTTY ? [] : ["--colors=off"])], { cwd: root }).then(
      (code) => code === 0,
    ),
  );
  await check(attach("tsc", ["--noEmit"], { cwd: root }).then((code) => code === 0));
  await check(noSaltCommitted());
  await check(workflows());
  return count;
}

/** What GitHub would only say after a push. */
async function workflows(): Promise<boolean> {
  const program = await goProgram("actionlint");
  return (await attach(program, ["-shellcheck=", "-pyflakes="], { cwd: root })) === 0;
}

/** Making a stack writes a salt into its file; committed, it would lock everybody else out of a fresh clone. */
function noSaltCommitted(): boolean {
  const files = capture("git", ["ls-files", "Pulumi.*.yaml"], { cwd: root }).split("\n").filter(Boolean);
  const salted = files.filter((file) =>
    capture("git", ["show", `HEAD:${file}`], { cwd: root }).includes("encryptionsalt"),
  );
  if (salted.length > 0)
    console.error(`${salted.join(", ")}: the committed file holds an encryptionsalt; remove that line.`);
  return salted.length === 0;
}

async function vitest(project: string, filters: string[], env: NodeJS.ProcessEnv = {}): Promise<Count> {
  const resultFile = path.join(localFolder, `test-${project}.json`);
  mkdirSync(localFolder, { recursive: true });
  const reporters = [
    `--reporter=${project === "unit" ? "default" : "verbose"}`,
    "--reporter=json",
    `--outputFile=${resultFile}`,
  ];
  const args = [
    path.join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--project",
    project,
    ...reporters,
    ...filters,
  ];
  const code = await attach("node", args, { cwd: root, env: { ...process.env, ...env } });
  if (!existsSync(resultFile)) throw new Stop(`vitest ended with exit code ${code} before it ran a test.`);
  const result = JSON.parse(readFileSync(resultFile, "utf8"));
  const failed = result.numFailedTests || (code === 0 ? 0 : 1);
  return { passed: result.numPassedTests, failed, skipped: result.numPendingTests };
}

async function prepareEngine(): Promise<void> {
  await ensureDocker();
  await prepareSandbox();
  await removeOldTestObjects();
}

/** Against the Atlas at ATLAS_BASE_URL where that is given, else against a deployment made for it. */
async function contract(filters: string[]): Promise<Count> {
  if (process.env.ATLAS_BASE_URL) return vitest("contract", filters);
  await prepareEngine();
  const stack = await TestStack.make();
  try {
    const { code, output } = await stack.up();
    if (code !== 0) throw new Stop(`The deployment to test against failed:\n${output}`);
    const { apiUrl, adminEmail, adminPassword } = await stack.outputs();
    return await vitest("contract", filters, {
      ATLAS_BASE_URL: apiUrl,
      ATLAS_EMAIL: adminEmail,
      ATLAS_PASSWORD: adminPassword,
      // The deployment shuts its doors, so knocking leaves nothing behind.
      ATLAS_SIGN_UP_CLOSED: "true",
    });
  } finally {
    await stack.remove();
  }
}
