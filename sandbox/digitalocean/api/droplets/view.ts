import { isLocked } from "../actions.ts";
import { findImage, findSize, regionOf } from "../catalogue.ts";
import { gatewayOf, netmaskOf } from "../network/ranges.ts";
import type { Account, Droplet } from "../state.ts";
import type { Twin } from "../twin.ts";
import { nextBackupWindow } from "./backups.ts";

export function dropletView(twin: Twin, account: Account, droplet: Droplet) {
  const snapshots = account.snapshots.filter(
    ({ resource_type, resource_id }) => resource_type === "droplet" && resource_id === String(droplet.id),
  );
  return {
    id: droplet.id,
    name: droplet.name,
    memory: droplet.memory,
    vcpus: droplet.vcpus,
    disk: droplet.disk,
    disk_info: [{ type: "local", size: { amount: droplet.disk, unit: "gib" } }],
    locked: isLocked(account, droplet),
    status: droplet.status,
    kernel: null,
    created_at: droplet.created_at,
    features: features(droplet),
    backup_ids: [],
    next_backup_window: nextBackupWindow(droplet.backup_policy, twin.now()),
    snapshot_ids: snapshots.map(({ id }) => Number(id)),
    image: findImage(droplet.image),
    volume_ids: account.volumes.filter(({ droplet_id }) => droplet_id === droplet.id).map(({ id }) => id),
    size: findSize(droplet.size),
    size_slug: droplet.size,
    networks: networks(twin, account, droplet),
    region: regionOf(droplet.region),
    tags: droplet.tags,
    vpc_uuid: droplet.vpc_uuid,
  };
}

const features = (droplet: Droplet): string[] => [
  ...(droplet.backup_policy ? ["backups"] : []),
  ...(droplet.monitoring ? ["monitoring"] : []),
  ...(droplet.ipv6_address ? ["ipv6"] : []),
  "private_networking",
  "droplet_agent",
];

/** Addresses are known when the machine is: a new droplet has none. */
function networks(twin: Twin, account: Account, droplet: Droplet) {
  if (droplet.status === "new") return { v4: [], v6: [] };
  const range = account.vpcs.find(({ id }) => id === droplet.vpc_uuid)?.ip_range ?? "10.0.0.0/8";
  const ownNetwork = {
    ip_address: droplet.private_address,
    netmask: netmaskOf(range),
    gateway: gatewayOf(range),
    type: "private",
  };
  const open = {
    ip_address: droplet.public_address,
    netmask: "255.255.255.0",
    gateway: `${twin.addressPrefix}.0.1`,
    type: "public",
  };
  const v6 = droplet.ipv6_address
    ? [{ ip_address: droplet.ipv6_address, netmask: 64, gateway: "2001:db8::1", type: "public" }]
    : [];
  return { v4: droplet.public_networking ? [open, ownNetwork] : [ownNetwork], v6 };
}
