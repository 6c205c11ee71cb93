// `pulumi up` of this project, measured.
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { type Bed, stackFile } from "./bed.ts";
import { type Phase, phasesOf, type Step, stepOf } from "./phases.ts";
import { timed } from "./timed.ts";

const upArguments = ["up", "--yes", "--skip-preview", "--non-interactive"];

/** A new stack with nothing in it; what another run left in the state is forgotten. */
export async function freshStack({ folder, env, signal, stack }: Bed): Promise<void> {
  rmSync(path.join(folder, ".pulumi"), { recursive: true, force: true });
  rmSync(stackFile(stack), { force: true });
  mkdirSync(folder, { recursive: true });
  await timed("pulumi", ["stack", "init", stack, "--non-interactive"], { env, signal });
}

/** From nothing to green smoke checks. */
export async function coldUp({
  env,
  signal,
  stack,
}: Bed): Promise<{ milliseconds: number; phases: Phase[] }> {
  const steps: Step[] = [];
  const milliseconds = await timed("pulumi", [...upArguments, "--stack", stack, "--json"], {
    env,
    signal,
    onLine: (line, at) => {
      const step = stepOf(line, at);
      if (step) steps.push(step);
    },
  });
  return { milliseconds, phases: phasesOf(steps, milliseconds) };
}

/** An up that finds nothing to do. @param cwd folder of the program */
export const noopUp = ({ env, signal }: Bed, stack: string, cwd?: string): Promise<number> =>
  timed("pulumi", [...upArguments, "--expect-no-changes", "--stack", stack], {
    env,
    signal,
    ...(cwd && { cwd }),
  });
