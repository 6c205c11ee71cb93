// The docker command on this machine. What goes in is never shown; a failure carries what docker wrote.
import { spawn } from "node:child_process";
import { PassThrough, Readable, type Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { imageLabel } from "../components/hosts/policy.ts";
import { serviceNames } from "../components/services/service.ts";

export class DockerError extends Error {
  override name = "DockerError";
}

export interface DockerOptions {
  /** Ends the command. */
  signal?: AbortSignal | undefined;
  /** Values that no failure may show. */
  hide?: string[];
}

export interface Command {
  /** Standard input; has to be ended by the caller. */
  input: Writable;
  /**
   * Standard output: ends only when the command has ended well, and fails with a DockerError when it has not.
   * Destroying it ends the command.
   */
  output: Readable;
}

/** Starts `docker ARGS`. */
export function startDocker(args: string[], { signal, hide = [] }: DockerOptions = {}): Command {
  const child = spawn("docker", args, { stdio: "pipe" });
  const output = new PassThrough();
  const failed = (why: string, cause?: Error) => {
    const shown = hide.reduce((shown, value) => shown.replaceAll(value, "[hidden]"), why);
    output.destroy(new DockerError(`docker ${args[0]}: ${shown}`, { cause }));
  };
  const stop = () => output.destroy(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = `${complaints}${chunk}`.slice(-4000);
  });
  child.once("error", (error: NodeJS.ErrnoException) =>
    failed(error.code === "ENOENT" ? "the docker command is not installed" : error.message, error),
  );
  child.once("close", (code, killedBy) => {
    if (code === 0) output.end();
    else failed(complaints.trim() || (killedBy ? `ended by ${killedBy}` : `exit code ${code}`));
  });
  output.once("close", () => {
    signal?.removeEventListener("abort", stop);
    child.kill();
  });
  // A command that ends without reading closes its input; its exit code says what happened.
  child.stdin.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") output.destroy(error);
  });
  child.stdout.pipe(output, { end: false });
  return { input: child.stdin, output };
}

/**
 * Runs `docker ARGS` to its end and returns its standard output as text.
 * @param options.input for standard input; a stream that fails ends the command and is the failure that is thrown
 * @param options.timeoutMs one minute where it is missing, none for 0
 * @throws DockerError with what docker wrote, when it fails, is missing or takes too long
 */
export async function docker(
  args: string[],
  {
    input = "",
    timeoutMs = 60_000,
    signal,
    hide,
  }: DockerOptions & { input?: string | Readable; timeoutMs?: number } = {},
): Promise<string> {
  const limit = timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined;
  const signals = [signal, limit].filter((one) => one !== undefined);
  const { input: sink, output } = startDocker(args, {
    signal: AbortSignal.any(signals),
    ...(hide && { hide }),
  });
  const source = typeof input === "string" ? Readable.from(input === "" ? [] : [Buffer.from(input)]) : input;
  source.once("error", (error) => output.destroy(error));
  // The command may end before it has read everything; what it says at its end counts.
  source.pipe(sink);
  try {
    return await text(output);
  } catch (error) {
    if (limit?.aborted && !signal?.aborted)
      throw new DockerError(`docker ${args[0]}: gave no answer within ${timeoutMs / 1000} s`, {
        cause: error,
      });
    throw error;
  } finally {
    source.destroy();
  }
}

export interface Container {
  name: string;
  running: boolean;
  /** Reference that it was made from. */
  image: string;
  /** Secrets are among the values. */
  env: Record<string, string>;
  /** On a bridge network, where this machine reaches it; undefined while it does not run or has no network. */
  address: string | undefined;
}

/** Of a container, as docker tells it. */
export const networkSettings = z.object({
  Networks: z.record(z.string(), z.object({ IPAddress: z.string() })),
});

const inspected = z
  .array(
    z.object({
      Config: z.object({
        Image: z.string(),
        Env: z.array(z.string()).nullable(),
        Labels: z.record(z.string(), z.string()).nullish(),
      }),
      State: z.object({ Running: z.boolean() }),
      NetworkSettings: networkSettings,
    }),
  )
  .length(1)
  .transform(([one]) => one);

/** @throws DockerError naming the container when there is none */
export async function inspect(name: string, options: DockerOptions = {}): Promise<Container> {
  const found = inspected.parse(JSON.parse(await docker(["inspect", "--type", "container", name], options)));
  if (!found) throw new DockerError(`docker inspect ${name}: empty answer`);
  return {
    name,
    running: found.State.Running,
    image: found.Config.Labels?.[imageLabel] ?? found.Config.Image,
    env: environmentOf(found.Config.Env),
    address: addressOf(found.NetworkSettings),
  };
}

/** On a bridge network; undefined while the container does not run or has no network. */
export const addressOf = ({ Networks }: z.output<typeof networkSettings>): string | undefined =>
  Object.values(Networks).find(({ IPAddress }) => IPAddress !== "")?.IPAddress;

/** @param lines NAME=VALUE, as docker tells them */
export const environmentOf = (lines: string[] | null): Record<string, string> =>
  Object.fromEntries(
    (lines ?? []).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );

/** Names of containers that there are, running or not, of those asked for, in that order. */
export async function existing(names: string[], options: DockerOptions = {}): Promise<string[]> {
  const all = new Set((await docker(["ps", "--all", "--format", "{{.Names}}"], options)).split("\n"));
  return names.filter((name) => all.has(name));
}

/** Service -> image reference, of a deployment's containers, running or not. */
export async function imagesOf(
  namePrefix: string,
  options: DockerOptions = {},
): Promise<Record<string, string>> {
  const names = await existing(
    serviceNames.map((service) => `${namePrefix}-${service}`),
    options,
  );
  const found = await Promise.all(names.map((name) => inspect(name, options)));
  return Object.fromEntries(found.map(({ name, image }) => [name.slice(namePrefix.length + 1), image]));
}
