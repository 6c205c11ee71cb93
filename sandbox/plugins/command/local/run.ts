import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Props } from "../../bridge/schema.ts";
import { exitText, quoted, systemText } from "../go-text.ts";
import { capture, type Logging, type Outputs } from "../output.ts";
import type { Context } from "../resource.ts";
import { archiveOf, findAssets } from "./assets.ts";

/** The part of the inputs of local.Command and local.run that says how to run. */
interface LocalInputs {
  interpreter?: string[];
  dir?: string;
  environment?: Record<string, string>;
  stdin?: string;
  logging?: Logging;
  addPreviousOutputInEnv?: boolean;
  assetPaths?: string[];
  archivePaths?: string[];
}

/** @throws with how the command ended and everything it printed */
export async function runLocally(
  context: Context,
  command: string,
  inputs: Props,
  previous: Outputs,
): Promise<Props> {
  // Check has seen to the types.
  const how = inputs as LocalInputs;
  const output = capture(context.log, how.logging);
  const failure = await finish(context, command, how, environment(how, previous), output);
  await output.end();
  if (failure !== undefined) throw new Error(`${failure}: running ${quoted(command)}:\n${output.all()}`);

  const result: Props = { ...output.outputs() };
  const folder = how.dir ?? process.cwd();
  if (how.assetPaths !== undefined) result.assets = await findAssets(folder, how.assetPaths);
  if (how.archivePaths !== undefined) result.archive = archiveOf(await findAssets(folder, how.archivePaths));
  return result;
}

/** Resolves when the process is gone and its output read, with how it failed if it did. */
function finish(
  context: Context,
  command: string,
  how: LocalInputs,
  env: NodeJS.ProcessEnv,
  output: ReturnType<typeof capture>,
): Promise<string | undefined> {
  const interpreter = how.interpreter?.length ? how.interpreter : ["/bin/sh", "-c"];
  const [program = "/bin/sh", ...args] = [...interpreter, command];
  const folder = how.dir ?? process.cwd();
  return new Promise((resolve) => {
    const child = start(program, args, folder, env);
    if (child instanceof Error) return resolve(startFailure(child, program, folder));
    const kill = () => child.pid !== undefined && endGroup(child.pid);
    const settle = (failure: string | undefined) => {
      context.signal.removeEventListener("abort", kill);
      resolve(failure);
    };
    child.stdout.on("data", output.stdout);
    child.stderr.on("data", output.stderr);
    // A command need not read what it is given.
    child.stdin.on("error", () => {});
    child.stdin.end(how.stdin ?? "");
    child.once("error", (error) => settle(startFailure(error, program, folder)));
    child.once("close", (code, signal) => settle(code === 0 ? undefined : exitText(code, signal)));
    if (context.signal.aborted) kill();
    else context.signal.addEventListener("abort", kill);
  });
}

function start(program: string, args: string[], folder: string, env: NodeJS.ProcessEnv) {
  try {
    // In a group of its own, so that ending it ends what it started too.
    return spawn(program, args, { cwd: folder, env, detached: true });
  } catch (error) {
    // Node throws some failures and reports others as an event.
    return error instanceof Error ? error : new Error(String(error));
  }
}

function environment(how: LocalInputs, previous: Outputs): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...how.environment };
  if (how.addPreviousOutputInEnv === false) return env;
  if (previous.stdout !== "") env.PULUMI_COMMAND_STDOUT = previous.stdout;
  if (previous.stderr !== "") env.PULUMI_COMMAND_STDERR = previous.stderr;
  return env;
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    const gone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!gone) throw error;
  }
}

function startFailure(error: Error, program: string, folder: string): string {
  const text = systemText(error);
  if (!existsSync(folder)) return `chdir ${folder}: ${text}`;
  const sought = !program.includes("/") && "code" in error && error.code === "ENOENT";
  if (sought) return `exec: ${quoted(program)}: executable file not found in $PATH`;
  return `fork/exec ${program}: ${text}`;
}
