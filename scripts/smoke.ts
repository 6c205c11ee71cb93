import { writeFileSync } from "node:fs";
import { junit, total } from "../components/smoke/report.ts";
import { runSmoke } from "../components/smoke/run.ts";
import { parseArguments } from "./lib/arguments.ts";
import { began, keep, secondsSince, smokeNote } from "./lib/notes.ts";
import { main, Stop } from "./lib/process.ts";
import { smokeInputs } from "./lib/stack.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

await main(async () => {
  const { stack, world: asked, flags, rest } = parseArguments(process.argv.slice(2), ["--json"]);
  const junitFile = rest[0] === "--junit" ? rest[1] : undefined;
  if (rest.length > (junitFile ? 2 : 0))
    throw new Stop(`Unknown: ${rest.join(" ")}. Usage: scripts/smoke [STACK] [--json] [--junit FILE]`);
  const world = await lastWorld(stack, asked);
  requirePulumi(world);
  const asJson = flags.has("--json");
  const note = { act: "smoke", ...began() } as const;
  const report = await runSmoke(smokeInputs(world, stack), (result) => {
    if (asJson) return;
    console.log(`${result.status}  ${result.title}  ${result.milliseconds} ms  ${result.detail}`);
    if (result.blame) console.log(result.blame.replaceAll(/^/gm, "      "));
  });
  console.log(asJson ? JSON.stringify(report, null, 2) : `\n${total(report)}`);
  await keep(world, stack, {
    ...note,
    ok: report.failed === 0,
    seconds: secondsSince(note.time),
    smoke: smokeNote(report),
  });
  if (junitFile) writeFileSync(junitFile, junit(report));
  return report.failed > 0 ? 1 : 0;
});
