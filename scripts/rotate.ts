import { secretNames } from "../components/config-schema.ts";
import { parseArguments } from "./lib/arguments.ts";
import { confirm } from "./lib/confirm.ts";
import { attach, capture, main, Stop } from "./lib/process.ts";
import { root } from "./lib/root.ts";
import { pulumi, selectStack } from "./lib/stack.ts";
import { enterWorld } from "./lib/world.ts";

await main(async () => {
  const [secret = "", ...argv] = process.argv.slice(2);
  const known: readonly string[] = secretNames;
  if (!known.includes(secret)) throw new Stop(`${secret || "No secret"}: one of ${known.join(", ")}.`);
  const { stack, world: asked, flags, rest } = parseArguments(argv, ["--yes"]);
  await confirm(stack, `The secret ${secret} gets a new value`, flags.has("--yes"));
  const world = await enterWorld(stack, asked);
  await selectStack(world, stack);
  const options = { cwd: root, env: world.env };
  const config = JSON.parse(capture("pulumi", ["config", "--json", "--stack", stack], options));
  const counters = config["atlas:rotate"]?.objectValue ?? {};
  const next = String(Number(counters[secret] ?? 0) + 1);
  const set = ["config", "set", "--path", `atlas:rotate.${secret}`, next, "--stack", stack];
  if ((await pulumi(world, set)) !== 0) return 1;
  const up = [stack, `--${world.name}`, ...rest];
  return attach("scripts/up", up, { cwd: root });
});
