// The sandbox's mail server in the background, one process a folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Stop } from "../../scripts/lib/process.ts";
import { type RunningMail, runningMail } from "./info.ts";

const stopMs = 10_000;

/**
 * The running mail server of a folder; started where none runs.
 * @param names by which clients call it, besides 127.0.0.1
 * @throws Stop with its log when it does not come up
 */
export async function startMail(folder: string, names: string[] = []): Promise<RunningMail> {
  const own = path.resolve(folder);
  const running = runningMail(own);
  if (running) return running;
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const logFile = path.join(own, "log");
  const log = openSync(logFile, "w", 0o600);
  const program = path.join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [program, own, ...names], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  await Promise.race([once(child, "message"), once(child, "exit")]);
  const started = runningMail(own);
  if (!started)
    throw new Stop(`The sandbox's mail server did not start (${logFile}):\n${readFileSync(logFile, "utf8")}`);
  child.unref();
  return started;
}

/** Ends it; letters, ports and password stay for the next one. */
export async function stopMail(folder: string): Promise<void> {
  const running = runningMail(folder);
  if (!running) return;
  process.kill(running.pid, "SIGTERM");
  const deadline = Date.now() + stopMs;
  while (runningMail(folder)) {
    if (Date.now() > deadline) throw new Stop(`The sandbox's mail server does not end: kill ${running.pid}`);
    await sleep(50);
  }
}
