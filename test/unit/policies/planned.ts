// Short forms of planned resources.
import { keyOf, type PlannedResource } from "../../../components/cost/resource.ts";
import { type PolicyContext, violations } from "../../../components/policies.ts";

const types = {
  Droplet: "digitalocean:index/droplet:Droplet",
  Firewall: "digitalocean:index/firewall:Firewall",
  Tag: "digitalocean:index/tag:Tag",
  Volume: "digitalocean:index/volume:Volume",
  ReservedIp: "digitalocean:index/reservedIp:ReservedIp",
  DatabaseCluster: "digitalocean:index/databaseCluster:DatabaseCluster",
  DatabaseFirewall: "digitalocean:index/databaseFirewall:DatabaseFirewall",
  SpacesBucket: "digitalocean:index/spacesBucket:SpacesBucket",
  LoadBalancer: "digitalocean:index/loadBalancer:LoadBalancer",
  Container: "docker:index/container:Container",
  RemoteImage: "docker:index/remoteImage:RemoteImage",
  DockerVolume: "docker:index/volume:Volume",
  Smoke: "pulumi-nodejs:dynamic/atlas:Smoke",
};

type Kind = keyof typeof types;

export const planned = (
  kind: Kind,
  name: string,
  inputs: Record<string, unknown> = {},
  { uses = {}, protect = false }: { uses?: Record<string, PlannedResource[]>; protect?: boolean } = {},
): PlannedResource => ({
  type: types[kind],
  name,
  inputs,
  uses: Object.fromEntries(Object.entries(uses).map(([input, resources]) => [input, resources.map(keyOf)])),
  protect,
});

/** `policy: value` of each violation of one policy. */
export const broken = (
  policy: string,
  resources: PlannedResource[],
  context: PolicyContext = { production: true },
): string[] =>
  violations(resources, context)
    .filter((violation) => violation.policy === policy)
    .map(({ name, value }) => `${name}: ${value}`);
