// The benchmark of a deployment: ratios measured in one run, medians of five.
import { parseArguments } from "../../scripts/lib/arguments.ts";
import { main, Stop } from "../../scripts/lib/process.ts";
import { enterWorld } from "../../scripts/lib/world.ts";
import { removeOldTestObjects } from "../e2e/test-stack.ts";
import { makeBed, newStackName } from "./bed.ts";
import { coldUpVsCompose } from "./cold-up.ts";
import { composeCommand } from "./compose-up.ts";
import { noopUpExtraSeconds } from "./noop-up.ts";
import { rounded } from "./numbers.ts";
import { readinessLagSeconds } from "./readiness-lag.ts";

const runs = 5;
/** On a slow machine fewer pairs are measured, so that the whole stays within six minutes. */
const pairsBudgetMs = 4.5 * 60_000;

await main(async () => {
  const { world: asked, rest } = parseArguments(process.argv.slice(2));
  if (rest.length > 0)
    throw new Stop(`Unknown: ${rest.join(" ")}. Usage: scripts/bench [--sandbox|--online]`);
  const stack = newStackName();
  const world = await enterWorld(stack, asked);
  const compose = await composeCommand();
  await removeOldTestObjects();

  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => stop.abort(new Stop(`Stopped by ${name}; taking everything away ...`)));
  await using bed = await makeBed(world, stack, stop.signal);

  console.log("\nReadiness: five boots of a scripted server");
  const readiness = await readinessLagSeconds(runs, stop.signal);
  console.log("\nCold up: pulumi against docker compose, five pairs");
  const until = performance.now() + pairsBudgetMs;
  const cold = await coldUpVsCompose(bed, compose, { pairs: runs, until });
  console.log("\nNo-op up: this program against an empty one, five times each");
  const noop = await noopUpExtraSeconds(bed, runs);
  console.log(
    `\n${JSON.stringify({
      coldUpVsCompose: rounded(cold),
      noopUpExtraSeconds: rounded(noop),
      readinessLagSeconds: rounded(readiness),
    })}`,
  );
  return 0;
});
