// Small files of state that more than one process changes: a backup, a drill and the watch end when they like.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ZodType } from "zod";
import { linked } from "./files.ts";

/** A change takes milliseconds: a lock that is older than this belongs to a process that was killed. */
const staleMs = 5000;

/**
 * What a file holds; `initial` where there is none.
 * @throws Error with the file's name where it is not what the schema says
 */
export function readJson<T>(file: string, schema: ZodType<T>, initial: T): T {
  if (!existsSync(file)) return initial;
  const parsed = schema.safeParse(jsonOf(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `${file} is not what this program writes (${issue?.path.join(".") || "its text"}: ${issue?.message}). Next: move it away; it is begun anew.`,
  );
}

/** Undefined, which no schema takes, where the text is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Replaces what a file holds, whole or not at all, while no other process does.
 * @returns what it holds now
 * @throws Error as readJson does, and of the file system, such as ENOSPC
 */
export function changeJson<T>(file: string, schema: ZodType<T>, initial: T, change: (now: T) => T): T {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const mine = `${file}.${process.pid}`;
  const lock = `${file}.lock`;
  writeFileSync(mine, "", { mode: 0o600 });
  try {
    while (!taken(mine, lock)) pause(5);
    try {
      const next = change(readJson(file, schema, initial));
      writeFileSync(mine, `${JSON.stringify(next, undefined, 2)}\n`, { mode: 0o600, flush: true });
      renameSync(mine, file);
      return next;
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function taken(mine: string, lock: string): boolean {
  if (linked(mine, lock)) return true;
  const held = statSync(lock, { throwIfNoEntry: false });
  if (held && Date.now() - held.ctimeMs > staleMs) rmSync(lock, { force: true });
  return false;
}

const pause = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
