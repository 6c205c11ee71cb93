import { flag } from "../../bridge/props.ts";
import { boolean, type FunctionDefinition, list, number, type Props, string } from "../../bridge/schema.ts";
import { isSet } from "../../bridge/values.ts";
import type { Droplet } from "../api.ts";
import { notEmpty } from "../checks.ts";
import type { DigitalOcean } from "../client.ts";
import { addressOf, dropletState } from "../droplet/state.ts";
import { calling } from "../errors.ts";
import { exactlyOne, only } from "./one.ts";

export const getDroplet: FunctionDefinition<DigitalOcean> = {
  inputs: {
    gpu: boolean({ default: false }),
    id: number({ validate: notEmpty }),
    name: string({ validate: notEmpty }),
    tag: string({ validate: notEmpty }),
  },
  outputs: {
    backups: boolean(),
    createdAt: string(),
    disk: number(),
    gpuPartitionMode: string(),
    image: string(),
    ipv4Address: string(),
    ipv4AddressPrivate: string(),
    ipv6: boolean(),
    ipv6Address: string(),
    ipv6AddressPrivate: string(),
    locked: boolean(),
    memory: number(),
    monitoring: boolean(),
    priceHourly: number(),
    priceMonthly: number(),
    privateNetworking: boolean(),
    region: string(),
    size: string(),
    status: string(),
    tags: list(string()),
    urn: string(),
    vcpus: number(),
    volumeIds: list(string()),
    vpcUuid: string(),
  },
  async call({ client }, args) {
    exactlyOne(args, ["id", "name", "tag"]);
    const found = await findDroplet(client, args);
    return {
      ...dropletState(found, { gpuPartitionMode: "" }),
      id: found.id,
      image: found.image?.slug || String(found.image?.id ?? ""),
      ipv6AddressPrivate: addressOf(found.networks?.v6, "private").toLowerCase(),
      urn: `do:droplet:${found.id}`,
    };
  },
};

async function findDroplet(client: DigitalOcean, { id, name, tag, gpu }: Props): Promise<Droplet> {
  if (isSet(id)) return (await client.get<{ droplet: Droplet }>(`droplets/${id}`)).droplet;
  const path = flag(gpu) ? "droplets?type=gpus" : "droplets";
  const all = await calling("Error retrieving droplets", () => client.list<Droplet>(path, "droplets"));
  const found = isSet(name)
    ? all.filter((droplet) => droplet.name === name)
    : all.filter(({ tags = [] }) => tags.includes(String(tag)));
  return only(found, "droplet", isSet(name) ? `name ${name}` : `tag ${tag}`);
}
