// The pricing rules: for each type of resource what is billed, and nothing that is not known counted as nothing.
import type { Line } from "../estimate.ts";
import type { PriceBook } from "../price-book.ts";
import type { PlannedResource } from "../resource.ts";
import { type Usage, usageReader } from "../usage.ts";
import { databaseClusters, databaseReplicas } from "./databases.ts";
import { autoscalePools, droplets, nodePools } from "./droplets.ts";
import { kubernetesClusters } from "./kubernetes-clusters.ts";
import { type Context, each, type Product, unpricedLine } from "./line.ts";
import { loadBalancers } from "./load-balancers.ts";
import { otherProviderFault } from "./other-providers.ts";
import { registries } from "./registries.ts";
import { reservedIps } from "./reserved-ips.ts";
import { spacesBuckets } from "./spaces.ts";
import { free, tokenOf, unread } from "./types.ts";
import { uptimeChecks } from "./uptime-checks.ts";
import { snapshots, volumes } from "./volumes.ts";

const nothing: Product = each(() => []);
const notKnown = (why: string): Product =>
  each(({ type }, { book }) => [unpricedLine(book, shortName(type), why)]);

const mapped = (reasons: Record<string, string>, product: (why: string) => Product) =>
  Object.fromEntries(Object.entries(reasons).map(([name, why]) => [name, product(why)]));

/** By type token: every resource type of @pulumi/digitalocean. */
export const products: ReadonlyMap<string, Product> = new Map(
  Object.entries<Product>({
    Droplet: droplets,
    DropletAutoscale: autoscalePools,
    Volume: volumes,
    DropletSnapshot: snapshots,
    VolumeSnapshot: snapshots,
    ReservedIp: reservedIps,
    FloatingIp: reservedIps,
    LoadBalancer: loadBalancers,
    DatabaseCluster: databaseClusters,
    DatabaseReplica: databaseReplicas,
    KubernetesCluster: kubernetesClusters,
    KubernetesNodePool: nodePools,
    SpacesBucket: spacesBuckets,
    ContainerRegistry: registries,
    ContainerRegistries: registries,
    UptimeCheck: uptimeChecks,
    ...mapped(free, () => nothing),
    ...mapped(unread, notKnown),
  }).map(([name, product]) => [tokenOf(name), product]),
);

/**
 * The bill of each resource, by name; resources without a bill have no lines.
 * @param resources custom resources, without components
 */
export function linesFor(
  resources: PlannedResource[],
  book: PriceBook,
  usage: Usage,
): [PlannedResource, Line[]][] {
  // What the first of several pays is paid by the same one, in whatever order they come.
  const groups = Map.groupBy(resources.toSorted(byName), ({ type }) => type);
  const context: Context = {
    book,
    usageOf: usageReader(usage, resources),
    all: (...types) => types.flatMap((type) => groups.get(type) ?? []),
  };
  return [...groups].flatMap(([type, group]) => {
    const lines = (products.get(type) ?? withoutRule)(group, context);
    return group.map((resource, index): [PlannedResource, Line[]] => [resource, lines[index] ?? []]);
  });
}

const withoutRule: Product = each((resource, { book }) => {
  const fault = resource.type.startsWith("digitalocean:")
    ? "this type is newer than the pricing rules"
    : otherProviderFault(resource);
  return fault === undefined ? [] : [unpricedLine(book, shortName(resource.type), fault)];
});

/** `Droplet` of `digitalocean:index/droplet:Droplet`. */
const shortName = (type: string): string => type.slice(type.lastIndexOf(":") + 1);

function byName(a: PlannedResource, b: PlannedResource): number {
  return compare(a.name, b.name) || compare(a.urn ?? "", b.urn ?? "");
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
