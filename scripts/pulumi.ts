import { main } from "./lib/process.ts";
import { pulumi } from "./lib/stack.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

await main(async () => {
  const args = process.argv.slice(2);
  const asked = args.includes("--sandbox") ? "sandbox" : args.includes("--online") ? "online" : undefined;
  const at = args.findIndex((argument) => argument === "--stack" || argument === "-s");
  const world = await lastWorld((at >= 0 ? args[at + 1] : undefined) ?? "dev", asked);
  requirePulumi(world);
  return pulumi(
    world,
    args.filter((argument) => argument !== "--sandbox" && argument !== "--online"),
  );
});
