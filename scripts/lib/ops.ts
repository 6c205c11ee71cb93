// The operations of a stack (ops/), run on the machine of its engine.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { OperationsInputs } from "../../components/operations/operations.ts";
import { commandOf } from "../../components/operations/paths.ts";
import { nodeFlags } from "../../ops/backup/node-flags.ts";
import type { Deployment } from "../../ops/deployment.ts";
import { overSsh, quoted } from "./on-machine.ts";
import { attach } from "./process.ts";
import { localFolder, root } from "./root.ts";
import { operationsInputs } from "./stack.ts";
import type { World } from "./world.ts";

/** @returns the exit code. @throws Stop when the stack is not deployed */
export function runOps(world: World, stack: string, args: string[]): Promise<number> {
  const { settings, engine } = operationsInputs(world, stack);
  if (typeof engine === "object") return overSsh(engine, commandOf(...args).map(quoted));
  return here(world, stack, { settings, engine }, args);
}

/** Its secrets are in a file for as long as it runs, in a folder that nobody else can enter. */
async function here(
  world: World,
  stack: string,
  { settings, engine }: OperationsInputs,
  args: string[],
): Promise<number> {
  const deployment: Deployment = { ...settings, folder: path.join(localFolder, "ops", world.name, stack) };
  mkdirSync(deployment.folder, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-ops-"));
  try {
    const file = path.join(folder, "deployment.json");
    writeFileSync(file, JSON.stringify(deployment), { mode: 0o600 });
    const env = { ...process.env, ...(typeof engine === "string" && { DOCKER_HOST: engine }) };
    return await attach(
      process.execPath,
      [...nodeFlags, path.join(root, "ops/main.ts"), ...args, "--deployment", file],
      {
        env,
      },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
