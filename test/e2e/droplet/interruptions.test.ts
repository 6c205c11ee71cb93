// What goes wrong while a droplet is being deployed: the engine is killed, the API refuses, a machine does not boot.
import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DropletStack } from "./droplet-stack.ts";

const kills = 10;

describe("an engine that is killed", () => {
  let it: DropletStack;
  beforeAll(async () => {
    it = await DropletStack.make({ storage: "false" });
  });
  afterAll(() => it.remove());

  test(`${kills} times at random moments of a first deployment: the next up converges`, {
    timeout: 1_500_000,
  }, async () => {
    for (let kill = 1; kill <= kills; kill++) {
      const run = it.stack.start("up");
      const seconds = randomInt(4_000, 25_000) / 1000;
      const ended = await Promise.race([
        run.finished.then(() => true),
        delay(seconds * 1000, false, { ref: false }),
      ]);
      // In turn the engine alone, as when memory runs out, and all that it started, as when the power goes.
      if (!ended) (kill % 2 === 0 ? run.cutPower : run.killAll)();
      await run.finished;
      console.log(`kill ${kill} after ${seconds} s${ended ? ": it had ended" : ""}`);
      if (ended) it.stack.configure({ frontendEnv: { ROUND: String(kill) } });
    }
    const { code, output } = await it.stack.up();
    expect(code, output).toBe(0);
    const { smoke } = await it.outputs();
    expect(smoke.checks.filter(({ status }) => status === "FAIL")).toEqual([]);
    // Nothing was made twice.
    for (const kind of ["droplets", "volumes", "firewalls", "uptime/checks"])
      expect(await it.list(kind), kind).toHaveLength(1);
    expect(await it.list("account/keys", "ssh_keys")).toHaveLength(1);
    const own = (await it.list("vpcs")).filter(({ default: isDefault }) => !isDefault);
    expect(own.length).toBeLessThanOrEqual(1);
    expect((await it.stack.up("--expect-no-changes")).code).toBe(0);
  });
});

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
