// What a droplet finds when it is switched on: the folder that is mounted into it until its init runs.
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { DropletSpec } from "../machines.ts";

const scripts = path.join(import.meta.dirname, "firmware");

export interface Plugged {
  /** /dev/loopN */
  loop: string;
  volume: string;
}

/** Of the first boot on: cloud-init reads its files once for each instance id. */
export function writeFirmware(folder: string, spec: DropletSpec, world: { dns: string; root: string }): void {
  mkdirSync(path.join(folder, "cgroup"), { recursive: true, mode: 0o700 });
  const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text, { mode: 0o600 });
  write("hostname", `${spec.name}\n`);
  write("user-data", spec.userData);
  // JSON is YAML as well.
  write(
    "meta-data",
    JSON.stringify({
      "instance-id": String(spec.id),
      "local-hostname": spec.name,
      "public-keys": spec.publicKeys.map((key) => key.trim()).filter(Boolean),
    }),
  );
  if (world.dns) write("resolv.conf", `nameserver ${world.dns}\n`);
  if (existsSync(world.root)) copyFileSync(world.root, path.join(folder, "root.crt"));
}

/** Before each boot. The scripts are those of this checkout, also for a droplet of an older one. */
export function refreshFirmware(folder: string, disks: Plugged[]): void {
  cpSync(scripts, folder, { recursive: true });
  writeFileSync(path.join(folder, "disks"), disks.map(({ loop, volume }) => `${loop} ${volume}\n`).join(""));
}

/** A script of the firmware, for a droplet that runs. */
export const firmwareScript = (name: "plug" | "unplug"): string => path.join(scripts, name);

export const removeFirmware = (folder: string): void => rmSync(folder, { recursive: true, force: true });
