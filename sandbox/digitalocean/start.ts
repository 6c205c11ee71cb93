// The twin of DigitalOcean in the background, one process a folder.
import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Stop } from "../../scripts/lib/process.ts";
import { sourceDigest } from "./digest.ts";
import { addressPrefixOf, isTwin, lastInfo, pingOf, type TwinInfo } from "./info.ts";

export type { TwinInfo } from "./info.ts";

const LOG_LIMIT = 5 * 1024 * 1024;
const POLL_MS = 50;
/** Orderly; what has not ended by then is killed. */
const STOP_MS = 30_000;

/** The twin of a folder, if it runs. */
export function twinInfo(folder: string): TwinInfo | undefined {
  const info = lastInfo(folder);
  return info && isTwin(info.pid, folder) ? info : undefined;
}

/**
 * The running twin of a folder. One that runs other sources than these, or does not answer, is ended first; one that does
 * not run is started in the background.
 * @throws Stop with the end of its log when it does not come up
 */
export async function startTwin(folder: string): Promise<TwinInfo> {
  const own = path.resolve(folder);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  using _ = await lock(own);
  const running = twinInfo(own);
  if (running && (await isCurrent(running, own))) return running;
  await end(own);
  await launch(own);
  const started = twinInfo(own);
  if (!started) throw new Stop(`The twin of DigitalOcean ended as soon as it was ready.\n${endOfLog(own)}`);
  return started;
}

/** Ends the twin's process; its droplets go on, and are taken up by the next one. */
export async function stopTwin(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const own = path.resolve(folder);
  using _ = await lock(own);
  await end(own);
}

/** An answer of any other kind, and none, means that it is not. */
async function isCurrent({ url, pid }: TwinInfo, folder: string): Promise<boolean> {
  const answer = await fetch(`${url}/_twin/ping`, { signal: AbortSignal.timeout(5000) }).then(
    async (response) => await response.text(),
    () => "",
  );
  return answer === JSON.stringify(pingOf(folder, sourceDigest(), pid));
}

async function launch(folder: string): Promise<void> {
  const logFile = path.join(folder, "log");
  if (existsSync(logFile) && statSync(logFile).size > LOG_LIMIT) renameSync(logFile, `${logFile}.old`);
  const log = openSync(logFile, "a", 0o600);
  const program = path.join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [program, folder, addressPrefixOf(folder)], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  const failure = await ready(child);
  if (failure) throw new Stop(`The twin of DigitalOcean did not start: ${failure}\n${endOfLog(folder)}`);
  child.unref();
}

/** Undefined when it is ready, else what became of it. */
function ready(child: ChildProcess): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.once("message", () => resolve(undefined));
  child.once("error", (error) => resolve(error.message));
  child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}.`));
  return promise;
}

function endOfLog(folder: string): string {
  const file = path.join(folder, "log");
  const text = existsSync(file) ? readFileSync(file, "utf8").slice(-4000) : "";
  return `The end of its log (${file}):\n${text}`;
}

async function end(folder: string): Promise<void> {
  const pid = lastInfo(folder)?.pid;
  if (pid === undefined) return;
  if (isTwin(pid, folder)) process.kill(pid, "SIGTERM");
  if (await isGone(pid, folder, STOP_MS)) return;
  process.kill(pid, "SIGKILL");
  await isGone(pid, folder, STOP_MS);
}

/** Somebody else's child ends without a word: it has to be looked for. */
async function isGone(pid: number, folder: string, patience: number): Promise<boolean> {
  const deadline = Date.now() + patience;
  while (isTwin(pid, folder)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Of several that start or stop the twin at once, one does and the others find it done. */
async function lock(folder: string): Promise<Disposable> {
  const file = path.join(folder, "start.lock");
  while (!taken(file)) await sleep(POLL_MS);
  return { [Symbol.dispose]: () => rmSync(file) };
}

/** Linked into place, so that the file never is without its holder's id. */
function taken(file: string): boolean {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid), { mode: 0o600 });
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  const holder = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (holder !== "" && !existsSync(`/proc/${holder}`)) rmSync(file, { force: true });
  return false;
}
