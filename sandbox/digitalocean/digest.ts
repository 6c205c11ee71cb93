import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What the twin's process is made of. */
const SOURCES = [import.meta.dirname, path.join(import.meta.dirname, "../internet")];

/** Changes with any of the twin's source files: a process that runs other sources is out of date. */
export function sourceDigest(): string {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap(filesIn))
    hash
      .update(`${path.relative(import.meta.dirname, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}
