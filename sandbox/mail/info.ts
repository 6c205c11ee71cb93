// What a running mail server tells of itself, in a file of its folder that only its owner reads.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { MailInfo } from "./server.ts";

export interface RunningMail extends MailInfo {
  pid: number;
}

const fileOf = (folder: string): string => path.join(folder, "mail.json");

/** Also that of one which has ended since. */
export const lastInfo = (folder: string): RunningMail | undefined =>
  existsSync(fileOf(folder)) ? JSON.parse(readFileSync(fileOf(folder), "utf8")) : undefined;

export function writeInfo(folder: string, info: RunningMail): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${fileOf(folder)}.new`, JSON.stringify(info, null, 2), { mode: 0o600 });
  renameSync(`${fileOf(folder)}.new`, fileOf(folder));
}

/** The mail server of a folder, if it runs: ids of processes are used again, so its command line counts. */
export function runningMail(folder: string): RunningMail | undefined {
  const info = lastInfo(folder);
  const commandLine = info ? `/proc/${info.pid}/cmdline` : "";
  if (!info || !existsSync(commandLine)) return undefined;
  const words = readFileSync(commandLine, "utf8").split("\0");
  const isOurs = words.some((word) => word.endsWith("mail/main.ts")) && words.includes(path.resolve(folder));
  return isOurs ? info : undefined;
}
