// The operations of a stack (ops/), run on the machine of its engine.

import { quoted } from "../../components/hosts/ssh.ts";
import { actHere } from "../../components/operations/here.ts";
import { commandOf } from "../../components/operations/paths.ts";
import { overSsh } from "./on-machine.ts";
import { attach } from "./process.ts";
import { operationsInputs } from "./stack.ts";
import type { World } from "./world.ts";

/** @returns the exit code. @throws Stop when the stack is not deployed */
export function runOps(world: World, stack: string, args: string[]): Promise<number> {
  const inputs = operationsInputs(world, stack);
  const { engine } = inputs;
  if (typeof engine === "object") return overSsh(engine, commandOf(...args).map(quoted));
  return actHere(inputs, args, (here) => attach(here.command, here.args, { env: here.env }));
}
