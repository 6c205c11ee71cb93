import { z } from "zod";
import { imageLabel } from "../../../components/hosts/policy.ts";
import { type ServiceName, serviceNames } from "../../../components/services/service.ts";
import { containerOf, type Deployment } from "../../deployment.ts";
import { docker, existing } from "../../docker.ts";
import type { ContainerFacts } from "../condition.ts";

const inspectedSchema = z.array(
  z.object({
    Name: z.string(),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()).nullable() }),
    State: z.object({
      Status: z.string(),
      StartedAt: z.string(),
      Health: z.object({ Status: z.string() }).optional(),
    }),
    RestartCount: z.number(),
    HostConfig: z.object({ Memory: z.number() }),
  }),
);
type Inspected = z.output<typeof inspectedSchema>[number];

const statsSchema = z.object({ Name: z.string(), MemUsage: z.string() });

export const servicesOf = ({ storage }: Deployment): ServiceName[] =>
  serviceNames.filter((name) => storage || name !== "storage");

/**
 * Each service's container, also where there is none.
 * @throws DockerError where the engine does not answer
 */
export async function containerFacts(deployment: Deployment): Promise<ContainerFacts[]> {
  // A container that is replaced at this moment makes the commands fail; the next time it is there, or missing.
  return measured(deployment).catch(() => measured(deployment));
}

async function measured(deployment: Deployment): Promise<ContainerFacts[]> {
  const services = servicesOf(deployment).map((service) => ({
    service,
    container: containerOf(deployment, service),
  }));
  const names = await existing(services.map(({ container }) => container));
  const inspected = await inspect(names);
  const memory = await memoryInUse(
    names.filter((name) => inspected.find(isCalled(name))?.State.Status === "running"),
  );
  return services.map(({ service, container }) => {
    const found = inspected.find(isCalled(container));
    return found
      ? { service, container, ...factsOf(found), memoryBytes: memory.get(container) }
      : { service, container, ...missing };
  });
}

const isCalled = (name: string) => (one: Inspected) => one.Name === `/${name}`;

const inspect = async (names: string[]): Promise<Inspected[]> =>
  names.length === 0
    ? []
    : inspectedSchema.parse(JSON.parse(await docker(["inspect", "--type", "container", ...names])));

const factsOf = ({ Config, State, RestartCount, HostConfig }: Inspected) => ({
  image: Config.Labels?.[imageLabel] ?? Config.Image,
  status: State.Status,
  health: State.Health?.Status ?? "none",
  restarts: RestartCount,
  startedAt: State.StartedAt,
  memoryLimitBytes: HostConfig.Memory,
});

const missing = {
  image: "",
  status: "missing",
  health: "none",
  restarts: 0,
  startedAt: undefined,
  memoryBytes: undefined,
  memoryLimitBytes: 0,
};

/** Without the pages that the kernel can drop at once, as docker reckons. */
async function memoryInUse(names: string[]): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const lines = await docker(["stats", "--no-stream", "--format", "json", ...names]);
  return new Map(
    lines
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => statsSchema.parse(JSON.parse(line)))
      .map(({ Name, MemUsage }) => [Name, bytesOf(MemUsage.split(" / ")[0] ?? "")]),
  );
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** @param text as docker writes sizes: 263.6MiB */
export function bytesOf(text: string): number {
  const [, figure, unit = ""] = /^([\d.]+)([KMGT]?i?B)$/.exec(text) ?? [];
  const power = units.indexOf(unit);
  if (figure === undefined || power < 0)
    throw new Error(`docker stats: "${text}" is no size that is known here`);
  return Math.round(Number(figure) * 1024 ** power);
}
