// Programs that run as long as this process does, and never longer.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { Stop } from "../../scripts/lib/process.ts";

export interface Program {
  name: string;
  command: string;
  args: string[];
  /** The whole environment: what this process has (proxies, say) is not for a part of another world. */
  env: Record<string, string>;
  /** Resolves when it answers; rejects with what it did instead. */
  answers: () => Promise<unknown>;
}

export interface ChildLogs {
  /** Everything that the program writes. */
  output: (line: string) => void;
  /** What a person should know. */
  event: (line: string) => void;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;
interface Run {
  child: Child;
  ended: Promise<string>;
  lastLines: string[];
}

const startMs = 30_000;
const stopMs = 5000;

/**
 * Starts a program, waits until it answers, and starts it again once if it ends by itself.
 * @throws Stop with the end of its output
 */
export async function keepRunning(program: Program, logs: ChildLogs): Promise<AsyncDisposable> {
  let stopping = false;
  let run = await startAndWait(program, logs);
  const watching = watch();

  async function watch(): Promise<void> {
    for (const again of [true, false]) {
      const how = await run.ended;
      if (stopping) return;
      const next = again ? "It is started again." : "It was started again once before; now it stays down.";
      logs.event(`${program.name} ended by itself (${how}). ${next}\n${run.lastLines.join("\n")}`);
      if (!again) return;
      run = start(program, logs);
      try {
        await untilAnswering(program, run);
        logs.event(`${program.name} answers again.`);
      } catch (error) {
        if (!stopping) logs.event(error instanceof Error ? error.message : String(error));
      }
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping = true;
      await stop(run);
      await watching;
    },
  };
}

async function startAndWait(program: Program, logs: ChildLogs): Promise<Run> {
  const run = start(program, logs);
  try {
    await untilAnswering(program, run);
    return run;
  } catch (error) {
    await stop(run);
    throw error;
  }
}

/**
 * The kernel kills the child when this process is gone, for whatever reason. Should it be gone before the child could
 * ask for that, the child finds that it has another parent and leaves.
 */
const boundToParent = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"';

function start({ name, command, args, env }: Program, { output }: ChildLogs): Run {
  const bound = ["--pdeathsig", "KILL", "sh", "-c", boundToParent, name, String(process.pid)];
  const child = spawn("setpriv", [...bound, command, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      output(line);
      lastLines.push(line.slice(0, 1000));
      if (lastLines.length > 12) lastLines.shift();
    });
  return { child, lastLines, ended: ending(child) };
}

function ending(child: Child): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
}

async function untilAnswering({ name, answers }: Program, { ended, lastLines }: Run): Promise<void> {
  const deadline = Date.now() + startMs;
  const end = ended.then((how) => ({ how }));
  const fail = (what: string) => new Stop(`${name} ${what}. The end of its output:\n${lastLines.join("\n")}`);
  for (;;) {
    const attempt = answers().then(
      () => ({ up: true, why: "" }),
      (error: Error) => ({ up: false, why: error.message }),
    );
    const outcome = await Promise.race([attempt, end]);
    if ("how" in outcome) throw fail(`does not start (${outcome.how})`);
    if (outcome.up) return;
    if (Date.now() > deadline) throw fail(`does not answer after ${startMs / 1000} s (${outcome.why})`);
    await delay(50);
  }
}

async function stop({ child, ended }: Run): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
  await ended;
  clearTimeout(timer);
}
