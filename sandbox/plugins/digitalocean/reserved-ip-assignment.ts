import { amount, text } from "../bridge/props.ts";
import { number, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import { ipv4, notEmpty } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { lookUp } from "./errors.ts";
import { completing } from "./making.ts";
import { assign, getAddress, unassign } from "./reserved-ip-actions.ts";
import { pairOf, uniqueId } from "./unique-id.ts";

export const reservedIpAssignment: ResourceDefinition<DigitalOcean> = {
  inputs: {
    dropletId: number({ required: true, forceNew: true, validate: notEmpty }),
    ipAddress: string({ required: true, forceNew: true, validate: ipv4 }),
  },
  outputs: {},

  async create(context, inputs) {
    const [ip, droplet] = [text(inputs.ipAddress), amount(inputs.dropletId)];
    await assign(context, ip, droplet);
    return completing(idOf(inputs), inputs, async () => {
      const found = await lookUp("Error retrieving reserved IP", () => getAddress(context, ip));
      return found?.droplet?.id === droplet ? inputs : undefined;
    });
  },
  async read(context, id, known) {
    const state = known ?? imported(id);
    const found = await lookUp("Error retrieving reserved IP", () =>
      getAddress(context, text(state.ipAddress)),
    );
    if (found?.droplet?.id !== amount(state.dropletId)) return undefined;
    return { id: known ? id : idOf(state), state };
  },
  async update() {
    throw new Error("a reserved IP's assignment has nothing to update: every change replaces it");
  },
  async delete(context, _id, state) {
    const ip = text(state.ipAddress);
    const found = await lookUp("Error retrieving reserved IP", () => getAddress(context, ip));
    if (found?.droplet?.id === amount(state.dropletId)) await unassign(context, ip);
  },
};

const idOf = ({ dropletId, ipAddress }: Props): string => uniqueId(`${dropletId}-${ipAddress}-`);

function imported(id: string): Props {
  const { ipAddress, dropletId } = pairOf(id, "ipAddress", "dropletId");
  return { ipAddress: text(ipAddress), dropletId: Number(dropletId) };
}
