import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "../../scripts/lib/root.ts";

export interface TimedOptions {
  signal: AbortSignal;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Told each line of standard output and when it came, in milliseconds since the start. */
  onLine?: (line: string, at: number) => void;
  /** Longest run of the command. */
  patienceMs?: number;
}

/**
 * Runs a command from its start to its end.
 * @returns milliseconds that it took
 * @throws Error with the end of its output when it fails, takes too long, or is stopped by the signal
 */
export async function timed(
  command: string,
  args: string[],
  { signal, env = process.env, cwd = root, onLine, patienceMs = 180_000 }: TimedOptions,
): Promise<number> {
  signal.throwIfAborted();
  const started = performance.now();
  // A process group of its own: a Ctrl-C at the terminal reaches the command only from here, once.
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const ended = Promise.withResolvers<number | null>();
  child.once("error", ended.reject);
  child.once("close", (code) => ended.resolve(code));
  let output = "";
  const keep = (text: string) => {
    output = `${output}${text}\n`.slice(-6000);
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    onLine?.(line, performance.now() - started);
    keep(line);
  });
  createInterface({ input: child.stderr }).on("line", keep);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const stop = () => void end(child.kill.bind(child), ended.promise);
  limit.addEventListener("abort", stop, { once: true });
  const code = await ended.promise;
  const milliseconds = performance.now() - started;
  limit.removeEventListener("abort", stop);
  signal.throwIfAborted();
  if (code !== 0)
    throw new Error(
      `${[command, ...args.slice(0, 3)].join(" ")} ${limit.aborted ? `took longer than ${patienceMs / 1000} s` : `failed (${code})`}:\n${output}`,
    );
  return milliseconds;
}

/** Pulumi ends its plugins on the first or second request; who does not go is killed. */
async function end(kill: (signal: NodeJS.Signals) => boolean, ended: Promise<unknown>): Promise<void> {
  for (const signal of ["SIGINT", "SIGINT", "SIGKILL"] as const) {
    kill(signal);
    const waiting = new AbortController();
    const gone = await Promise.race([
      ended.then(() => true),
      delay(5000, false, { signal: waiting.signal, ref: false }),
    ]).finally(() => waiting.abort());
    if (gone) return;
  }
}
