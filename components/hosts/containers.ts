// How the containers of a deployment are: read with the docker command, from bootstrap and smoke.
import { masked } from "../secrets/mask.ts";
import { type DockerOptions, docker } from "./docker-cli.ts";
import { imageLabel } from "./policy.ts";

export interface ContainerState {
  name: string;
  image: string;
  /** created, running, restarting, exited, ... or missing. */
  status: string;
  exitCode: number;
  restarts: number;
  /** healthy, unhealthy, starting, or none without a health check. */
  health: string;
  /** Limit; 0 = none. */
  memoryMiB: number;
}

interface Inspected {
  Name: string;
  Config: { Image: string; Labels: Record<string, string>; Healthcheck?: { Test: string[] } };
  State: { Status: string; ExitCode: number; Health?: { Status: string } };
  RestartCount: number;
  HostConfig: { Memory: number };
}

const inspect = async (names: string[], options: DockerOptions): Promise<Inspected[]> => {
  // `docker inspect` fails as a whole when one name is missing, so the list comes first.
  const all = (await docker(["ps", "-a", "--format", "{{.Names}}"], options)).split("\n");
  const present = names.filter((name) => all.includes(name));
  return present.length === 0
    ? []
    : JSON.parse(await docker(["inspect", "--type", "container", ...present], options));
};

/** The state of each named container, in the order asked for. */
export async function containerStates(names: string[], options: DockerOptions): Promise<ContainerState[]> {
  const found = new Map((await inspect(names, options)).map((c) => [c.Name.replace(/^\//, ""), c]));
  return names.map((name) => {
    const c = found.get(name);
    if (!c)
      return { name, image: "", status: "missing", exitCode: 0, restarts: 0, health: "none", memoryMiB: 0 };
    return {
      name,
      image: c.Config.Labels[imageLabel] ?? c.Config.Image,
      status: c.State.Status,
      exitCode: c.State.ExitCode,
      restarts: c.RestartCount,
      health: c.State.Health?.Status ?? "none",
      memoryMiB: c.HostConfig.Memory / 1024 ** 2,
    };
  });
}

/**
 * Health, not waiting for Docker's next probe: a container that is still "starting" is asked at once with the same
 * command.
 */
export async function probedHealth(name: string, options: DockerOptions): Promise<string> {
  const [c] = await inspect([name], options);
  if (!c) return "missing";
  const test = c.Config.Healthcheck?.Test;
  const status = c.State.Health?.Status ?? c.State.Status;
  if (status !== "starting" || test?.[0] !== "CMD-SHELL" || !test[1]) return status;
  return docker(["exec", name, "sh", "-c", test[1]], options).then(
    () => "healthy",
    () => "starting",
  );
}

/** The last lines that a container wrote. */
export async function lastLogLines(name: string, lines: number, options: DockerOptions): Promise<string> {
  const log = await docker(["logs", "--tail", String(lines), name], { ...options, bothOutputs: true }).catch(
    (error: Error) => error.message,
  );
  return masked(log.trimEnd(), options.hide);
}
