import { estimate } from "../components/cost/estimate.ts";
import { readState } from "../components/cost/plan/state.ts";
import { priceBook } from "../components/cost/price-book.ts";
import { tableReport } from "../components/cost/reports/table.ts";
import { parseArguments } from "./lib/arguments.ts";
import { reportOf, sourceOf } from "./lib/cost-sources.ts";
import { capture, main } from "./lib/process.ts";
import { root } from "./lib/root.ts";
import { pulumi, replaceDroplet, selectStack } from "./lib/stack.ts";
import { enterWorld, type World } from "./lib/world.ts";

await main(async () => {
  const { stack, world: asked, flags, rest } = parseArguments(process.argv.slice(2), ["--replace-droplet"]);
  const world = await enterWorld(stack, asked);
  await selectStack(world, stack);
  const replacing = flags.has("--replace-droplet") ? replaceDroplet(world, stack) : [];
  const code = await pulumi(world, ["preview", "--stack", stack, "--diff", ...replacing, ...rest]);
  if (code === 0 && !rest.includes("--json")) process.stdout.write(`\n${bill(world, stack)}`);
  return code;
});

/** What the configuration asks for, against what is deployed. */
function bill(world: World, stack: string): string {
  const exported = capture("pulumi", ["stack", "export", "--stack", stack], { cwd: root, env: world.env });
  const deployed = readState(JSON.parse(exported));
  const past = deployed.length > 0 && { name: "now deployed", estimate: estimate(deployed, priceBook()) };
  return tableReport(reportOf(sourceOf({ stack, env: world.env }), past ? { past } : {}));
}
