// The docker command, for what no resource covers: a container's state, its log, a command inside it. Secrets go
// through standard input, never into arguments.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { openChannel, quoted, runOverSsh, type SshTarget } from "./ssh.ts";

/** Which engine: as the provider's `docker:host`, or one on another machine; undefined means the command's own default. */
export type Engine = string | SshTarget | undefined;

export class DockerError extends Error {
  override name = "DockerError";
}

export interface DockerOptions {
  host?: Engine;
  input?: string;
  /** Values that no failure may show. */
  hide?: string[] | undefined;
  /** True returns what the command wrote to either output, in the order it came. */
  bothOutputs?: boolean;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/**
 * Runs `docker ARGS` and returns its standard output.
 * @throws DockerError with what docker wrote, when it fails, is missing or takes longer than the time-out (30 s)
 */
export function docker(args: string[], options: DockerOptions = {}): Promise<string> {
  const { host, ...rest } = options;
  return typeof host === "object" ? dockerOverSsh(args, host, rest) : localDocker(args, options);
}

async function dockerOverSsh(args: string[], target: SshTarget, options: DockerOptions): Promise<string> {
  const { code, stdout, stderr, output } = await runOverSsh(target, shellLine(args), options).catch(
    (error: Error) => {
      throw new DockerError(`docker ${args.slice(0, 2).join(" ")}: ${error.message}`, { cause: error });
    },
  );
  if (code === 0) return (options.bothOutputs ? output : stdout).toString();
  const why = (options.bothOutputs ? output : stderr).toString().trim();
  throw new DockerError(`docker ${args.slice(0, 2).join(" ")}: ${why || `exit code ${code}`}`);
}

const shellLine = (args: string[]): string => ["docker", ...args].map(quoted).join(" ");

/** A command's standard input and output as one stream; destroying it ends the command. */
export async function dockerStream(args: string[], host: Engine): Promise<Duplex> {
  if (typeof host === "object") return openChannel(host, shellLine(args));
  const child = spawn("docker", withHost(args, host), { stdio: ["pipe", "pipe", "ignore"] });
  await once(child, "spawn");
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.once("exit", () => stream.destroy());
  stream.once("close", () => child.kill());
  return stream;
}

const withHost = (args: string[], host: string | undefined) => (host ? ["--host", host, ...args] : args);

function localDocker(
  args: string[],
  { host, input, bothOutputs = false, timeoutMs = 30_000, signal }: DockerOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", withHost(args, typeof host === "string" ? host : undefined), {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      ...(signal && { signal }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => (bothOutputs ? out : err).push(chunk));
    child.once("error", (cause: NodeJS.ErrnoException) => {
      const hint = cause.code === "ENOENT" ? "the docker command is not installed" : cause.message;
      reject(new DockerError(`docker ${args[0]}: ${hint}`, { cause }));
    });
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(out).toString());
      const why = signal
        ? `gave no answer within ${timeoutMs / 1000} s`
        : Buffer.concat(bothOutputs ? out : err)
            .toString()
            .trim();
      reject(new DockerError(`docker ${args.slice(0, 2).join(" ")}: ${why || `exit code ${code}`}`));
    });
    // A command that ends without reading closes its input; its exit code says what happened.
    child.stdin.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") reject(error);
    });
    child.stdin.end(input ?? "");
  });
}
