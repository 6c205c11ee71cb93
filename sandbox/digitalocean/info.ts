// What a running twin tells of itself, in a file of its folder.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface TwinInfo {
  pid: number;
  /** Of the API. */
  url: string;
  gateway: string;
  network: string;
  addressPrefix: string;
  internet: { registry: string; acmeDirectory: string; rootCertificateFile: string };
}

const fileOf = (folder: string): string => path.join(folder, "twin.json");

/** Also that of a twin which has ended since. */
export function lastInfo(folder: string): TwinInfo | undefined {
  return existsSync(fileOf(folder)) ? JSON.parse(readFileSync(fileOf(folder), "utf8")) : undefined;
}

export function writeInfo(folder: string, info: TwinInfo): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${fileOf(folder)}.new`, JSON.stringify(info, null, 2), { mode: 0o600 });
  renameSync(`${fileOf(folder)}.new`, fileOf(folder));
}

/** First two numbers of a twin's addresses: a part of the loopback network of its own, as far as there are parts. */
export function addressPrefixOf(folder: string): string {
  const [byte = 0] = createHash("sha256").update(path.resolve(folder)).digest();
  return `127.${64 + (byte % 64)}`;
}

/** Whether a process is there and was started as the twin of this folder: ids are used again. */
export function isTwin(pid: number, folder: string): boolean {
  const file = `/proc/${pid}/cmdline`;
  if (!existsSync(file)) return false;
  const words = readIfThere(file).split("\0");
  return words.some((word) => word.endsWith("digitalocean/main.ts")) && words.includes(path.resolve(folder));
}

/** Empty when the process has ended meanwhile. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH"].includes(String(error.code)))
      return "";
    throw error;
  }
}

/** What it says when it is asked who it is. */
export const pingOf = (folder: string, digest: string, pid: number) => ({ folder, digest, pid });
