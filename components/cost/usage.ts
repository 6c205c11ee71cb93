// What no plan knows and a bill depends on: traffic, stored data. Read from a file in the shape of Infracost's usage file.
import Big from "big.js";
import { parseDocument } from "yaml";
import { z } from "zod";
import { tokenOf } from "./pricing/types.ts";
import { keyOf, type PlannedResource } from "./resource.ts";

/** By resource name, or by `type::name` where two that take usage share a name. */
export type Usage = Record<string, Quantities>;

/** Of a month. */
export type Quantities = z.output<typeof quantities>;
export type Quantity = keyof Quantities;

const quantity = z
  .string("must be a number")
  .regex(/^\d+(\.\d+)?$/, "must be a number such as 250 or 0.5")
  .transform((text) => Big(text))
  .optional();

const shape = {
  /** Outbound traffic of a droplet, or of a pool's nodes, above the team's allowance. */
  egress_overage_gib: quantity,
  /** Data that a snapshot stores. */
  snapshot_gib: quantity,
  /** Data in a bucket or registry, all of it: what is included is taken off here. */
  storage_gib: quantity,
  /** Traffic out of a bucket, all of it. */
  outbound_gib: quantity,
  cold_storage_gib: quantity,
  cold_retrieval_gib: quantity,
  /** Of a global load balancer, all of them. */
  requests_million: quantity,
  transfer_gb: quantity,
  domains: quantity,
};

const quantities = z.strictObject(shape, {
  error: (issue) =>
    issue.code === "unrecognized_keys"
      ? `has the unknown ${issue.keys.join(", ")}; known are ${Object.keys(shape).join(", ")}`
      : "must be quantities by name, such as egress_overage_gib: 100",
});

const schema = z.strictObject({
  version: z.literal("0.1", "must be 0.1"),
  resource_usage: z.record(z.string(), quantities, "must be quantities by resource name"),
});

/** Which quantities a resource of a type is billed by. */
export const usageTaken: ReadonlyMap<string, readonly Quantity[]> = new Map(
  Object.entries<Quantity[]>({
    Droplet: ["egress_overage_gib"],
    DropletAutoscale: ["egress_overage_gib"],
    KubernetesCluster: ["egress_overage_gib"],
    KubernetesNodePool: ["egress_overage_gib"],
    DropletSnapshot: ["snapshot_gib"],
    VolumeSnapshot: ["snapshot_gib"],
    SpacesBucket: ["storage_gib", "outbound_gib", "cold_storage_gib", "cold_retrieval_gib"],
    ContainerRegistry: ["storage_gib"],
    ContainerRegistries: ["storage_gib"],
    LoadBalancer: ["requests_million", "transfer_gb", "domains"],
  }).map(([name, quantities]) => [tokenOf(name), quantities]),
);

/**
 * The usage in a file's text: `version: 0.1`, and under `resource_usage:` quantities by resource name.
 * @throws Error that names every fault
 */
export function parseUsage(text: string): Usage {
  // This schema of YAML's takes every scalar as it is written, so that 0.1 is a tenth and not the nearest float.
  const document = parseDocument(text, { schema: "failsafe" });
  const faults = document.errors.map(({ message }) => message);
  if (faults.length > 0) throw new Error(`The usage file is no YAML:\n${faults.join("\n")}`);
  const usage = schema.safeParse(document.toJS());
  if (!usage.success) throw new Error(`The usage file is at fault:\n${z.prettifyError(usage.error)}`);
  return usage.data.resource_usage;
}

/** Finds the usage of any of these resources; empty where the file has none of it. */
export function usageReader(
  usage: Usage,
  resources: PlannedResource[],
): (resource: PlannedResource) => Quantities {
  if (Object.keys(usage).length === 0) return () => none;
  const entryOf = entryFinder(usage, resources);
  return (resource) => usage[entryOf(resource) ?? ""] ?? none;
}

/** What the file says of nothing in the plan, a sentence each: the bill does not count it. */
export function unusedUsage(usage: Usage, resources: PlannedResource[]): string[] {
  const entryOf = entryFinder(usage, resources);
  const takenBy = new Map(
    resources.flatMap((resource) => {
      const entry = entryOf(resource);
      return entry === undefined ? [] : [[entry, usageTaken.get(resource.type) ?? []] as const];
    }),
  );
  return Object.entries(usage).flatMap(([entry, quantities]) => {
    const quantitiesTaken = takenBy.get(entry);
    if (!quantitiesTaken) return [noSuchResource(entry, resources)];
    return Object.keys(quantities)
      .filter((name) => !quantitiesTaken.some((taken) => taken === name))
      .map((name) => `${entry} does not take ${name}, only ${quantitiesTaken.join(", ")}`);
  });
}

const none: Quantities = {};

/** By its type and name, or by its name alone where no other that takes usage has it. */
function entryFinder(usage: Usage, resources: PlannedResource[]) {
  const namesakes = new Map<string, number>();
  for (const { type, name } of resources)
    if (usageTaken.has(type)) namesakes.set(name, (namesakes.get(name) ?? 0) + 1);
  return (resource: PlannedResource): string | undefined => {
    if (!usageTaken.has(resource.type)) return undefined;
    const { name } = resource;
    const entries = namesakes.get(name) === 1 ? [keyOf(resource), name] : [keyOf(resource)];
    return entries.find((entry) => Object.hasOwn(usage, entry));
  };
}

function noSuchResource(entry: string, resources: PlannedResource[]): string {
  const keys = resources.filter(({ type, name }) => name === entry && usageTaken.has(type)).map(keyOf);
  if (keys.length > 1) return `${entry} is the name of ${keys.length} resources: say which, as in ${keys[0]}`;
  if (keys.length === 1) return `${entry} is given as ${keys[0]} too, which is what counts`;
  return resources.some(({ name }) => name === entry)
    ? `${entry} is not billed by use`
    : `${entry} is no resource of this plan`;
}
