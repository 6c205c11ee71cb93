// Seeded faults befall a droplet while people write: after each it recovers by itself, and no work order is lost or twice
// there. ATLAS_CHAOS_FAULTS says how many, ATLAS_CHAOS_SEED which.
import { randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../test-stack.ts";
import { DropletStack } from "../droplet-stack.ts";
import { plan } from "./plan.ts";
import { type Row, report } from "./table.ts";
import { Victim } from "./victim.ts";
import { WritingClient } from "./writing-client.ts";

const count = Number(process.env.ATLAS_CHAOS_FAULTS ?? 100);
const seed = Number(process.env.ATLAS_CHAOS_SEED ?? randomInt(2 ** 31));
/** Docker waits up to a minute before it starts again what keeps failing; a machine boots in less. */
const recoverySeconds = 120;
/** So that what the writers saw tells when it was over, not how patient they are. */
const patience = { timeoutMs: 10_000, circuitBreaker: { openMs: 1_000 } };
const reportFile = path.join(root, ".atlas/chaos.md");

let it: DropletStack;

beforeAll(async () => {
  it = await DropletStack.make({
    storage: "true",
    backendEnv: {
      RATE_LIMIT_ENABLED: "false",
      // Without a licence 30 work orders may be incomplete.
      LICENSE_KEY: "chaos-test",
      STANDIN_LICENSE: "UNLIMITED_ACTIVE_WORK_ORDERS",
    },
  });
  const { code, output } = await it.stack.up();
  expect(code, output).toBe(0);
});
afterAll(() => it.remove());

test(`${count} faults from seed ${seed}`, { timeout: count * 2 * recoverySeconds * 1000 }, async () => {
  const rows: Row[] = [];
  const victim = await Victim.of(it);
  const way = await victim.way();
  try {
    await using _ = new WritingClient(victim.client(way, patience), victim.ledger, "chaos write");
    await victim.recovers(recoverySeconds);
    for (const fault of plan(seed, count)) {
      const { row, failure } = await victim.suffers(fault, recoverySeconds);
      rows.push(row);
      console.log(oneLine(row));
      if (failure) throw failure;
      expect(await victim.faultsOfRows()).toEqual([]);
    }
  } finally {
    await way.destroy();
    const text = report(seed, rows);
    console.log(`\n${text}`);
    mkdirSync(path.dirname(reportFile), { recursive: true });
    writeFileSync(reportFile, text);
  }
});

const oneLine = ({ fault, downMs, recoveredMs }: Row) =>
  `${fault.number}. ${fault.kind} of ${fault.target} for ${fault.seconds} s: down ${Math.round(downMs)} ms, recovered ${Math.round(recoveredMs ?? Number.NaN)} ms`;
