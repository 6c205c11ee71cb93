import { parseArguments } from "./lib/arguments.ts";
import { overSsh } from "./lib/on-machine.ts";
import { main, Stop } from "./lib/process.ts";
import { machineTarget } from "./lib/stack.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

await main(async () => {
  const { stack, world: asked, rest } = parseArguments(process.argv.slice(2));
  const world = await lastWorld(stack, asked);
  requirePulumi(world);
  const machine = machineTarget(world, stack);
  if (!machine) throw new Stop(`Stack ${stack} has no droplet to look at (on local Docker: docker ps).`);
  return overSsh(machine, rest);
});
