// What can be done to a droplet that is there.
import { z } from "zod";
import { beginOnDroplet, requireNoEvent } from "../actions.ts";
import { findImage, findSize } from "../catalogue.ts";
import { unprocessable } from "../http/errors.ts";
import type { Job } from "../jobs.ts";
import type { Account, Action, Droplet } from "../state.ts";
import type { Twin } from "../twin.ts";
import { backupPolicy, backupPolicyBody } from "./backups.ts";
import { hostname } from "./create.ts";
import { seePower } from "./power.ts";

const reference = z.union([z.string(), z.number()]);
const plain = <T extends string>(type: T) => z.object({ type: z.literal(type) });

export const actionBody = z.discriminatedUnion(
  "type",
  [
    plain("reboot"),
    plain("power_cycle"),
    plain("shutdown"),
    plain("power_off"),
    plain("power_on"),
    plain("password_reset"),
    plain("enable_ipv6"),
    plain("enable_private_networking"),
    plain("disable_backups"),
    z.object({
      type: z.literal("resize"),
      size: z.string("size is required"),
      disk: z.boolean().default(false),
    }),
    z.object({ type: z.literal("rename"), name: hostname }),
    z.object({ type: z.literal("rebuild"), image: reference.optional() }),
    z.object({ type: z.literal("restore"), image: reference }),
    z.object({ type: z.literal("snapshot"), name: z.string().min(1).optional() }),
    z.object({ type: z.literal("enable_backups"), backup_policy: backupPolicyBody.optional() }),
    z.object({ type: z.literal("change_backup_policy"), backup_policy: backupPolicyBody }),
  ],
  "Invalid type of Droplet action",
);

type Order = z.infer<typeof actionBody>;

/** @throws ApiError when the droplet is not in a state for it */
export async function act(twin: Twin, account: Account, droplet: Droplet, order: Order): Promise<Action> {
  requireNoEvent(account, droplet);
  await seePower(twin, account, droplet);
  requireNoEvent(account, droplet);
  return beginOnDroplet(twin, account, droplet, order.type, jobFor(twin, droplet, order));
}

function jobFor(twin: Twin, droplet: Droplet, order: Order): Job {
  switch (order.type) {
    case "power_on":
      if (droplet.status === "active") throw unprocessable("Droplet is already powered on.");
      return { do: "power", act: "power_on" };
    case "shutdown":
      // Of one that is off already: no error, and nothing happens.
      return { do: "power", act: "shutdown" };
    case "power_off":
    case "reboot":
    case "power_cycle":
      if (droplet.status !== "active") throw unprocessable("Droplet is already powered off.");
      return { do: "power", act: order.type };
    case "resize":
      return resizeJob(droplet, order);
    case "rename":
      return { do: "rename", name: order.name };
    case "rebuild":
      return { do: "rebuild", image: rebuildImage(droplet, order.image) };
    case "restore":
      throw unprocessable(`There is no backup ${order.image} of this Droplet to restore.`);
    case "snapshot":
      return { do: "snapshot", name: order.name ?? `${droplet.name}-${twin.now()}` };
    case "enable_backups":
      if (droplet.backup_policy) throw unprocessable("Backups are already enabled for this Droplet.");
      return { do: "set backups", policy: backupPolicy(order.backup_policy) };
    case "change_backup_policy":
      if (!droplet.backup_policy) throw unprocessable("Backups are not enabled for this Droplet.");
      return { do: "set backups", policy: backupPolicy(order.backup_policy) };
    case "disable_backups":
      if (!droplet.backup_policy) throw unprocessable("Backups are not enabled for this Droplet.");
      return { do: "set backups" };
    case "enable_ipv6":
      if (droplet.ipv6_address) throw unprocessable("IPv6 is already enabled for this Droplet.");
      return { do: "enable ipv6" };
    case "enable_private_networking":
      throw unprocessable("Private networking is already enabled for this Droplet.");
    case "password_reset":
      return { do: "reset password" };
  }
}

function resizeJob(droplet: Droplet, order: { size: string; disk: boolean }): Job {
  const size = findSize(order.size);
  if (!size) throw unprocessable("You specified an invalid size for Droplet resize.");
  if (!size.regions.includes(droplet.region)) throw unprocessable("Size is not available in this region.");
  if (size.slug === droplet.size && (!order.disk || size.disk === droplet.disk))
    throw unprocessable("Droplet is already this size.");
  if (size.disk < droplet.disk) throw unprocessable("Size can not decrease size of Droplet's disk image");
  if (droplet.status !== "off") throw unprocessable("Droplet must be powered off before it can be resized.");
  return { do: "resize", size: size.slug, disk: order.disk };
}

function rebuildImage(droplet: Droplet, wanted: string | number | undefined): string {
  const image = findImage(wanted ?? droplet.image);
  if (!image || image.min_disk_size > droplet.disk)
    throw unprocessable("You specified an invalid image for Droplet rebuild.");
  return image.slug;
}
