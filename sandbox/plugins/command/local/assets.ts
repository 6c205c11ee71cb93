import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Props } from "../../bridge/schema.ts";
import { assetArchive, fileAsset } from "../values.ts";
import { glob } from "./glob.ts";

/** Files under a folder that the patterns choose: each in turn adds, or with a leading `!` takes away. */
export async function findAssets(folder: string, patterns: string[]): Promise<Props> {
  const rules = patterns.map((pattern) => {
    const exclude = pattern.startsWith("!");
    return { exclude, matches: glob(exclude ? pattern.slice(1) : pattern) };
  });
  const chosen = (await files(folder)).filter((file) => {
    const last = rules.findLast(({ matches }) => matches.test(file));
    return last !== undefined && !last.exclude;
  });
  const assets = chosen.map(async (file) => {
    const found = path.posix.join(folder, file);
    return [file, fileAsset(found, sha256(await readFile(found)))] as const;
  });
  return Object.fromEntries(await Promise.all(assets));
}

export function archiveOf(assets: Props): Props {
  return assetArchive(assets, sha256(JSON.stringify(assets)));
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}
