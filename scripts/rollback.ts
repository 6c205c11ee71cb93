import { versionName } from "../ops/upgrade/versions.ts";
import { parseArguments } from "./lib/arguments.ts";
import { confirm } from "./lib/confirm.ts";
import { began, keep, secondsSince } from "./lib/notes.ts";
import { main, Stop } from "./lib/process.ts";
import { selectStack } from "./lib/stack.ts";
import { goBack, stateOf, whereTo } from "./lib/versions.ts";
import { enterWorld } from "./lib/world.ts";

await main(async () => {
  const { stack, world: asked, flags, rest } = parseArguments(process.argv.slice(2), ["--yes"]);
  if (rest.length > 0) throw new Stop(`Unknown: ${rest.join(" ")}. Usage: scripts/rollback [STACK] [--yes]`);
  const world = await enterWorld(stack, asked);
  await selectStack(world, stack);
  const { images } = whereTo((await stateOf(world, stack))?.versions);
  await confirm(stack, `Atlas goes back to ${versionName(images)}`, flags.has("--yes"));
  const note = { act: "rollback", subject: versionName(images), ...began() } as const;
  const code = await goBack(world, stack, flags.has("--yes"));
  await keep(world, stack, { ...note, ok: code === 0, seconds: secondsSince(note.time) });
  return code;
});
