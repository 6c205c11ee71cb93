import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CheckResult } from "../../../components/smoke/report.ts";
import { runSmoke } from "../../../components/smoke/run.ts";
import type { SmokeInputs } from "../../../components/smoke/smoke.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { ME, page, refusal, SIGN_IN, signedIn, workOrder } from "../client/fixtures.ts";
import { ScriptedServer } from "../client/scripted-server.ts";
import { FakeCommands } from "./fake-commands.ts";

const docker = `
case "$1" in
  ps) [ -e "$FAKE/inspect" ] || { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
      echo atlas-test-backend;;
  inspect) cat "$FAKE/inspect";;
  logs) echo "one line"; echo "the last words of $4" >&2;;
  port) ;;
  info) if [ -e "$FAKE/no-limits" ]; then echo false; else echo true; fi;;
esac`;

let fake: FakeCommands;
let server: ScriptedServer;
beforeEach(async () => {
  fake = await FakeCommands.of({ docker });
  vi.stubEnv("PATH", fake.searchPath);
  vi.stubEnv("FAKE", fake.folder);
  server = await ScriptedServer.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
});

/** Lets the backend's container be in a state. */
const container = (state: Record<string, unknown>) =>
  writeFile(
    path.join(fake.folder, "inspect"),
    JSON.stringify([
      {
        Name: "/atlas-test-backend",
        Config: { Image: "sha256:1", Labels: { "org.atlas-cmms.image": "atlas:v1" } },
        State: { Status: "running", ExitCode: 0, Health: { Status: "healthy" }, ...state },
        RestartCount: 0,
        HostConfig: { Memory: 1536 * 1024 ** 2 },
      },
    ]),
  );

const inputs = (changes: Partial<SmokeInputs> = {}): SmokeInputs => ({
  url: server.url,
  apiUrl: `${server.url}/api`,
  adminEmail: "admin@plant.example",
  adminPassword: "canary-password-1",
  containers: { backend: "atlas-test-backend" },
  images: { backend: "atlas:v1" },
  memoryMiB: { backend: 1536 },
  postgresPort: 0,
  mailServer: undefined,
  revision: "r",
  containerIds: [],
  nonce: undefined,
  engine: undefined,
  ...changes,
});

async function run(changes: Partial<SmokeInputs> = {}) {
  const told: CheckResult[] = [];
  const report = await runSmoke(inputs(changes), (result) => told.push(result));
  expect(told).toEqual(report.checks);
  expect(report.passed + report.failed + report.skipped).toBe(report.checks.length);
  expect(JSON.stringify(report)).not.toContain("canary");
  return { ...report, of: (id: string) => report.checks.find((check) => check.id === id) };
}

const unreachable = async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  return { url, apiUrl: `${url}/api` };
};

describe("a backend that cannot start", () => {
  test("ends the wait at once, with its last words; nothing else is tried", async () => {
    await container({ Status: "exited", ExitCode: 3, Health: { Status: "unhealthy" } });
    const report = await run(await unreachable());
    expect(report.of("ready")).toMatchObject({ status: "FAIL", title: "Atlas has started" });
    expect(report.of("ready")?.detail).toContain("container atlas-test-backend has stopped with exit code 3");
    expect(report.of("ready")?.detail).toContain(
      "    | one line\n    | the last words of atlas-test-backend",
    );
    expect(report.of("ready")?.detail).toContain("next: docker logs atlas-test-backend");
    expect(report).toMatchObject({ passed: 0, failed: 1, version: "atlas:v1" });
    for (const check of report.checks.slice(1))
      expect(check).toMatchObject({ status: "SKIP", detail: 'because "Atlas has started" failed' });
    expect(report.services).toEqual([
      { name: "backend", container: "atlas-test-backend", image: "atlas:v1", health: "unhealthy" },
    ]);
  });

  test("whose container is gone", async () => {
    await container({});
    const report = await run({ ...(await unreachable()), containers: { backend: "atlas-test-other" } });
    expect(report.of("ready")?.detail).toContain("container atlas-test-other does not exist");
    expect(report.services).toEqual([
      { name: "backend", container: "atlas-test-other", image: "", health: "missing" },
    ]);
  });
});

test("an engine that does not answer is a failed check like any other: there is a report all the same", async () => {
  const report = await run(await unreachable());
  expect(report.of("ready")).toMatchObject({
    status: "FAIL",
    detail: expect.stringContaining("Cannot connect to the Docker daemon"),
  });
});

describe("an Atlas that answers", () => {
  beforeEach(async () => {
    await container({});
    server
      .on("GET /api/health-check", { json: { success: true, message: "Service is up and running" } })
      .on("GET /", { text: "<!doctype html><html></html>" });
  });

  test("but refuses the administrator: the checks that need one are skipped, with the reason", async () => {
    server.on(`${SIGN_IN.replace(" ", " /api")}`, refusal(403, "Invalid credentials"));
    const report = await run();
    expect(report.of("ready")?.status).toBe("PASS");
    expect(report.of("frontend")?.status).toBe("PASS");
    expect(report.of("sign-in")).toMatchObject({
      status: "FAIL",
      httpStatus: 403,
      blame: expect.stringContaining("container atlas-test-backend is running (healthy)"),
    });
    expect(report.of("create")).toMatchObject({
      status: "SKIP",
      detail: 'because "administrator signs in" failed',
    });
  });

  test.each([
    ["as planned", {}, "PASS", "1 containers"],
    ["another image", { images: { backend: "atlas:v2" } }, "FAIL", "backend runs atlas:v1, not atlas:v2"],
    ["another limit", { memoryMiB: { backend: 2048 } }, "FAIL", "backend may take 1536 MiB, not 2048 MiB"],
    [
      "of a deployment that was made before this check",
      { images: undefined },
      "SKIP",
      "the last up was made before this check",
    ],
  ] as const)("and runs in a container with %s", async (_, changes, status, detail) => {
    server.on(`${SIGN_IN.replace(" ", " /api")}`, signedIn());
    const { of } = await run(changes as Partial<SmokeInputs>);
    expect(of("planned")).toMatchObject({ status, detail });
  });

  test("on a kernel that knows no memory limits, only the image counts", async () => {
    await writeFile(path.join(fake.folder, "no-limits"), "");
    server.on(`${SIGN_IN.replace(" ", " /api")}`, signedIn());
    const { of } = await run({ memoryMiB: { backend: 2048 } });
    expect(of("planned")).toMatchObject({
      status: "PASS",
      detail: "1 containers, without limits: this machine's kernel has none",
    });
  });

  test("but refuses to clear up what an earlier run has left: the checks go on, and the last one says it", async () => {
    server
      .on(`${SIGN_IN.replace(" ", " /api")}`, signedIn())
      .on(`${ME.replace(" ", " /api")}`, refusal(406, "not now"))
      .on("POST /api/work-orders/search", refusal(406, "Access denied"));
    const report = await run();
    expect(report.of("sign-in")?.status).toBe("PASS");
    expect(report.of("clean")).toMatchObject({ status: "FAIL", httpStatus: 406 });
    expect(report.of("door-role")?.status).toBe("PASS");
  });

  test("but lets the default super administrator in, and keeps a work order: each is a failure of its own", async () => {
    const left = workOrder({ id: 7, title: "[atlas-smoke] of a run that was killed" });
    server
      .on(`${SIGN_IN.replace(" ", " /api")}`, signedIn)
      .on("POST /api/work-orders/search", { json: page([left, workOrder({ id: 8, title: "not ours" })]) })
      .on("DELETE /api/work-orders/7", { json: { success: true, message: "Deleted successfully" } });
    const report = await run();
    expect(report.of("super-admin")).toMatchObject({
      status: "FAIL",
      detail: "the well-known default password opens it",
    });
    expect(report.of("clean")).toMatchObject({
      status: "FAIL",
      detail: "the number of work orders left is 1, not 0",
    });
    expect(server.count("DELETE /api/work-orders/7")).toBe(3);
    expect(server.count("DELETE /api/work-orders/8")).toBe(0);
    // No work order could be made: what looks at one is skipped, what does not is not.
    expect(report.of("create")?.status).toBe("FAIL");
    expect(report.of("read")).toMatchObject({ status: "SKIP", detail: "there is no work order to look at" });
    expect(report.of("door-demo")).toMatchObject({ status: "PASS" });
  });
});
