import { parseArguments } from "./lib/arguments.ts";
import { ensureDocker } from "./lib/docker-engine.ts";
import { main } from "./lib/process.ts";
import { pulumi, selectStack } from "./lib/stack.ts";
import { enterWorld } from "./lib/world.ts";

await main(async () => {
  const { stack, world: asked, rest } = parseArguments(process.argv.slice(2));
  await ensureDocker();
  const world = await enterWorld(stack, asked);
  await selectStack(world, stack);
  return pulumi(world, ["preview", "--stack", stack, "--diff", ...rest]);
});
