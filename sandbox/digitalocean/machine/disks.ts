// Block storage: sparse files that the kernel shows as loop devices while they are attached.
import { existsSync, mkdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { aptInstall } from "../../../scripts/lib/docker-engine.ts";
import { capture, quietly, succeeds } from "../../../scripts/lib/process.ts";
import type { VolumeSpec } from "../machines.ts";
import { until } from "./until.ts";

const gibibyte = 1024 ** 3;

export const diskFile = (folder: string, id: string): string => path.join(folder, "volumes", `${id}.img`);

/** Does nothing where it exists. */
export async function makeDisk(file: string, { gibibytes, filesystem, label }: VolumeSpec): Promise<void> {
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  writeFileSync(draft, "", { mode: 0o600 });
  truncateSync(draft, gibibytes * gibibyte);
  if (filesystem) await format(draft, filesystem, label);
  renameSync(draft, file);
}

async function format(file: string, filesystem: "ext4" | "xfs", label: string): Promise<void> {
  const program = `mkfs.${filesystem}`;
  if (!succeeds("sh", ["-c", `command -v ${program}`]))
    await aptInstall(program, [filesystem === "xfs" ? "xfsprogs" : "e2fsprogs"]);
  const force = filesystem === "xfs" ? "-f" : "-F";
  await quietly(program, ["-q", force, ...(label ? ["-L", label] : []), file]);
}

/** @throws Error where it would shrink */
export async function growDisk(file: string, gibibytes: number): Promise<void> {
  const before = statSync(file).size;
  const after = gibibytes * gibibyte;
  if (after < before)
    throw new Error(`A volume of ${before / gibibyte} GiB cannot shrink to ${gibibytes} GiB.`);
  truncateSync(file, after);
  for (const { device } of loops(file)) await quietly("losetup", ["--set-capacity", device]);
}

export async function removeDisk(file: string): Promise<void> {
  await unloop(file);
  rmSync(file, { force: true });
}

interface Loop {
  device: string;
  /** It was let go of and vanishes with its last user. */
  leaving: boolean;
}

export function loops(file: string): Loop[] {
  return capture("losetup", [
    "--list",
    "--noheadings",
    "--raw",
    "--output",
    "NAME,AUTOCLEAR",
    "--associated",
    file,
  ])
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(/\s+/))
    .map(([device = "", autoclear]) => ({ device, leaving: autoclear === "1" }));
}

/** The device of a disk, which a process before this one may have made. */
export function loopOf(file: string): string {
  const there = loops(file).find(({ leaving }) => !leaving);
  return there?.device ?? capture("losetup", ["--find", "--show", file]).trim();
}

/**
 * Lets go of the devices of a disk; returns whether their users are gone within the time. One that was let go of
 * before is not looked at: what is left of its file system can no longer be written.
 */
export async function unloop(file: string, seconds = 5): Promise<boolean> {
  const mine = new Set<string>();
  for (const { device, leaving } of loops(file)) {
    if (leaving) continue;
    await quietly("losetup", ["--detach", device]);
    mine.add(device);
  }
  return until(() => !loops(file).some(({ device }) => mine.has(device)), seconds);
}
