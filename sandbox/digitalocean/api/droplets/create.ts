import { z } from "zod";
import { droplet_limit } from "../account.ts";
import { beginOnDroplet } from "../actions.ts";
import {
  findImage,
  findRegion,
  findSize,
  type Image,
  REGIONS,
  type Region,
  type Size,
} from "../catalogue.ts";
import { takeBootFault } from "../faults.ts";
import { type Call, readBody } from "../http/call.ts";
import { unprocessable } from "../http/errors.ts";
import { ok, type Reply } from "../http/reply.ts";
import { ipv6Address } from "../jobs.ts";
import { publicAddress } from "../network/addresses.ts";
import { freeHost } from "../network/ranges.ts";
import { vpcFor } from "../network/vpcs.ts";
import { type Account, type Action, type Droplet, next, type Volume } from "../state.ts";
import { useTags } from "../tags.ts";
import { timestamp } from "../twin.ts";
import { backupPolicy, backupPolicyBody } from "./backups.ts";
import { dropletView } from "./view.ts";

const MAX_USER_DATA = 64 * 1024;
const MAX_VOLUMES = 15;

export const hostname = z
  .string("name is required")
  .min(1, "Name can't be blank")
  .max(255, "Name is too long (maximum is 255 characters)")
  .regex(
    /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/,
    "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)",
  );

const reference = z.union([z.string(), z.number()]);

const dropletBody = z.object({
  name: hostname.optional(),
  names: z.array(hostname).min(1).max(10, "Only up to 10 Droplets can be created at once.").optional(),
  region: z.string().optional(),
  size: z.string("You specified an invalid size for Droplet creation."),
  image: z.union(
    [reference, z.object({ id: reference })],
    "You specified an invalid image for Droplet creation.",
  ),
  ssh_keys: z.array(reference).default([]),
  backups: z.boolean().default(false),
  backup_policy: backupPolicyBody.optional(),
  ipv6: z.boolean().default(false),
  monitoring: z.boolean().default(false),
  tags: z.array(z.string()).optional(),
  user_data: z.string().default(""),
  volumes: z.array(z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])).default([]),
  vpc_uuid: z.string().optional(),
  private_networking: z.boolean().optional(),
  with_droplet_agent: z.boolean().optional(),
  public_networking: z.boolean().default(true),
});

type Body = z.infer<typeof dropletBody>;

export function createDroplets(call: Call): Reply {
  const { twin, account } = call;
  const body = readBody(call, dropletBody);
  if (body.name === undefined && !body.names) throw unprocessable("Name can't be blank");
  const names = body.names ?? [body.name ?? ""];
  if (account.droplets.length + names.length > droplet_limit)
    throw unprocessable("creating this/these droplet(s) will exceed your droplet limit");
  const order = checked(account, body, names.length);
  const created = names.map((name) => create(call, body, order, name));
  const view = ({ droplet }: { droplet: Droplet }) => dropletView(twin, account, droplet);
  const links = { actions: created.map(({ action }) => actionLink(call, action)) };
  const [first] = created;
  if (body.names || !first) return ok({ droplets: created.map(view), links }, 202);
  return ok({ droplet: view(first), links }, 202);
}

export const actionLink = (call: Call, action: Action) => ({
  id: action.id,
  rel: action.type,
  href: `${call.url.origin}/v2/actions/${action.id}`,
});

interface Order {
  size: Size;
  image: Image;
  region: Region;
  publicKeys: string[];
  volumes: Volume[];
}

/** All that can be wrong, before anything is made. */
function checked(account: Account, body: Body, count: number): Order {
  const size = findSize(body.size);
  if (!size) throw unprocessable("You specified an invalid size for Droplet creation.");
  const image = findImage(typeof body.image === "object" ? body.image.id : body.image);
  if (!image) throw unprocessable("You specified an invalid image for Droplet creation.");
  const region = regionFor(body.region, size);
  if (image.min_disk_size > size.disk)
    throw unprocessable(
      `This image requires a minimum disk size of ${image.min_disk_size} GB; ${size.slug} has ${size.disk} GB.`,
    );
  if (Buffer.byteLength(body.user_data) > MAX_USER_DATA)
    throw unprocessable("User data is too long (maximum is 64 KiB).");
  if (body.backup_policy) backupPolicy(body.backup_policy);
  const publicKeys = keysFor(account, body.ssh_keys);
  return { size, image, region, publicKeys, volumes: volumesFor(account, body.volumes, region, count) };
}

/** No region means any that has the size. */
function regionFor(slug: string | undefined, size: Size): Region {
  const region = slug ? findRegion(slug) : REGIONS.find(({ sizes }) => sizes.includes(size.slug));
  if (!region?.available) throw unprocessable("You specified an invalid region for Droplet creation.");
  if (!region.sizes.includes(size.slug)) throw unprocessable("Size is not available in this region.");
  return region;
}

function keysFor(account: Account, references: (string | number)[]): string[] {
  const unknown: (string | number)[] = [];
  const keys = references.flatMap((wanted) => {
    const key = account.keys.find(
      ({ id, fingerprint }) => String(id) === String(wanted) || fingerprint === wanted,
    );
    if (!key) unknown.push(wanted);
    return key ? [key.public_key] : [];
  });
  if (unknown.length > 0)
    throw unprocessable(`${unknown.join(", ")} are invalid key identifiers for Droplet creation.`);
  return [...new Set(keys)];
}

function volumesFor(account: Account, ids: string[], region: Region, droplets: number): Volume[] {
  const volumes = ids.flatMap((id) => account.volumes.filter((volume) => volume.id === id));
  const isFree = (volume: Volume) => volume.droplet_id === undefined && volume.region === region.slug;
  if (volumes.length !== ids.length || new Set(ids).size !== ids.length || !volumes.every(isFree))
    throw unprocessable("Invalid volume allocations");
  if (volumes.length > 0 && droplets > 1)
    throw unprocessable("Volumes can only be attached to a single Droplet.");
  if (volumes.length > MAX_VOLUMES) throw unprocessable(`A Droplet can have up to ${MAX_VOLUMES} volumes.`);
  return volumes;
}

function create(call: Call, body: Body, { size, image, region, publicKeys, volumes }: Order, name: string) {
  const { twin, account } = call;
  const vpc = vpcFor(twin, account, region.slug, body.vpc_uuid);
  const neighbours = account.droplets.filter(({ vpc_uuid }) => vpc_uuid === vpc.id);
  const private_address = freeHost(
    vpc.ip_range,
    neighbours.map((other) => other.private_address),
  );
  if (!private_address)
    throw unprocessable(`The VPC ${vpc.name} (${vpc.ip_range}) has no free address left.`);
  const public_address = publicAddress(twin);
  const id = next(twin.state, "droplet");
  const droplet: Droplet = {
    id,
    name,
    region: region.slug,
    size: size.slug,
    image: image.slug,
    memory: size.memory,
    vcpus: size.vcpus,
    disk: size.disk,
    status: "new",
    created_at: timestamp(twin),
    backup_policy: body.backups ? backupPolicy(body.backup_policy) : undefined,
    monitoring: body.monitoring,
    public_networking: body.public_networking,
    tags: useTags(account, body.tags),
    vpc_uuid: vpc.id,
    public_address,
    private_address,
    ipv6_address: body.ipv6 ? ipv6Address(id) : undefined,
    user_data: body.user_data,
    public_keys: publicKeys,
    has_machine: false,
  };
  account.droplets.push(droplet);
  for (const volume of volumes) volume.droplet_id = id;
  if (image.distribution !== "Debian")
    twin.log(`Droplet ${id} (${name}) boots Debian 13: there is no machine with ${image.slug} here.`);
  const fault = takeBootFault(account);
  const job =
    fault === "neverBoots"
      ? ({ do: "wait for ever" } as const)
      : ({ do: "create", deaf: fault === "bootsDeaf" } as const);
  return { droplet, action: beginOnDroplet(twin, account, droplet, "create", job) };
}
