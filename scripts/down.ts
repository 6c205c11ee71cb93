import { parseArguments } from "./lib/arguments.ts";
import { confirm } from "./lib/confirm.ts";
import { began, keep } from "./lib/notes.ts";
import { main } from "./lib/process.ts";
import { pulumi, selectStack } from "./lib/stack.ts";
import { allowDeletion } from "./lib/stack-state.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

await main(async () => {
  const {
    stack,
    world: asked,
    flags,
    rest,
  } = parseArguments(process.argv.slice(2), ["--delete-data", "--yes"]);
  const world = await lastWorld(stack, asked);
  requirePulumi(world);
  await confirm(
    stack,
    flags.has("--delete-data") ? "Everything goes, data included" : "Atlas ends; its data is kept",
    flags.has("--yes"),
  );
  await selectStack(world, stack);
  // Volumes and the secrets that open them are protected: they stay in the stack, and the next up goes on with them.
  const deletesData = flags.has("--delete-data");
  // Afterwards there may be nobody left to tell.
  const subject = deletesData ? "data included" : "data kept";
  await keep(world, stack, { act: "down", ...began(), subject, ok: true, seconds: 0 });
  if (deletesData) allowDeletion(world, stack);
  const how = deletesData ? "--ignore-protect" : "--exclude-protected";
  const code = await pulumi(world, ["destroy", "--stack", stack, "--yes", "--skip-preview", how, ...rest]);
  if (code === 0)
    console.log(
      deletesData
        ? "Everything is gone, data included."
        : "Stopped. The data is kept; scripts/up brings it back.",
    );
  return code;
});
