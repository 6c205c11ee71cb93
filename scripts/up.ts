import Big from "big.js";
import { money } from "../components/cost/money.ts";
import type { CostOutput } from "../components/cost/output.ts";
import { containerStates } from "../components/hosts/containers.ts";
import { type SmokeReport, table } from "../components/smoke/report.ts";
import type { State } from "../ops/state.ts";
import { versionName } from "../ops/upgrade/versions.ts";
import { parseArguments } from "./lib/arguments.ts";
import { asksFirst } from "./lib/confirm.ts";
import { began, keep, secondsSince, smokeNote } from "./lib/notes.ts";
import { main, Stop } from "./lib/process.ts";
import { outputs, pulumi, replaceDroplet, selectStack, smokeInputs } from "./lib/stack.ts";
import { failedUpgrade, goBack, halfRestored, stateOf } from "./lib/versions.ts";
import { enterWorld, type World } from "./lib/world.ts";

await main(async () => {
  const {
    stack,
    world: asked,
    flags,
    rest,
  } = parseArguments(process.argv.slice(2), ["--replace-droplet", "--yes"]);
  const world = await enterWorld(stack, asked);
  await selectStack(world, stack);
  const replacing = flags.has("--replace-droplet") ? replaceDroplet(world, stack) : [];
  const args = [
    "up",
    "--stack",
    stack,
    // Pulumi shows what it will do, and asks.
    ...(asksFirst(stack, flags.has("--yes")) ? [] : ["--yes", "--skip-preview"]),
    "--suppress-outputs",
    ...replacing,
    ...rest,
  ];
  const note = { act: "up", ...began() } as const;
  const before = await stateOf(world, stack);
  if (before?.restoring) throw new Stop(halfRestored(stack, before.restoring));
  const code = await pulumi(world, args);
  if (code !== 0) {
    await keep(world, stack, {
      ...note,
      ok: false,
      seconds: secondsSince(note.time),
      error: `exit code ${code}`,
    });
    await leaveFailedVersion(world, stack, before);
    return code;
  }

  const { url, adminEmail, smoke, cost } = outputs(world, stack) as {
    url: string;
    adminEmail: string;
    smoke: SmokeReport;
    cost: CostOutput;
  };
  await keep(world, stack, {
    ...note,
    ok: true,
    seconds: secondsSince(note.time),
    subject: smoke.version,
    smoke: smokeNote(smoke),
  });
  console.log(`
Smoke checks of ${smoke.time}:
${table(smoke)}

Atlas runs at   ${url}
Administrator   ${adminEmail}
Password        scripts/pulumi stack output adminPassword --show-secrets --stack ${stack}
Costs           ${money(Big(cost.monthly), cost.currency)} a month   scripts/cost ${stack}
Stop it         scripts/down ${stack}   (keeps the data)`);

  // An up compares with what it wrote down, not with what runs.
  const { containers, engine } = smokeInputs(world, stack);
  const states = await containerStates(Object.values(containers), { host: engine }).catch((error: Error) => {
    throw new Stop(
      `But what runs cannot be looked at: ${error.message}\nBring it back: scripts/up ${stack} --refresh`,
    );
  });
  const down = states
    .filter(({ status }) => status !== "running")
    .map(({ name, status }) => `${name} is ${status}`);
  if (down.length === 0) return 0;
  throw new Stop(`But ${down.join(", ")}. Bring it back: scripts/up ${stack} --refresh`);
});

/** A version that does not serve is not left in place: the one before comes back, with the data that it knows. */
async function leaveFailedVersion(world: World, stack: string, before: State | undefined): Promise<void> {
  const failed = failedUpgrade(before?.versions, (await stateOf(world, stack))?.versions);
  if (!failed) return;
  console.log(`\nAtlas ${versionName(failed)} does not serve as it should: going back.`);
  await goBack(world, stack, true);
}
