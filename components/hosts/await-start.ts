// Waits for a booting container, and gives up as soon as one it needs cannot start, with that one's last words.
import { setTimeout as delay } from "node:timers/promises";
import { type ContainerState, containerStates, lastLogLines } from "./containers.ts";
import { type DockerOptions, docker } from "./docker-cli.ts";

const crashesAllowed = 3;

/** Why a container keeps the deployment from starting, or undefined while there is hope. */
export function failureOf(now: ContainerState, before: ContainerState | undefined): string | undefined {
  if (now.status === "missing")
    return `container ${now.name} does not exist; pulumi up --refresh makes it again`;
  if (now.status === "exited" || now.status === "dead")
    return `container ${now.name} has stopped with exit code ${now.exitCode}; pulumi up --refresh starts it again`;
  const crashes = now.restarts - (before?.restarts ?? 0);
  if (crashes >= crashesAllowed)
    return `container ${now.name} has crashed ${crashes} times, last with exit code ${now.exitCode}`;
  return undefined;
}

/**
 * Watches containers until the signal says that what they should do works.
 * @returns why they cannot, or undefined when the signal came first
 */
export async function watchForFailure(
  names: string[],
  { signal, ...options }: DockerOptions & { signal: AbortSignal },
): Promise<string | undefined> {
  const before = new Map((await containerStates(names, options)).map((state) => [state.name, state]));
  while (!signal.aborted) {
    for (const state of await containerStates(names, options)) {
      const failure = failureOf(state, before.get(state.name));
      if (failure) return failureReport(failure, state.name, options);
    }
    await delay(1000, undefined, { signal }).catch((error: Error) => {
      if (error.name !== "AbortError") throw error;
    });
  }
  return undefined;
}

/** A failure with the container's last log lines and the command that shows more. */
export async function failureReport(
  failure: string,
  container: string,
  options: DockerOptions,
): Promise<string> {
  const log = await lastLogLines(container, 20, options);
  const indented = log.replaceAll(/^/gm, "    | ");
  return `${failure}\n  its last log lines:\n${indented}\n  next: docker logs ${container}`;
}

/**
 * Resolves when a port inside the container takes connections; asks nothing of the server behind it.
 * @throws Error naming the container that failed, with its log, or after the time-out
 */
export async function awaitPort(
  container: string,
  port: number,
  { needs, timeoutMs, ...options }: DockerOptions & { needs: string[]; timeoutMs: number },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const stop = new AbortController();
  const failing = watchForFailure([container, ...needs], { ...options, signal: stop.signal }).then(
    (report) => {
      if (report) throw new Error(report);
    },
  );
  try {
    await Promise.race([failing, portOpens(container, port, deadline, { ...options, signal: stop.signal })]);
  } finally {
    stop.abort();
  }
}

async function portOpens(
  container: string,
  port: number,
  deadline: number,
  options: DockerOptions,
): Promise<void> {
  const knock = `until (exec 3<> /dev/tcp/127.0.0.1/${port}) 2> /dev/null; do sleep 0.2; done`;
  for (;;) {
    const left = deadline - Date.now();
    if (left <= 0)
      throw new Error(
        await failureReport(`container ${container} did not open port ${port} in time`, container, options),
      );
    // The command ends early when the container restarts; whether that is hopeless is for the watcher to say.
    const opened = await docker(["exec", container, "bash", "-c", knock], {
      ...options,
      timeoutMs: left,
    }).then(
      () => true,
      () => false,
    );
    if (opened || options.signal?.aborted) return;
    await delay(200);
  }
}
