import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/*
 * Do the tests notice when a protection is gone? Each mutant is a copy of the client with one of them taken out, and the
 * tests that are there to guard it must fail on it.
 */

interface Mutant {
  readonly without: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly tests: string;
  /** Name of the test that has to fail. */
  readonly caughtBy: RegExp;
}

const MUTANTS: readonly Mutant[] = [
  {
    without: "the single-flight lock of the session",
    file: "session.ts",
    from: "if (this.#renewal !== undefined) return this.#renewal;",
    to: "",
    tests: "session",
    caughtBy: /once for 1,000 concurrent first calls/,
  },
  {
    without: "renewal after 401 or 403 without a body",
    file: "session.ts",
    from: "if (!meansSignedOut(answer)) return answer;",
    to: "return answer;",
    tests: "session",
    caughtBy: /401: renews once, sends once more/,
  },
  {
    without: "403 with an empty body as a sign of being signed out",
    file: "answers.ts",
    from: ' || (answer.status === 403 && answer.text.trim() === "")',
    to: "",
    tests: "session",
    caughtBy: /403 with an empty body: renews once/,
  },
  {
    without: "the jitter",
    file: "retry.ts",
    from: "Math.round(random() * longestPause(attempt, policy))",
    to: "longestPause(attempt, policy)",
    tests: "retries",
    caughtBy: /spread over the whole range/,
  },
  {
    without: "the care for requests that may have taken effect",
    file: "retry.ts",
    from: "      return repeatable;\n",
    to: "      return true;\n",
    tests: "lost-creates",
    caughtBy: /nor are other changes/,
  },
  {
    without: "the look for what a lost create made",
    file: "find-lost.ts",
    from: "const LOOKS_AFTER_MS = [0, 1_000, 2_000];",
    to: "const LOOKS_AFTER_MS: number[] = [];",
    tests: "lost-creates",
    caughtBy: /a lost answer is resolved by finding/,
  },
  {
    without: "the cap on an error's body",
    file: "transport.ts",
    from: "const MAX_ERROR_BYTES = 64 * 1024;",
    to: "const MAX_ERROR_BYTES = Number.MAX_SAFE_INTEGER;",
    tests: "retries",
    caughtBy: /read up to a cap only/,
  },
  {
    without: "the circuit breaker",
    file: "circuit-breaker.ts",
    from: "    this.#openUntil = now + openMs;\n",
    to: "",
    tests: "circuit-breaker",
    caughtBy: /stops asking after 502/,
  },
  {
    without: "the breaker's single probe",
    file: "circuit-breaker.ts",
    from: "    if (isProbe) this.#probing = true;\n",
    to: "",
    tests: "circuit-breaker",
    caughtBy: /probes with one call/,
  },
  {
    without: "the pause that a 429 teaches",
    file: "rate-limit.ts",
    from: "    this.#closedUntil = Math.max(this.#closedUntil, now + pause);\n",
    to: "",
    tests: "rate-limit",
    caughtBy: /must be the hour's window/,
  },
  {
    without: "the redaction of what a server says",
    file: "secrets.ts",
    from: 'clean.replaceAll(spelling, "[secret]")',
    to: "clean",
    tests: "canary",
    caughtBy: /shows no secret after a message/,
  },
];

const REPO = resolve(import.meta.dirname, "../../..");
const HELPERS = ["fixtures.ts", "scripted-server.ts", "otlp-receiver.ts"];

interface FileReport {
  readonly name: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

let folder: string;
let reports: readonly FileReport[];

/** Copies client and tests, changes the one place, and gives the path of the tests to run. */
async function makeMutant(mutant: Mutant, index: number): Promise<void> {
  const root = join(folder, `mutant-${index}`);
  await cp(join(REPO, "client"), join(root, "client"), { recursive: true });
  await mkdir(join(root, "test/unit/client"), { recursive: true });
  for (const file of [...HELPERS, `${mutant.tests}.test.ts`]) {
    await cp(join(REPO, "test/unit/client", file), join(root, "test/unit/client", file));
  }
  const path = join(root, "client", mutant.file);
  const source = await readFile(path, "utf8");
  if (source.split(mutant.from).length !== 2) {
    throw new Error(
      `client/${mutant.file} does not hold exactly once: ${mutant.from}\nMend the mutant "${mutant.without}".`,
    );
  }
  await writeFile(path, source.replace(mutant.from, mutant.to));
}

/** Runs all copies in one go. Vitest's exit code is 1, since tests fail; the report tells which. */
async function runAll(): Promise<readonly FileReport[]> {
  const vitest = join(REPO, "node_modules/vitest/vitest.mjs");
  const args = ["run", "--root", folder, "--reporter=json", "--outputFile=report.json", "--testTimeout=5000"];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, [vitest, ...args], { cwd: folder, env }, (_failed, stdout, stderr) =>
      done(stdout + stderr),
    );
  });
  const report = await readFile(join(folder, "report.json"), "utf8").catch((cause: unknown) => {
    throw new Error(`vitest wrote no report for the mutants:\n${output}`, { cause });
  });
  return (JSON.parse(report) as { testResults: FileReport[] }).testResults;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atlas-mutants-"));
  await symlink(join(REPO, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await Promise.all(MUTANTS.map(makeMutant));
  reports = await runAll();
}, 90_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(MUTANTS.map((mutant, index) => ({ ...mutant, index })))(
  "a client without $without is caught",
  (mutant) => {
    const report = reports.find(({ name }) => name.includes(`mutant-${mutant.index}/`));
    const named = (status: string) =>
      report?.assertionResults.filter((result) => result.status === status).map(({ fullName }) => fullName) ??
      [];
    expect(named("failed")).toContainEqual(expect.stringMatching(mutant.caughtBy));
    // The copy as such works: what has nothing to do with the change passes.
    expect(named("passed")).not.toEqual([]);
  },
);
