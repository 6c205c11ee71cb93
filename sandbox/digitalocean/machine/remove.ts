// Takes away all machines of a twin at once, whatever state a process that was killed has left them in.
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { cgroupRoot } from "./cgroup.ts";
import { containersOf, idOf, removeContainer } from "./container.ts";
import { removeDisk } from "./disks.ts";
import { networkOf, removeNetwork } from "./network.ts";

/** Droplets, volumes with their data, the network. No process may have these machines open. */
export async function removeMachines(folder: string): Promise<void> {
  const host = { network: networkOf(folder), cgroups: await cgroupRoot() };
  for (const name of await containersOf(host)) await removeContainer(host, idOf(name));
  const disks = path.join(folder, "volumes");
  if (existsSync(disks)) for (const file of readdirSync(disks)) await removeDisk(path.join(disks, file));
  await removeNetwork(host.network);
  for (const kind of ["machines", "volumes"])
    rmSync(path.join(folder, kind), { recursive: true, force: true });
}
