import { amount, text } from "../bridge/props.ts";
import { type Context, number, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import type { Action, ReservedIp } from "./api.ts";
import { ipv4, lowerCase } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { ApiError, calling, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";
import {
  act,
  assign,
  getAddress,
  unassign,
  waitForUnassigned,
  waitUntilIdle,
} from "./reserved-ip-actions.ts";
import { untilReadable } from "./waiting.ts";

export const reservedIp: ResourceDefinition<DigitalOcean> = {
  inputs: {
    dropletId: number(),
    ipAddress: string({ computed: true, validate: ipv4 }),
    region: string({ required: true, forceNew: true, stored: lowerCase }),
  },
  outputs: { reservedIpUrn: string({ computed: true }) },

  async create(context, inputs) {
    const region = text(inputs.region).toLowerCase();
    const made = await calling("Error creating reserved IP", () =>
      context.client.post<{ reserved_ip: ReservedIp }>("reserved_ips", { region }),
    );
    const { ip } = made.reserved_ip;
    const known = { ...inputs, region, ipAddress: ip };
    return completing(ip, known, async () => {
      await calling(`Error retrieving reserved IP (${ip})`, () =>
        untilReadable(context, () => getAddress(context, ip)),
      );
      await bindTo(context, ip, amount(inputs.dropletId));
      return readAddress(context, ip, known);
    });
  },
  async read(context, id, known) {
    const state = await readAddress(context, id, known);
    return state && { id, state };
  },
  async update(context, id, old, inputs) {
    const steps = async () => {
      const droplet = amount(inputs.dropletId);
      if (droplet === amount(old.dropletId)) return;
      if (droplet === 0) await unassign(context, id);
      else await bindTo(context, id, droplet);
    };
    return changing(id, { old, inputs }, steps, (known) => readAddress(context, id, known));
  },
  async delete(context, id, state) {
    if (amount(state.dropletId) !== 0) await release(context, id);
    await calling("Error deleting reserved IP", () => context.client.delete(`reserved_ips/${id}`));
  },
};

async function bindTo(context: Context<DigitalOcean>, ip: string, droplet: number): Promise<void> {
  if (droplet === 0) return;
  await waitUntilIdle(context, droplet);
  await assign(context, ip, droplet);
}

/** 422 says that it is not assigned any more. */
async function release(context: Context<DigitalOcean>, ip: string): Promise<void> {
  let action: Action;
  try {
    action = await act(context, ip, { type: "unassign" });
  } catch (cause) {
    if (cause instanceof ApiError && cause.status === 422) return;
    return calling(`Error unassigning reserved IP (${ip}) from the droplet`, () => Promise.reject(cause));
  }
  await waitForUnassigned(context, ip, action);
}

async function readAddress(
  context: Context<DigitalOcean>,
  ip: string,
  known: Props | undefined,
): Promise<Props | undefined> {
  const found = await lookUp("Error retrieving reserved IP", () => getAddress(context, ip));
  if (found === undefined) return undefined;
  const { droplet, region } = found;
  // Whom a ReservedIpAssignment assigned it to is that resource's matter.
  const isOurs = droplet != null && (known === undefined || amount(known.dropletId) !== 0);
  return {
    ...known,
    ipAddress: found.ip,
    reservedIpUrn: `do:reservedip:${found.ip}`,
    region: (isOurs ? droplet.region?.slug : undefined) ?? region.slug,
    ...(isOurs && { dropletId: droplet.id }),
  };
}
