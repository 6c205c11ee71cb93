// What goes wrong while a droplet is being deployed: the engine is killed, the API refuses, a machine does not boot.
import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Running, until } from "../test-stack.ts";
import { DropletStack } from "./droplet-stack.ts";

const kills = 10;

describe("an engine that is killed", () => {
  let it: DropletStack;
  beforeAll(async () => {
    it = await DropletStack.make({ storage: "false" });
  });
  afterAll(() => it.remove());

  test(`${kills} times in the midst of a first deployment: the next up converges`, {
    timeout: 1_500_000,
  }, async () => {
    for (let kill = 0; kill < kills; ) {
      const run = it.stack.start("up");
      const ended = run.finished.then(() => true);
      const step = await Promise.race([ended.then(() => ""), atRandomStep(run)]);
      // In turn the engine alone, as when memory runs out, and all that it started, as when the power goes.
      if (step) (kill++ % 2 === 0 ? run.cutPower : run.killAll)();
      const { code, output } = await run.finished;
      if (!step && code !== 0) throw new Error(`an up after ${kill} kills failed:\n${output}`);
      console.log(step ? `kill ${kill} at "${step}"` : "a run came to its end");
      // Deployed before the last kill: the next run shall have something to do.
      if (!step) it.stack.configure({ frontendEnv: { ROUND: String(kill) } });
    }
    const { code, output } = await it.stack.up();
    expect(code, output).toBe(0);
    await expectWhole(it);
  });

  test("while a droplet is replaced: the next up converges, with the data", {
    timeout: 900_000,
  }, async () => {
    const order = await (await it.client()).workOrders.create({ title: "outlives a killed replacement" });
    const moments: [flags: string[], step: RegExp][] = [
      [["--replace-droplet"], /Droplet atlas-host-droplet deleting/],
      [[], /VolumeAttachment atlas-host-attachment creat|Machine atlas-host-machine creat/],
    ];
    for (const [flags, step] of moments) {
      const run = it.stack.start("up", ...flags);
      await Promise.race([
        run.finished.then(({ output }) => {
          throw new Error(`it ended before ${step}:\n${output}`);
        }),
        until(`${step}`, 120, () => step.test(run.output())),
      ]);
      // The first time when the old droplet is gone and the state does not know it yet.
      if (flags.length > 0)
        await until("the droplet's end", 60, async () => (await it.list("droplets")).length === 0);
      run.cutPower();
      await run.finished;
    }
    const { code, output } = await it.stack.up();
    expect(code, output).toBe(0);
    expect((await (await it.client()).workOrders.get(order.id)).title).toBe(order.title);
    await expectWhole(it);
  });
});

/** Resolves at a step of the run, the first or second that begins, or a moment into it. */
async function atRandomStep(run: Running): Promise<string> {
  const number = randomInt(1, 3);
  const steps = () => run.output().match(/^ [+~-].* (creating|updating|deleting) /gm) ?? [];
  await until("a step", 120, () => steps().length >= number || run.child.exitCode !== null).catch(
    (error: Error) => {
      throw new Error(`${error.message}:\n${run.output()}`);
    },
  );
  await delay(randomInt(0, 400));
  return steps().at(-1)?.trim() ?? "";
}

/** The checks pass, nothing was made twice, and there is nothing left to do. */
async function expectWhole(it: DropletStack): Promise<void> {
  const { smoke } = await it.outputs();
  expect(smoke.checks.filter(({ status }) => status === "FAIL")).toEqual([]);
  for (const kind of ["droplets", "volumes", "firewalls"]) expect(await it.list(kind), kind).toHaveLength(1);
  expect(await it.list("uptime/checks", "checks")).toHaveLength(1);
  expect(await it.list("account/keys", "ssh_keys")).toHaveLength(1);
  expect((await it.list("projects")).filter(({ name }) => name === it.stack.prefix)).toHaveLength(1);
  expect((await it.stack.up("--expect-no-changes")).code).toBe(0);
}

describe("an API that is out of order", () => {
  let it: DropletStack;
  beforeAll(async () => {
    it = await DropletStack.make({ storage: "false" });
  });
  afterAll(() => it.remove());

  test("a machine that never boots fails the up, says so, and the next up heals it", async () => {
    await it.api("PUT", "/_twin/faults", [{ bootsDeaf: true }]);
    const run = it.stack.startWith({}, "up");
    const { code, output } = await run.finished;
    expect(code).not.toBe(0);
    expect(output).toContain("did not let this deployment in");
    const { id } = await it.droplet();
    await it.act(id, "power_cycle");
    const healed = await it.stack.up();
    expect(healed.code, healed.output).toBe(0);
  });

  test("429 and 500 for a while, slow actions and an attach race: it converges all the same", async () => {
    expect((await it.stack.down()).code).toBe(0);
    await it.api("PUT", "/_twin/faults", [
      { match: { path: "^/v2/(firewalls|tags)" }, status: 429, retryAfterSeconds: 1, times: 3 },
      { match: { method: "GET" }, status: 500, times: 3 },
      { match: { path: "^/v2/droplets$", method: "POST" }, status: 503, times: 2 },
      { slowActions: 3000 },
      { attachRace: 2 },
    ]);
    const first = await it.stack.up();
    await it.api("DELETE", "/_twin/faults");
    const { code, output } = first.code === 0 ? first : await it.stack.up();
    expect(code, output).toBe(0);
    expect((await it.outputs()).smoke.failed).toBe(0);
  });
});
