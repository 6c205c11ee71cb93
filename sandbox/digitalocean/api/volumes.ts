import { randomUUID } from "node:crypto";
import { z } from "zod";
import { volume_limit } from "./account.ts";
import { actionView, begin, newestFirst, pending, requireNoEvent } from "./actions.ts";
import { findRegion, regionOf } from "./catalogue.ts";
import { loseAttachRace } from "./faults.ts";
import { type Call, found, idParameter, parameter, readBody } from "./http/call.ts";
import { badRequest, conflict, notFound, serverError, unprocessable } from "./http/errors.ts";
import { noContent, ok, page, type Reply } from "./http/reply.ts";
import { route } from "./http/router.ts";
import type { Job } from "./jobs.ts";
import { createVolumeSnapshot, snapshotView } from "./snapshots.ts";
import type { Account, Action, Volume } from "./state.ts";
import { useTags } from "./tags.ts";
import { messageOf, timestamp } from "./twin.ts";

const MAX_GIBIBYTES = 16_384;
const MAX_ON_DROPLET = 15;
const LABEL_LENGTH = { "": 0, ext4: 16, xfs: 12 };

const gibibytes = z
  .int("size_gigabytes is required")
  .min(1, "size_gigabytes must be at least 1")
  .max(MAX_GIBIBYTES, `size_gigabytes must be at most ${MAX_GIBIBYTES}`);

const volumeBody = z.object({
  name: z
    .string("name is required")
    .regex(
      /^[a-z][a-z0-9-]{0,63}$/,
      "Volume name must begin with a lowercase letter and may contain only lowercase letters, numbers and dashes, at most 64 characters.",
    ),
  region: z.string().optional(),
  size_gigabytes: gibibytes,
  description: z.string().max(255, "description is too long").default(""),
  filesystem_type: z.enum(["", "ext4", "xfs"], "filesystem_type must be ext4 or xfs").default(""),
  filesystem_label: z.string().default(""),
  snapshot_id: z.string().optional(),
  tags: z.array(z.string()).optional(),
});

export const volumeView = (volume: Volume) => ({
  id: volume.id,
  name: volume.name,
  region: regionOf(volume.region),
  droplet_ids: volume.droplet_id === undefined ? [] : [volume.droplet_id],
  size_gigabytes: volume.size_gigabytes,
  description: volume.description,
  filesystem_type: volume.filesystem_type,
  filesystem_label: volume.filesystem_label,
  created_at: volume.created_at,
  tags: volume.tags,
});

async function createVolume(call: Call): Promise<Reply> {
  const { twin, account } = call;
  const body = readBody(call, volumeBody);
  if (body.snapshot_id)
    throw unprocessable(
      `The contents of snapshot ${body.snapshot_id} are not kept in this sandbox: make the volume without snapshot_id.`,
    );
  if (!body.region) throw unprocessable("region is required");
  if (!findRegion(body.region)?.available) throw unprocessable("region is invalid");
  if (body.filesystem_label.length > LABEL_LENGTH[body.filesystem_type])
    throw unprocessable(
      body.filesystem_type === ""
        ? "filesystem_label needs a filesystem_type"
        : `filesystem_label of ${body.filesystem_type} has at most ${LABEL_LENGTH[body.filesystem_type]} characters`,
    );
  if (account.volumes.some(({ name, region }) => name === body.name && region === body.region))
    throw conflict(`A volume with the name ${body.name} already exists in ${body.region}.`);
  if (account.volumes.length >= volume_limit)
    throw unprocessable(`failed to create volume: volume/snapshot count exceeds limit of ${volume_limit}`);
  const volume: Volume = {
    id: randomUUID(),
    name: body.name,
    region: body.region,
    size_gigabytes: body.size_gigabytes,
    description: body.description,
    filesystem_type: body.filesystem_type,
    filesystem_label: body.filesystem_label,
    tags: useTags(account, body.tags),
    created_at: timestamp(twin),
  };
  // In the books first: the name is taken from now on.
  account.volumes.push(volume);
  try {
    await twin.machines.createVolume({
      id: volume.id,
      name: volume.name,
      gibibytes: volume.size_gigabytes,
      filesystem: volume.filesystem_type,
      label: volume.filesystem_label,
    });
  } catch (error) {
    account.volumes = account.volumes.filter((other) => other !== volume);
    twin.log(`The volume ${volume.name} could not be made: ${messageOf(error)}`);
    throw serverError();
  }
  return ok({ volume: volumeView(volume) }, 201);
}

async function deleteVolume({ twin, account }: Call, volume: Volume): Promise<Reply> {
  if (volume.droplet_id !== undefined)
    throw conflict("A volume that's attached to a Droplet cannot be deleted");
  if (pending(account, ({ volume_id }) => volume_id === volume.id))
    throw conflict("The volume has a pending event.");
  // Out of the books first: nothing can be attached to what is being taken away.
  account.volumes = account.volumes.filter((other) => other !== volume);
  try {
    await twin.machines.destroyVolume(volume.id);
  } catch (error) {
    account.volumes.push(volume);
    twin.log(`The volume ${volume.name} could not be deleted: ${messageOf(error)}`);
    throw serverError();
  }
  delete account.assigned[`do:volume:${volume.id}`];
  return noContent();
}

const volumeOf = (call: Call): Volume => found(call.account.volumes.find(({ id }) => id === parameter(call)));

/** By name and region, as far as they are given. */
const named = ({ account, query }: Call): Volume[] => {
  const [name, region] = [query.get("name"), query.get("region")];
  return account.volumes.filter(
    (volume) => (!name || volume.name === name) && (!region || volume.region === region),
  );
};

const volumeActionBody = z.object({
  type: z.enum(["attach", "detach", "resize"], "Invalid type of volume action"),
  volume_name: z.string().optional(),
  region: z.string().optional(),
  droplet_id: z.coerce.number().int().optional(),
  size_gigabytes: gibibytes.optional(),
  tags: z.array(z.string()).optional(),
});

type ActionBody = z.infer<typeof volumeActionBody>;

function act(call: Call, volume: Volume, body: ActionBody): Action {
  const { twin, account } = call;
  if (body.region && body.region !== volume.region)
    throw unprocessable(`The volume is in ${volume.region}, not in ${body.region}.`);
  const { type, job } = orderFor(account, volume, body);
  if (pending(account, ({ volume_id }) => volume_id === volume.id))
    throw unprocessable("The volume already has a pending event.");
  if (body.type === "attach")
    volume.tags.push(...useTags(account, body.tags).filter((tag) => !volume.tags.includes(tag)));
  return begin(twin, account, {
    type,
    region: volume.region,
    resource: { type: "backend" },
    on: { volume_id: volume.id, ...(job.do !== "grow" && { droplet_id: body.droplet_id }) },
    job,
  });
}

function orderFor(account: Account, volume: Volume, body: ActionBody): { type: string; job: Job } {
  if (body.type === "resize") {
    const gigabytes = body.size_gigabytes;
    if (gigabytes === undefined) throw unprocessable("size_gigabytes is required");
    if (gigabytes <= volume.size_gigabytes)
      throw unprocessable(
        `size_gigabytes must be larger than the current size of ${volume.size_gigabytes}: volumes can only grow`,
      );
    return { type: "resize", job: { do: "grow", gigabytes } };
  }
  if (body.droplet_id === undefined) throw unprocessable("droplet_id is required");
  const droplet = account.droplets.find(({ id }) => id === body.droplet_id);
  if (body.type === "detach") {
    if (!droplet || volume.droplet_id !== droplet.id) throw unprocessable("Attachment not found");
    requireNoEvent(account, droplet);
    return { type: "detach_volume", job: { do: "detach" } };
  }
  if (!droplet) throw notFound();
  if (loseAttachRace(account)) throw unprocessable("Droplet already has a pending event.");
  if (volume.droplet_id !== undefined) throw unprocessable("This volume is already attached");
  if (droplet.region !== volume.region)
    throw unprocessable("The volume and the Droplet must be in the same region.");
  requireNoEvent(account, droplet);
  if (account.volumes.filter(({ droplet_id }) => droplet_id === droplet.id).length >= MAX_ON_DROPLET)
    throw unprocessable(`A Droplet can have up to ${MAX_ON_DROPLET} volumes.`);
  return { type: "attach_volume", job: { do: "attach" } };
}

export const volumeRoutes = [
  route("POST", "/v2/volumes", createVolume),
  route("GET", "/v2/volumes", (call) => page(call, "volumes", named(call), volumeView)),
  route("DELETE", "/v2/volumes", async (call) => {
    if (!call.query.get("name") || !call.query.get("region"))
      throw badRequest("name and region are required");
    return await deleteVolume(call, found(named(call)[0]));
  }),
  route("POST", "/v2/volumes/actions", (call) => {
    const body = readBody(call, volumeActionBody);
    if (!body.volume_name) throw unprocessable("volume_name is required");
    const volume = call.account.volumes.find(
      ({ name, region }) => name === body.volume_name && (!body.region || region === body.region),
    );
    return ok({ action: actionView(act(call, found(volume), body)) }, 202);
  }),
  route("GET", "/v2/volumes/:id", (call) => ok({ volume: volumeView(volumeOf(call)) })),
  route("DELETE", "/v2/volumes/:id", (call) => deleteVolume(call, volumeOf(call))),
  route("POST", "/v2/volumes/:id/actions", (call) =>
    ok({ action: actionView(act(call, volumeOf(call), readBody(call, volumeActionBody))) }, 202),
  ),
  route("GET", "/v2/volumes/:id/actions", (call) => {
    const { id } = volumeOf(call);
    const own = call.account.actions.filter(({ volume_id }) => volume_id === id);
    return page(call, "actions", newestFirst(own), actionView);
  }),
  route("GET", "/v2/volumes/:id/actions/:action", (call) => {
    const { id } = volumeOf(call);
    const wanted = idParameter(call, "action");
    const own = call.account.actions.find((action) => action.id === wanted && action.volume_id === id);
    return ok({ action: actionView(found(own)) });
  }),
  route("POST", "/v2/volumes/:id/snapshots", (call) => createVolumeSnapshot(call, volumeOf(call))),
  route("GET", "/v2/volumes/:id/snapshots", (call) => {
    const { id } = volumeOf(call);
    const own = call.account.snapshots.filter(({ resource_id }) => resource_id === id);
    return page(call, "snapshots", own, snapshotView);
  }),
];
