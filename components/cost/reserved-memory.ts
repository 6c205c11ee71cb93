import type { PlannedResource } from "./resource.ts";

/**
 * MiB that the services of a plan may take: the limits of its containers; where those are no resources, what this
 * project's smoke checks compare them with; 0 where the plan tells neither.
 */
export function reservedMemory(resources: PlannedResource[]): number {
  const of = (type: string) => resources.filter((one) => one.type === type).map(({ inputs }) => inputs);
  const containers = of("docker:index/container:Container").map(({ memory }) => memory);
  const compared = of("pulumi-nodejs:dynamic/atlas:Smoke").flatMap(({ memoryMiB }) =>
    Object.values(memoryMiB ?? {}),
  );
  const limits = containers.length > 0 ? containers : compared;
  return limits
    .map(Number)
    .filter(Number.isFinite)
    .reduce((sum, limit) => sum + limit, 0);
}
