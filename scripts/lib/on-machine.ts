// A command on the machine that runs a stack's containers, with the terminal as its own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Engine } from "../../components/hosts/docker-cli.ts";
import { quoted, type SshTarget } from "../../components/hosts/ssh.ts";
import { attach } from "./process.ts";

/** Runs `docker ARGS` there; resolves with its exit code. */
export function dockerThere(engine: Engine, args: string[]): Promise<number> {
  if (typeof engine === "object") return overSsh(engine, ["docker", ...args].map(quoted));
  return attach("docker", [...(engine ? ["--host", engine] : []), ...args]);
}

/**
 * Runs OpenSSH's client, which knows no other machine by this address.
 * @param words options and the command's words, for the remote shell
 */
export async function overSsh(target: SshTarget, words: string[]): Promise<number> {
  // OpenSSH reads keys from files only: for as long as it runs, in a folder that nobody else can enter.
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-ssh-"));
  try {
    const key = path.join(folder, "key");
    const known = path.join(folder, "known_hosts");
    writeFileSync(key, target.privateKey, { mode: 0o600 });
    writeFileSync(known, target.hostKeys.map((line) => `${target.address} ${line}\n`).join(""));
    const options = [
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${known}`,
      "IdentitiesOnly=yes",
      "LogLevel=ERROR",
    ].flatMap((option) => ["-o", option]);
    const terminal = process.stdin.isTTY && words.includes("-it") ? ["-t"] : [];
    return await attach("ssh", [
      ...options,
      ...terminal,
      "-i",
      key,
      `${target.user}@${target.address}`,
      ...words,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
