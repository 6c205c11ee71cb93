// Runs an act of ops/ on this machine, for a deployment on local Docker.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { nodeFlags } from "../../ops/backup/node-flags.ts";
import type { Deployment } from "../../ops/deployment.ts";
import { versions } from "../../ops/upgrade/versions.ts";
import type { OperationsInputs, Settings } from "./operations.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Where sets, results and the audit log of a deployment on local Docker lie. */
export const localOperationsFolder = ({ namePrefix }: Pick<Settings, "namePrefix">): string =>
  path.join(root, ".atlas/ops", namePrefix);

/**
 * When the change of version was begun that has not come to its end: as an input it makes the next up look at it again,
 * which a killed run has not written down.
 */
export const unfinishedUpgrade = (settings: Pick<Settings, "namePrefix">): string | undefined =>
  versions({ folder: localOperationsFolder(settings) }).pending?.since;

/** A deployment on local Docker, for acts within this process. */
export function deploymentHere(settings: Settings): Deployment {
  const folder = localOperationsFolder(settings);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { ...settings, folder };
}

export interface HereCommand {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/**
 * The deployment's secrets are in a file for as long as the act runs, in a folder that nobody else can enter.
 * @param run starts the command, and resolves when it has ended
 */
export async function actHere<T>(
  { settings, engine }: Pick<OperationsInputs, "settings" | "engine">,
  act: string[],
  run: (command: HereCommand) => Promise<T>,
): Promise<T> {
  const deployment = deploymentHere(settings);
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-ops-"));
  try {
    const file = path.join(folder, "deployment.json");
    writeFileSync(file, JSON.stringify(deployment), { mode: 0o600 });
    return await run({
      command: process.execPath,
      args: [...nodeFlags, path.join(root, "ops/main.ts"), ...act, "--deployment", file],
      env: { ...process.env, ...(typeof engine === "string" && { DOCKER_HOST: engine }) },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
