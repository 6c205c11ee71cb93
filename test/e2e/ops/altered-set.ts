// Sets that something has happened to.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Manifest } from "../../../ops/backup/set.ts";

/**
 * A copy of a set under an id of its own, altered.
 * @param sets the folder that they lie in
 */
export function alteredSet(sets: string, from: string, id: string, change: (folder: string) => void): void {
  const folder = path.join(sets, id);
  cpSync(path.join(sets, from), folder, { recursive: true });
  changeManifest(() => ({ id }))(folder);
  change(folder);
}

export const changeManifest = (change: (manifest: Manifest) => Partial<Manifest>) => (folder: string) => {
  const file = path.join(folder, "manifest.json");
  const manifest: Manifest = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...manifest, ...change(manifest) }));
};

/** One bit is another, 500 bytes before the end. */
export const corrupt = (name: string) => (folder: string) => {
  const file = path.join(folder, name);
  const bytes = readFileSync(file);
  bytes.writeUInt8((bytes.at(-500) ?? 0) ^ 1, bytes.length - 500);
  writeFileSync(file, bytes);
};
