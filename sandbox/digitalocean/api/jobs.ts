// What an action does when its turn comes: first to the machines, then to the books. Kept in the books with the action,
// so that the next process can do it again; every machine call may be repeated.

import type { PowerAct } from "../machines.ts";
import { findSize } from "./catalogue.ts";
import { ruleset } from "./firewalls/enforce.ts";
import { type Account, type Action, type BackupPolicy, type Droplet, next, type Volume } from "./state.ts";
import { type Twin, timestamp } from "./twin.ts";

export type Job =
  | { do: "create"; deaf: boolean }
  | { do: "wait for ever" }
  | { do: "destroy" }
  | { do: "power"; act: PowerAct }
  | { do: "resize"; size: string; disk: boolean }
  | { do: "rename"; name: string }
  | { do: "rebuild"; image: string }
  | { do: "snapshot"; name: string }
  | { do: "set backups"; policy?: BackupPolicy | undefined }
  | { do: "enable ipv6" }
  | { do: "reset password" }
  | { do: "attach" }
  | { do: "detach" }
  | { do: "grow"; gigabytes: number }
  | { do: "assign" }
  | { do: "unassign" };

export async function perform(twin: Twin, account: Account, action: Action): Promise<"done" | "goes on"> {
  const { job } = action;
  if (job.do === "wait for ever") return "goes on";
  if (job.do === "grow") await grow(twin, volumeOf(account, action), job.gigabytes);
  else if (job.do === "assign" || job.do === "unassign") await move(twin, account, action, job.do);
  else await onDroplet(twin, account, action, dropletOf(account, action), job);
  return "done";
}

type DropletJob = Exclude<Job, { do: "wait for ever" | "grow" | "assign" | "unassign" }>;

async function onDroplet(
  twin: Twin,
  account: Account,
  action: Action,
  droplet: Droplet,
  job: DropletJob,
): Promise<void> {
  switch (job.do) {
    case "create":
      if (!job.deaf) await boot(twin, account, droplet);
      droplet.status = "active";
      return;
    case "destroy":
      return await destroy(twin, account, droplet);
    case "power":
      return await power(twin, account, droplet, job.act);
    case "resize":
      return await resize(twin, droplet, job);
    case "rename":
      droplet.name = job.name;
      return;
    case "rebuild":
      if (droplet.has_machine) await twin.machines.destroyDroplet(droplet.id);
      droplet.has_machine = false;
      droplet.image = job.image;
      await boot(twin, account, droplet);
      droplet.status = "active";
      return;
    case "snapshot":
      account.snapshots.push(dropletSnapshot(twin, droplet, job.name));
      return;
    case "set backups":
      droplet.backup_policy = job.policy;
      return;
    case "enable ipv6":
      droplet.ipv6_address = ipv6Address(droplet.id);
      return;
    case "reset password":
      return;
    case "attach":
      return await attach(twin, droplet, volumeOf(account, action));
    case "detach":
      return await detach(twin, droplet, volumeOf(account, action));
  }
}

/** Also after the machine was lost: everything that belongs to the droplet is put to it again. */
async function boot(twin: Twin, account: Account, droplet: Droplet): Promise<void> {
  await twin.machines.createDroplet({
    id: droplet.id,
    name: droplet.name,
    userData: droplet.user_data,
    publicKeys: droplet.public_keys,
    publicAddress: droplet.public_address,
    memoryMiB: droplet.memory,
    vcpus: droplet.vcpus,
  });
  droplet.has_machine = true;
  await guard(twin, account, droplet);
  for (const volume of volumesOn(account, droplet)) await twin.machines.attachVolume(volume.id, droplet.id);
  for (const { ip, droplet_id } of account.reserved_ips)
    if (droplet_id === droplet.id) await twin.machines.assignAddress(ip, droplet.id);
}

/** Before the droplet is called active, so that nobody finds it without its firewall. */
async function guard(twin: Twin, account: Account, droplet: Droplet): Promise<void> {
  const rules = ruleset(account, droplet);
  await twin.machines.setFirewall(droplet.id, rules);
  twin.rulesInForce.set(droplet.id, JSON.stringify(rules));
}

async function destroy(twin: Twin, account: Account, droplet: Droplet): Promise<void> {
  // As when somebody pulls the plug; a disk comes out of a machine that is off whatever was using it.
  if (droplet.has_machine) await twin.machines.power(droplet.id, "power_off");
  for (const volume of volumesOn(account, droplet)) await detach(twin, droplet, volume);
  for (const reserved of account.reserved_ips.filter(({ droplet_id }) => droplet_id === droplet.id)) {
    await twin.machines.assignAddress(reserved.ip, undefined);
    reserved.droplet_id = undefined;
  }
  await twin.machines.destroyDroplet(droplet.id);
  twin.rulesInForce.delete(droplet.id);
  account.droplets = account.droplets.filter((other) => other !== droplet);
  for (const { droplet_ids, inbound, outbound } of account.firewalls)
    for (const ids of [droplet_ids, ...[...inbound, ...outbound].map(({ peers }) => peers.droplet_ids ?? [])])
      if (ids.includes(droplet.id)) ids.splice(ids.indexOf(droplet.id), 1);
  delete account.assigned[`do:droplet:${droplet.id}`];
}

async function power(twin: Twin, account: Account, droplet: Droplet, act: PowerAct): Promise<void> {
  const starts = act !== "power_off" && act !== "shutdown";
  if (droplet.has_machine) await twin.machines.power(droplet.id, act);
  else if (starts) await boot(twin, account, droplet);
  droplet.status = starts ? "active" : "off";
}

async function resize(twin: Twin, droplet: Droplet, job: { size: string; disk: boolean }): Promise<void> {
  const size = findSize(job.size);
  if (!size) throw new Error(`There is no size ${job.size}.`);
  const { memory, vcpus } = size;
  if (droplet.has_machine) await twin.machines.resizeDroplet(droplet.id, { memoryMiB: memory, vcpus });
  Object.assign(droplet, { size: size.slug, memory, vcpus, disk: job.disk ? size.disk : droplet.disk });
}

async function attach(twin: Twin, droplet: Droplet, volume: Volume): Promise<void> {
  if (droplet.has_machine) await twin.machines.attachVolume(volume.id, droplet.id);
  volume.droplet_id = droplet.id;
}

async function detach(twin: Twin, droplet: Droplet, volume: Volume): Promise<void> {
  if (droplet.has_machine) await twin.machines.detachVolume(volume.id, droplet.id);
  volume.droplet_id = undefined;
}

async function grow(twin: Twin, volume: Volume, gigabytes: number): Promise<void> {
  await twin.machines.resizeVolume(volume.id, gigabytes);
  volume.size_gigabytes = gigabytes;
}

async function move(
  twin: Twin,
  account: Account,
  action: Action,
  direction: "assign" | "unassign",
): Promise<void> {
  const reserved = account.reserved_ips.find(({ ip }) => ip === action.ip);
  if (!reserved) throw new Error(`The reserved address ${action.ip} is gone.`);
  const droplet = direction === "assign" ? dropletOf(account, action) : undefined;
  if (!droplet || droplet.has_machine) await twin.machines.assignAddress(reserved.ip, droplet?.id);
  reserved.droplet_id = droplet?.id;
}

/** Undoes what was taken in advance for a job that failed. */
export function abandon(account: Account, action: Action): void {
  if (action.job.do !== "create") return;
  for (const volume of account.volumes)
    if (volume.droplet_id === action.droplet_id) volume.droplet_id = undefined;
}

/** The documentation's own range: nothing answers there. */
export const ipv6Address = (dropletId: number): string =>
  `2001:db8::${(dropletId >>> 16).toString(16)}:${(dropletId & 0xffff).toString(16)}`;

const dropletSnapshot = (twin: Twin, droplet: Droplet, name: string) => ({
  id: String(next(twin.state, "snapshot")),
  name,
  created_at: timestamp(twin),
  region: droplet.region,
  resource_id: String(droplet.id),
  resource_type: "droplet" as const,
  min_disk_size: droplet.disk,
  size_gigabytes: droplet.disk,
  tags: [],
});

const volumesOn = (account: Account, droplet: Droplet): Volume[] =>
  account.volumes.filter(({ droplet_id }) => droplet_id === droplet.id);

function dropletOf(account: Account, action: Action): Droplet {
  const droplet = account.droplets.find(({ id }) => id === action.droplet_id);
  if (!droplet) throw new Error(`The droplet ${action.droplet_id} is gone.`);
  return droplet;
}

function volumeOf(account: Account, action: Action): Volume {
  const volume = account.volumes.find(({ id }) => id === action.volume_id);
  if (!volume) throw new Error(`The volume ${action.volume_id} is gone.`);
  return volume;
}
