import { flag, given, text } from "../bridge/props.ts";
import { boolean, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import type { Vpc } from "./api.ts";
import { cidr, lengthBetween, notEmpty } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { ApiError, calling, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";
import { MINUTE, retried } from "./waiting.ts";

export const vpc: ResourceDefinition<DigitalOcean> = {
  inputs: {
    description: string({ validate: lengthBetween(0, 255) }),
    ipRange: string({ computed: true, forceNew: true, validate: cidr }),
    name: string({ autoname: true, validate: notEmpty }),
    region: string({ required: true, forceNew: true, validate: notEmpty }),
  },
  outputs: {
    createdAt: string({ computed: true }),
    default: boolean({ computed: true }),
    vpcUrn: string({ computed: true }),
  },

  async create({ client }, inputs) {
    const body = {
      name: text(inputs.name),
      region: text(inputs.region),
      ...given({ description: text(inputs.description), ip_range: text(inputs.ipRange) }),
    };
    const made = await oneByOne(text(inputs.region), () =>
      calling("Error creating VPC", () => client.post<{ vpc: Vpc }>("vpcs", body)),
    );
    return completing(made.vpc.id, inputs, () => readVpc(client, made.vpc.id));
  },
  async read({ client }, id) {
    const state = await readVpc(client, id);
    return state && { id, state };
  },
  async update({ client }, id, old, inputs) {
    const body = {
      name: text(inputs.name),
      description: text(inputs.description),
      default: flag(old.default),
    };
    const steps = () => calling("Error updating VPC ", () => client.put<void>(`vpcs/${id}`, body));
    return changing(id, { old, inputs }, steps, () => readVpc(client, id));
  },
  async delete({ client, signal, timeoutSeconds }, id) {
    const timeout = timeoutSeconds === undefined ? 2 * MINUTE : timeoutSeconds * 1000;
    await calling("Error deleting VPC", () =>
      retried(timeout, hasMembers, signal, () => client.delete(`vpcs/${id}`)),
    );
  },
};

/** Members that are being deleted count until they are gone. */
const hasMembers = (cause: unknown): boolean =>
  cause instanceof ApiError && (cause.status === 403 || cause.status === 409);

const last = new Map<string, Promise<unknown>>();

/** Two VPCs that are made at once in a region could be given the same range. */
function oneByOne<T>(region: string, make: () => Promise<T>): Promise<T> {
  const before = last.get(region) ?? Promise.resolve();
  const made = before.then(make, make);
  last.set(region, made);
  return made;
}

async function readVpc(client: DigitalOcean, id: string): Promise<Props | undefined> {
  const found = await lookUp("Error reading VPC", () => client.get<{ vpc: Vpc }>(`vpcs/${id}`));
  if (found === undefined) return undefined;
  const { vpc } = found;
  return {
    name: vpc.name,
    region: vpc.region,
    description: vpc.description ?? "",
    ipRange: vpc.ip_range,
    vpcUrn: vpc.urn,
    default: vpc.default,
    createdAt: goTime(vpc.created_at),
  };
}

/** The original prints this one time in Go's way. */
export function goTime(timestamp: string): string {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return timestamp;
  const fraction = /\.(\d*?)0*(Z|[+-]\d\d:\d\d)$/.exec(timestamp)?.[1] ?? "";
  const [date, hours] = time.toISOString().slice(0, 19).split("T");
  return `${date} ${hours}${fraction === "" ? "" : `.${fraction}`} +0000 UTC`;
}
