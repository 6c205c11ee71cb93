// Each droplet has a control group of the unified hierarchy for its systemd, beside those that the engine limits it with.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import path from "node:path";
import { quietly } from "../../../scripts/lib/process.ts";
import { until } from "./until.ts";

/** Only where the host has mounted none by itself; it holds no memory and stays for the next twin. */
const ownMount = "/run/atlas-twin-cgroup2";

/** The folder where control groups are made. */
export async function cgroupRoot(): Promise<string> {
  const mounted = mountPoint();
  if (mounted) return mounted;
  mkdirSync(ownMount, { recursive: true });
  await quietly("mount", ["-t", "cgroup2", "none", ownMount]);
  return ownMount;
}

function mountPoint(): string | undefined {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  return mounts.map((line) => line.split(" ")).find(([, , type]) => type === "cgroup2")?.[1];
}

/** An empty one, whatever a droplet that was killed has left there. */
export async function makeCgroup(folder: string): Promise<void> {
  await removeCgroup(folder);
  mkdirSync(folder);
}

/** The kernel gives a group up once the last of its processes is gone, which takes it a moment after a kill. */
export async function removeCgroup(folder: string): Promise<void> {
  let failure: unknown;
  const removed = await until(() => {
    try {
      removeTree(folder);
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  }, 10);
  if (!removed) throw new Error(`The control group ${folder} still has processes: ${failure}`);
}

function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(path.join(folder, entry.name));
  rmdirSync(folder);
}
