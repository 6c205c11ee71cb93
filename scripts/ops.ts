// One act of ops/ on a stack: ops.ts backup|restore|drill|status|watch|audit|adopt|alert-test [STACK] ...
import { parseArguments } from "./lib/arguments.ts";
import { confirm } from "./lib/confirm.ts";
import { runOps } from "./lib/ops.ts";
import { main, Stop } from "./lib/process.ts";
import { runsOnDroplet } from "./lib/stack-file.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

const acts = ["backup", "restore", "drill", "status", "watch", "audit", "adopt", "alert-test"];

await main(async () => {
  const [act = "", ...argv] = process.argv.slice(2);
  if (!acts.includes(act)) throw new Stop(`${act}: none of ${acts.join(", ")}.`);
  const { stack, world: asked, flags, rest } = parseArguments(argv, ["--list", "--yes"]);
  const world = await lastWorld(stack, asked);
  requirePulumi(world);
  if (act === "restore") {
    if (!rest[0])
      throw new Stop(
        `Which one? scripts/backup ${stack} --list shows them; then scripts/restore ${stack} SET --yes`,
      );
    await confirm(stack, "What is there now is replaced", flags.has("--yes"));
  }
  if (act === "watch" && runsOnDroplet(stack))
    throw new Stop(
      `The droplet watches itself: scripts/ssh ${stack} systemctl status atlas-watch; its metrics: scripts/status ${stack} --metrics`,
    );
  const colour = act === "status" && process.stdout.isTTY ? ["--colour"] : [];
  const given = [...rest, ...(flags.has("--yes") ? ["--yes"] : []), ...colour];
  return runOps(world, stack, flags.has("--list") ? ["sets"] : [act, ...given]);
});
