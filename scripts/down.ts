import { parseArguments } from "./lib/arguments.ts";
import { ensureDocker } from "./lib/docker-engine.ts";
import { main } from "./lib/process.ts";
import { pulumi, selectStack } from "./lib/stack.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

await main(async () => {
  const { stack, world: asked, flags, rest } = parseArguments(process.argv.slice(2), ["--delete-data"]);
  const world = lastWorld(stack, asked);
  requirePulumi(world);
  await ensureDocker();
  await selectStack(world, stack);
  // Volumes and the secrets that open them are protected: they stay in the stack, and the next up goes on with them.
  const how = flags.has("--delete-data") ? "--ignore-protect" : "--exclude-protected";
  const code = await pulumi(world, ["destroy", "--stack", stack, "--yes", "--skip-preview", how, ...rest]);
  if (code === 0)
    console.log(
      flags.has("--delete-data")
        ? "Everything is gone, data included."
        : "Stopped. The data is kept; scripts/up brings it back.",
    );
  return code;
});
