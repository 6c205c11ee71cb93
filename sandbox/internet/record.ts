// What a running internet leaves for other processes to find it by.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Stop } from "../../scripts/lib/process.ts";

export interface InternetRecord {
  pid: number;
  gateway: string;
  /** Of the registry, on 127.0.0.1. */
  registryPort: number;
}

const fileIn = (folder: string): string => path.join(folder, "internet.json");

export const writeRecord = (folder: string, record: InternetRecord): void =>
  writeJson(fileIn(folder), record);

export const removeRecord = (folder: string): void => rmSync(fileIn(folder), { force: true });

/** Of the process that opened the internet of this folder last and did not close it; it may be gone. */
export const readRecord = (folder: string): InternetRecord | undefined =>
  readJson<InternetRecord>(fileIn(folder));

/** @throws Stop when no process holds the internet of this folder open */
export function runningInternet(folder: string): InternetRecord {
  const record = readRecord(folder);
  if (record && isAlive(record.pid)) return record;
  throw new Stop(
    `The sandbox's internet is not running: ${fileIn(folder)} ${record ? `names process ${record.pid}, which is gone` : "is not there"}. Start the sandbox's DigitalOcean first.`,
  );
}

/** A process that ended and that its parent has not noticed yet counts as gone. */
export function isAlive(pid: number): boolean {
  const file = `/proc/${pid}/status`;
  return existsSync(file) && !/^State:\s*Z/m.test(readFileSync(file, "utf8"));
}

export const readJson = <T>(file: string): T | undefined =>
  existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;

/** Whole or not at all: a reader, or a process started after a kill, never finds half a file. */
export function writeJson(file: string, value: unknown): void {
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}
