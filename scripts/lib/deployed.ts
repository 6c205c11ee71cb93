// The containers of a deployed stack, on whichever host they run.
import { setTimeout as delay } from "node:timers/promises";
import { containerStates, probedHealth } from "../../components/hosts/containers.ts";
import { docker, type Engine } from "../../components/hosts/docker-cli.ts";
import type { ServiceName } from "../../components/services/service.ts";
import { Stop } from "./process.ts";
import { smokeInputs } from "./stack.ts";
import type { World } from "./world.ts";

/** What others wait for comes first. */
const startOrder: ServiceName[] = ["postgres", "storage", "backend", "frontend", "ingress"];
/** A backend that migrates needs minutes. */
const startPatienceMs = 15 * 60_000;
/** Containers have up to 60 s for a clean end. */
const stopPatienceMs = 5 * 60_000;

export interface Deployed {
  stack: string;
  engine: Engine;
  /** In the order in which they start. */
  services: { name: string; container: string }[];
}

/** @throws Stop when the stack is not deployed */
export function deployed(world: World, stack: string): Deployed {
  const { containers, engine } = smokeInputs(world, stack);
  const services = startOrder.flatMap((name) => {
    const container = containers[name];
    return container === undefined ? [] : [{ name, container }];
  });
  return { stack, engine, services };
}

/** Those of the named services; all where none is named. @throws Stop for a name that the stack does not have */
export function chosen({ stack, services }: Deployed, names: string[]): Deployed["services"] {
  const unknown = names.filter((name) => !services.some((service) => service.name === name));
  if (unknown.length > 0)
    throw new Stop(
      `${unknown.join(", ")}: no service of stack ${stack}; there are ${services.map(({ name }) => name).join(", ")}.`,
    );
  return names.length === 0 ? services : services.filter(({ name }) => names.includes(name));
}

export async function stop({ engine, services }: Deployed): Promise<void> {
  for (const { name, container } of services.toReversed()) {
    console.log(`stopping ${name}`);
    await docker(["stop", container], { host: engine, timeoutMs: stopPatienceMs });
  }
}

/** Resolves when all are healthy. @throws Stop when one is missing, ends, or is not healthy in time */
export async function start(running: Deployed): Promise<void> {
  const { stack, engine, services } = running;
  const names = services.map(({ container }) => container);
  const states = await containerStates(names, { host: engine });
  const missing = states.filter(({ status }) => status === "missing").map(({ name }) => name);
  if (missing.length > 0)
    throw new Stop(`${missing.join(", ")}: not there any more. Bring it back: scripts/up ${stack} --refresh`);
  for (const { name, container } of services) {
    console.log(`starting ${name}`);
    await docker(["start", container], { host: engine, timeoutMs: stopPatienceMs });
  }
  await healthy(running);
}

async function healthy({ stack, engine, services }: Deployed): Promise<void> {
  const deadline = Date.now() + startPatienceMs;
  for (const { name, container } of services)
    for (;;) {
      const health = await probedHealth(container, { host: engine });
      if (health === "healthy" || health === "running") break;
      if (["missing", "exited", "dead"].includes(health) || Date.now() > deadline)
        throw new Stop(`${name} is ${health}. Look why: scripts/logs ${stack} ${name}`);
      await delay(500);
    }
}
