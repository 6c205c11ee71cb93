import { type SpawnOptions, spawn, spawnSync } from "node:child_process";

/** A message for the person at the terminal; shown without a stack. */
export class Stop extends Error {
  override name = "Stop";
}

/** Runs a script's main function; a Stop ends it with its message, anything else with a stack. */
export async function main(run: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await run()) ?? 0;
  } catch (error) {
    console.error(error instanceof Stop ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Runs a command with the terminal as its own; resolves with its exit code. */
export function attach(command: string, args: string[], options: SpawnOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? (signal ? 130 : 1)));
  });
}

/**
 * Runs a command and returns its standard output.
 * @throws Stop with the command and what it wrote to standard error
 */
export function capture(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: Buffer } = {},
): string {
  const result = spawnSync(command, args, { ...options, encoding: "buffer", maxBuffer: 512 * 1024 * 1024 });
  if (result.error) throw new Stop(`${command}: ${result.error.message}`);
  if (result.status !== 0)
    throw new Stop(
      `${[command, ...args.slice(0, 4)].join(" ")} failed (exit code ${result.status}):\n${result.stderr.toString().slice(-4000)}`,
    );
  return result.stdout.toString();
}

/** Whether a command runs and succeeds; what it prints does not matter. */
export const succeeds = (command: string, args: string[], env?: NodeJS.ProcessEnv): boolean =>
  spawnSync(command, args, { stdio: "ignore", ...(env && { env }) }).status === 0;

/**
 * Does a long piece of work that is silent by itself: says what, every ten seconds for how long already, and at the
 * end how long it took.
 */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  console.log(`${title} ...`);
  const timer = setInterval(() => console.log(`${title}: ${seconds()} s so far`), 10_000);
  try {
    const result = await work();
    console.log(`${title}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a command whose output only matters when it fails.
 * @throws Stop with the end of its output
 */
export function quietly(command: string, args: string[], options: SpawnOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.once("error", (error) => reject(new Stop(`${command}: ${error.message}`)));
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Stop(`${[command, ...args].join(" ").slice(0, 300)} failed (exit code ${code}):\n${output}`),
        );
    });
  });
}
