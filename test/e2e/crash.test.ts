// The run is killed at a moment of a first deployment; the next one has to mend whatever that leaves.
import { describe, expect, test, vi } from "vitest";
import { docker } from "../../components/hosts/docker-cli.ts";
import { allObjects, engineEvent, engineObjects } from "./engine-objects.ts";
import { type Running, TestStack, until } from "./test-stack.ts";

vi.setConfig({ maxConcurrency: 2 });

interface Moment {
  /** Resolves when it has come. */
  comes: (stack: TestStack) => Promise<void>;
  kill: (run: Running) => void;
  /** Work orders of the smoke checks that are in the database after the kill. */
  workOrdersLeft?: number;
}

const engineAlone = (run: Running) => run.killAll();
const everything = (run: Running) => run.cutPower();

const network: Moment = {
  comes: (stack) => engineEvent(`network create ${stack.prefix}-web`, 60),
  kill: engineAlone,
};
const database: Moment = {
  comes: (stack) => engineEvent(`container create ${stack.container("postgres")}`, 60),
  kill: everything,
};
const migration: Moment = {
  comes: (stack) => migrating(stack),
  kill: engineAlone,
};
const proxy: Moment = {
  comes: (stack) => engineEvent(`container create ${stack.container("ingress")}`, 90),
  kill: engineAlone,
};
const workOrder: Moment = {
  comes: async (stack) => {
    await engineEvent(`container start ${stack.container("ingress")}`, 90);
    await inPostgres(stack, `until [ "$(${countWorkOrders})" = 1 ]; do sleep 0.02; done`);
  },
  kill: everything,
  workOrdersLeft: 1,
};

/** The stand-in's own pauses, shortened: what is looked at here is Pulumi. */
const quickStart = { STANDIN_BOOT_MS: "500", STANDIN_MIGRATION_MS: "1500" };

describe.concurrent("a first up converges", () => {
  test.for<[string, Moment[]]>([
    ["when a network has just been made, and again at PostgreSQL's container", [network, database]],
    ["while its backend migrates, and again when the proxy has just been made", [migration, proxy]],
    ["while the smoke checks' work order is in the database", [workOrder]],
  ])("that was killed %s", async ([, moments], { onTestFinished }) => {
    const stack = await TestStack.make({ backendEnv: quickStart });
    onTestFinished(() => stack.remove());
    const killed: Running[] = [];
    for (const { comes, kill, workOrdersLeft } of moments) {
      const run = stack.start("up");
      killed.push(run);
      await comes(stack);
      kill(run);
      await run.finished;
      if (workOrdersLeft !== undefined) expect(await workOrders(stack)).toBe(workOrdersLeft);
    }

    // At once, as somebody at a terminal would, while plugins of the killed run may still be at work.
    const { code, output } = await stack.up();
    expect(code, output).toBe(0);
    const { smoke } = await stack.outputs();
    expect(smoke.checks.filter(({ status }) => status === "FAIL")).toEqual([]);
    expect(smoke.passed).toBeGreaterThanOrEqual(19);
    expect(await engineObjects(stack.prefix)).toEqual(allObjects);
    expect(await workOrders(stack)).toBe(0);
    expect(await pendingOperations(stack)).toEqual([]);
    for (const run of killed)
      await until("the end of the killed run's processes", 10, () => run.processes().length === 0);
  });
});

describe.concurrent("a backend that dies in its first migration", () => {
  const slowMigration = { STANDIN_BOOT_MS: "500", STANDIN_MIGRATION_MS: "5000" };

  test("as when memory runs out: the lock is freed and the same up succeeds", async ({ onTestFinished }) => {
    const stack = await TestStack.make({ backendEnv: slowMigration });
    onTestFinished(() => stack.remove());
    const running = stack.start("up");
    await migrating(stack);
    const backend = stack.container("backend");
    const pid = Number(await docker(["inspect", "--format", "{{.State.Pid}}", backend]));
    process.kill(pid, "SIGKILL");
    const { code, output } = await running.finished;
    expect(code, output).toBe(0);
    expect((await docker(["inspect", "--format", "{{.RestartCount}}", backend])).trim()).toBe("1");
    expect((await stack.outputs()).smoke.failed).toBe(0);
  });

  test("by docker kill: the up fails with the next command, which heals it", async ({ onTestFinished }) => {
    const stack = await TestStack.make({ backendEnv: slowMigration });
    onTestFinished(() => stack.remove());
    const running = stack.start("up");
    await migrating(stack);
    await docker(["kill", stack.container("backend")]);
    const failed = await running.finished;
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain(`container ${stack.container("backend")} has stopped with exit code 137`);
    expect(failed.output).toContain("up --refresh");

    const { code, output } = await stack.up("--refresh");
    expect(code, output).toBe(0);
    expect((await stack.outputs()).smoke.failed).toBe(0);
    expect(await engineObjects(stack.prefix)).toEqual(allObjects);
  });
});

const migrating = (stack: TestStack) =>
  until("the first migration", 60, async () => {
    const log = await docker(["logs", stack.container("backend")], { bothOutputs: true }).catch(() => "");
    return log.includes("Running Changeset");
  });

const query = (statement: string) =>
  `PGPASSWORD="$POSTGRES_PASSWORD" psql -tA -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "${statement}"`;
const countWorkOrders = query("select count(*) from work_order where title like '[atlas-smoke]%'");

/** Runs a line of shell beside the database. */
const inPostgres = (stack: TestStack, line: string) =>
  docker(["exec", stack.container("postgres"), "sh", "-c", line]);

/** Those of the smoke checks. */
const workOrders = async (stack: TestStack) => Number(await inPostgres(stack, countWorkOrders));

async function pendingOperations(stack: TestStack): Promise<unknown[]> {
  const state = JSON.parse(await stack.pulumi("stack", "export"));
  return state.deployment.pending_operations ?? [];
}
