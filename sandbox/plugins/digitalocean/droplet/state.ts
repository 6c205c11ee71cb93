import { isIP } from "node:net";
import type { Props } from "../../bridge/schema.ts";
import { isSet } from "../../bridge/values.ts";
import type { Address, Droplet } from "../api.ts";
import { lowerCase } from "../checks.ts";
import { sha1 } from "./schema.ts";

/** What a program asked for, in the form that the state keeps. */
export function storedInputs(inputs: Props): Props {
  return {
    ...inputs,
    ...(isSet(inputs.region) && { region: lowerCase(inputs.region) }),
    ...(isSet(inputs.size) && { size: lowerCase(inputs.size) }),
    ...(isSet(inputs.userData) && { userData: sha1(inputs.userData) }),
  };
}

/** The Droplet as it is; what the API does not tell (image, keys, user data, policies) stays as it was known. */
export function dropletState(droplet: Droplet, known: Props): Props {
  const { features, size, networks } = droplet;
  return {
    ...known,
    name: droplet.name,
    region: droplet.region?.slug ?? null,
    size: size?.slug ?? droplet.size_slug,
    priceHourly: size?.price_hourly ?? 0,
    priceMonthly: size?.price_monthly ?? 0,
    disk: droplet.disk,
    vcpus: droplet.vcpus,
    memory: droplet.memory,
    status: droplet.status,
    locked: droplet.locked,
    createdAt: droplet.created_at,
    vpcUuid: droplet.vpc_uuid ?? "",
    dropletUrn: `do:droplet:${droplet.id}`,
    ipv4Address: addressOf(networks?.v4, "public"),
    ipv4AddressPrivate: addressOf(networks?.v4, "private"),
    ipv6Address: addressOf(networks?.v6, "public").toLowerCase(),
    publicNetworking: addressOf(networks?.v4, "public") !== "",
    volumeIds: droplet.volume_ids ?? [],
    tags: droplet.tags ?? null,
    ...(droplet.gpu_partition_mode && { gpuPartitionMode: droplet.gpu_partition_mode }),
    ...(features && {
      backups: features.includes("backups"),
      ipv6: features.includes("ipv6"),
      privateNetworking: features.includes("private_networking"),
      monitoring: features.includes("monitoring"),
    }),
  };
}

/** At an import nothing is known: the image is taken as it is now. */
export function importedDroplet(droplet: Droplet): Props {
  const image = droplet.image?.slug || String(droplet.image?.id ?? "");
  return dropletState(droplet, { image, resizeDisk: true, gracefulShutdown: false });
}

export function addressOf(addresses: Address[] | undefined, type: string): string {
  return (
    addresses?.find((address) => address.type === type && isIP(address.ip_address) > 0)?.ip_address ?? ""
  );
}
