// Stopping, starting and looking at containers by name.
import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { masked } from "../../components/secrets/mask.ts";
import { docker, existing } from "../docker.ts";

const inspected = z
  .tuple([
    z.object({
      Config: z.object({
        Image: z.string(),
        Env: z.array(z.string()).nullable(),
        Cmd: z.array(z.string()).nullable(),
        Entrypoint: z.array(z.string()).nullable(),
        User: z.string(),
        Healthcheck: z.object({ Test: z.array(z.string()).nullish() }).nullish(),
      }),
      State: z.object({
        Status: z.string(),
        ExitCode: z.int(),
        Health: z.object({ Status: z.string() }).nullish(),
      }),
      RestartCount: z.int(),
      HostConfig: z.object({ Memory: z.int(), ExtraHosts: z.array(z.string()).nullable() }),
    }),
  ])
  .transform(([one]) => one);

export type Inspected = z.output<typeof inspected>;

/** @throws DockerError naming the container when there is none */
export async function inspectWhole(name: string): Promise<Inspected> {
  return inspected.parse(JSON.parse(await docker(["inspect", "--type", "container", name])));
}

/** Their own grace applies. Containers that do not run stay as they are; the restart policy does not start them. */
export async function stopContainers(names: string[]): Promise<void> {
  for (const name of await existing(names)) await docker(["stop", name], { timeoutMs: 180_000 });
}

const crashesAllowed = 3;

/**
 * Starts containers, and waits until each is healthy by its own health check, or runs where it has none.
 * @throws Error naming the container with its last log lines, when it ends, keeps crashing or is late
 */
export async function startContainers(
  names: string[],
  { timeoutMs = 600_000, hide = [] }: { timeoutMs?: number; hide?: string[] } = {},
): Promise<void> {
  for (const name of await existing(names)) {
    await docker(["start", name]);
    await awaitHealthy(name, { timeoutMs, hide });
  }
}

async function awaitHealthy(
  name: string,
  { timeoutMs, hide }: { timeoutMs: number; hide: string[] },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const before = (await inspectWhole(name)).RestartCount;
  for (;;) {
    const container = await inspectWhole(name);
    if (await isHealthy(name, container)) return;
    const { State, RestartCount } = container;
    const problem = problemOf(name, State, RestartCount - before, Date.now() > deadline);
    if (problem) throw new Error(`${problem}\n${await lastWords(name, hide)}\nnext: docker logs ${name}`);
    await delay(500);
  }
}

/** Whatever is still starting is asked at once, with its own command: Docker's next look may be far, and people wait. */
async function isHealthy(name: string, { Config, State }: Inspected): Promise<boolean> {
  const status = State.Health?.Status ?? State.Status;
  const [kind, command] = Config.Healthcheck?.Test ?? [];
  if (status !== "starting" || kind !== "CMD-SHELL" || !command)
    return status === "healthy" || status === "running";
  return docker(["exec", name, "sh", "-c", command]).then(
    () => true,
    () => false,
  );
}

function problemOf(
  name: string,
  { Status, ExitCode, Health }: Inspected["State"],
  crashes: number,
  late: boolean,
): string | undefined {
  if (Status === "exited" || Status === "dead")
    return `container ${name} has ended with exit code ${ExitCode}`;
  if (crashes >= crashesAllowed)
    return `container ${name} has crashed ${crashes} times, last with exit code ${ExitCode}`;
  if (late) return `container ${name} is ${Health?.Status ?? Status}, not healthy in time`;
  return undefined;
}

/** The last lines of a container's log, indented, for the end of an error. @param hide values that are not shown */
export async function lastWords(name: string, hide: string[]): Promise<string> {
  // docker gives back what the container wrote on the output that it wrote it on.
  const { stdout, stderr } = await promisify(execFile)("docker", ["logs", "--tail", "40", name]);
  const log = masked(`${stdout}${stderr}`.trimEnd(), hide);
  return log.replaceAll(/^/gm, "  | ");
}
