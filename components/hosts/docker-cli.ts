// The docker command, for what no resource covers: a container's state, its log, a command inside it. Secrets go
// through standard input, never into arguments.
import { spawn } from "node:child_process";

export class DockerError extends Error {
  override name = "DockerError";
}

export interface DockerOptions {
  /** As the provider's `docker:host`; undefined means DOCKER_HOST or the current context. */
  host?: string | undefined;
  input?: string;
  /** True returns what the command wrote to either output, in the order it came. */
  bothOutputs?: boolean;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/**
 * Runs `docker ARGS` and returns its standard output.
 * @throws DockerError with what docker wrote, when it fails, is missing or takes longer than the time-out (30 s)
 */
export function docker(
  args: string[],
  { host, input, bothOutputs = false, timeoutMs = 30_000, signal }: DockerOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", host ? ["--host", host, ...args] : args, {
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
