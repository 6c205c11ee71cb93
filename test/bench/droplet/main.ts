// The benchmark of a droplet stack in the sandbox: what a first deployment's time goes into, and how long an upgrade
// takes Atlas away.
import { parseArgs } from "node:util";
import { main, Stop } from "../../../scripts/lib/process.ts";
import { median, rounded, seconds } from "../numbers.ts";
import { makeDropletBed } from "./bed.ts";
import { firstDeployment, reportFirstDeployment } from "./first-deployment.ts";
import { downtimeVsBoot, reportUpgrades, type Upgrade, upgrade } from "./upgrade.ts";

const usage = "Usage: scripts/bench droplet [--runs N] [--upgrades N] [--sandbox]";

await main(async () => {
  const { runs, upgrades } = readArguments();
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => stop.abort(new Stop(`Stopped by ${name}.`)));

  const deployments: Awaited<ReturnType<typeof firstDeployment>>[] = [];
  const upgraded: Upgrade[] = [];
  for (let run = 1; run <= runs; run++) {
    console.log(`\nFirst deployment ${run} of ${runs}`);
    await using bed = await makeDropletBed(stop.signal);
    deployments.push(await firstDeployment(bed));
    console.log(`  ${seconds(deployments.at(-1)?.total ?? 0)}`);
    // The last one is upgraded.
    while (run === runs && upgraded.length < upgrades) {
      upgraded.push(await upgrade(bed, upgraded.length + 1));
      console.log(
        `  upgrade ${upgraded.length} of ${upgrades}: away for ${seconds(upgraded.at(-1)?.downtime ?? 0)}`,
      );
    }
  }
  console.log(`\n${reportFirstDeployment(deployments)}\n\n${reportUpgrades(upgraded)}`);
  console.log(
    `\n${JSON.stringify({
      overheadShare: rounded(median(deployments.map(({ overheadShare }) => overheadShare))),
      upgradeDowntimeVsBoot: rounded(median(upgraded.map(downtimeVsBoot))),
    })}`,
  );
  return 0;
});

function readArguments(): { runs: number; upgrades: number } {
  const given = read();
  if (given.online) throw new Stop(`This bench makes droplets: it runs in the sandbox only. ${usage}`);
  return { runs: count("--runs", given.runs), upgrades: count("--upgrades", given.upgrades) };
}

function read() {
  try {
    return parseArgs({
      options: {
        runs: { type: "string", default: "1" },
        upgrades: { type: "string", default: "3" },
        sandbox: { type: "boolean" },
        online: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Stop(`${option} is "${text}", not 1 or more. ${usage}`);
  return value;
}
