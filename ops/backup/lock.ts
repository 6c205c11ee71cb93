// One act at a time on a deployment: file `lock` in its folder says who is at it.
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Deployment } from "../deployment.ts";
import { hasCode, linked } from "../files.ts";
import { jsonOf } from "../json-file.ts";

const holderSchema = z.object({
  pid: z.int(),
  /** When the process began, as the kernel counts: another one may have got its number. Empty where that is not known. */
  began: z.string(),
  act: z.string(),
  since: z.string(),
});
type Holder = z.output<typeof holderSchema>;

export class Busy extends Error {
  override name = "Busy";
}

const held = new AsyncLocalStorage<string>();

/**
 * Does something while no other act runs on the deployment; within an act that does, another is a part of it.
 * A lock whose process was killed is taken over.
 * @throws Busy naming the act that runs
 */
export async function exclusively<T>(
  { folder }: Pick<Deployment, "folder">,
  act: string,
  run: () => Promise<T>,
): Promise<T> {
  const lock = path.join(path.resolve(folder), "lock");
  if (held.getStore() === lock) return run();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  take(lock, act);
  try {
    return await held.run(lock, run);
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string, act: string): void {
  const mine = `${lock}.${process.pid}`;
  const holder = {
    pid: process.pid,
    began: beginOf(process.pid) ?? "",
    act,
    since: new Date().toISOString(),
  };
  writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 });
  try {
    while (!linked(mine, lock)) {
      const found = textOf(lock);
      if (found === undefined) continue;
      const other = holderOf(found);
      if (other && isAlive(other))
        throw new Busy(
          `${act} waits for nothing: ${other.act} (process ${other.pid}) is at work here since ${other.since}; next: run it again when that has ended`,
        );
      takeAway(lock, found);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Of two that find the same dead lock, the slower must not take away the lock that the faster has made by then. */
function takeAway(lock: string, dead: string): void {
  const aside = `${lock}.${process.pid}.dead`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if (textOf(aside) !== dead) linked(aside, lock);
  rmSync(aside, { force: true });
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Undefined for a file that a crash of the machine has left empty or cut off. */
const holderOf = (text: string): Holder | undefined => holderSchema.safeParse(jsonOf(text)).data;

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  const now = beginOf(pid);
  return now === undefined || began === "" || now === began;
}

/** Ticks from the machine's start to the process's, with the machine's start; undefined where there is no /proc. */
function beginOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  const boot = textOf("/proc/sys/kernel/random/boot_id");
  // The command's name, in parentheses, may hold spaces.
  const ticks = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return ticks && boot ? `${boot.trim()} ${ticks}` : undefined;
}
