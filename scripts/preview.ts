import { parseArguments } from "./lib/arguments.ts";
import { main } from "./lib/process.ts";
import { pulumi, replaceDroplet, selectStack } from "./lib/stack.ts";
import { enterWorld } from "./lib/world.ts";

await main(async () => {
  const { stack, world: asked, flags, rest } = parseArguments(process.argv.slice(2), ["--replace-droplet"]);
  const world = await enterWorld(stack, asked);
  await selectStack(world, stack);
  const replacing = flags.has("--replace-droplet") ? replaceDroplet(world, stack) : [];
  return pulumi(world, ["preview", "--stack", stack, "--diff", ...replacing, ...rest]);
});
