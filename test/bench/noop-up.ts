// An up that finds nothing to do, against the same of an empty program: what this project itself costs.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../scripts/lib/root.ts";
import type { Bed } from "./bed.ts";
import { median, seconds, table } from "./numbers.ts";
import { noopUp } from "./pulumi-up.ts";
import { timed } from "./timed.ts";

const emptyStack = "empty";

/** A project that makes nothing, with this project's SDK and runtime options. */
async function emptyProject({ folder, env, signal }: Bed): Promise<string> {
  const project = path.join(folder, "empty");
  mkdirSync(project);
  symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"));
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
  writeFileSync(
    path.join(project, "Pulumi.yaml"),
    "name: empty\nmain: index.ts\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    packagemanager: npm\n",
  );
  writeFileSync(path.join(project, "index.ts"), "export {};\n");
  const options = { env, signal, cwd: project };
  await timed("pulumi", ["stack", "init", emptyStack, "--non-interactive"], options);
  await timed("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive"], options);
  return project;
}

/** Needs a deployed stack. @returns seconds that this project's program takes longer than an empty one */
export async function noopUpExtraSeconds(bed: Bed, runs: number): Promise<number> {
  const empty = await emptyProject(bed);
  const measured: { ours: number; empty: number }[] = [];
  for (let run = 0; run <= runs; run++) {
    const both = [() => noopUp(bed, bed.stack), () => noopUp(bed, emptyStack, empty)] as const;
    const pair =
      run % 2 === 0
        ? { ours: await both[0](), empty: await both[1]() }
        : { empty: await both[1](), ours: await both[0]() };
    // The first run fills the caches.
    if (run === 0) continue;
    measured.push(pair);
    console.log(`  run ${run} of ${runs}: ours ${seconds(pair.ours)}, empty ${seconds(pair.empty)}`);
  }
  const ours = measured.map((run) => run.ours);
  const theirs = measured.map((run) => run.empty);
  const row = (name: string, values: number[]) => [name, ...values.map(seconds), seconds(median(values))];
  const head = ["", ...measured.map((_, index) => `run ${index + 1}`), "median"];
  console.log(
    `\nNo-op up\n${table([head, row("this program", ours), row("an empty program", theirs)])}\n  extra: ${seconds(median(ours) - median(theirs))}`,
  );
  return (median(ours) - median(theirs)) / 1000;
}
