import { amount, given, text } from "../bridge/props.ts";
import { number, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import { isSet } from "../bridge/values.ts";
import type { DomainRecord } from "./api.ts";
import { atLeast, between, notEmpty, oneOf } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, isMissing, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";
import { pairOf } from "./unique-id.ts";

const TYPES = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "TXT", "SRV", "SOA"];
/** What these point to is a name, written with the dot that the API leaves out. */
const NAMING = ["CNAME", "MX", "NS", "SRV", "CAA"];
const port = number({ validate: between(0, 65535) });

export const dnsRecord: ResourceDefinition<DigitalOcean> = {
  inputs: {
    domain: string({ required: true, forceNew: true, validate: notEmpty }),
    flags: number({ validate: between(0, 255) }),
    name: string({ autoname: true, validate: notEmpty }),
    port,
    priority: port,
    tag: string({ validate: oneOf(["issue", "issuewild", "iodef"]) }),
    ttl: number({ computed: true, validate: atLeast(1) }),
    type: string({ required: true, forceNew: true, validate: oneOf(TYPES) }),
    value: string({ required: true }),
    weight: port,
  },
  outputs: { fqdn: string({ computed: true }) },

  checkPlan(_state, { type, priority, weight, flags, tag }) {
    const demand = (name: string, value: unknown) => {
      if (value === undefined || value === null || value === "")
        throw new Error(`\`${name}\` is required for when type is \`${type}\``);
    };
    if (type === "MX" || type === "SRV") demand("priority", priority);
    if (type === "SRV") demand("weight", weight);
    if (type === "CAA") demand("flags", flags);
    if (type === "CAA") demand("tag", tag);
  },
  unchanged(key, state, inputs) {
    const [old, value, domain] = [text(state[key]), text(inputs[key]), `${text(inputs.domain)}.`];
    if (key !== "name" && key !== "value") return false;
    if (old === "@" && value === domain) return true;
    return key === "name" ? `${old}.${domain}` === value : old === `${value}.${domain}`;
  },

  async create({ client }, inputs) {
    const type = text(inputs.type);
    if (type === "SRV" && !isSet(inputs.port)) throw new Error("`port` is required for when type is `SRV`");
    const domain = text(inputs.domain);
    const made = await calling("Failed to create record", () =>
      client.post<{ domain_record: DomainRecord }>(`domains/${domain}/records`, {
        type,
        ...recordRequest(inputs),
      }),
    );
    const id = String(made.domain_record.id);
    return completing(id, inputs, () => readRecord(client, domain, id));
  },
  async read({ client }, id, known) {
    const { domain, record } = known ? { domain: known.domain, record: id } : pairOf(id, "domain", "record");
    const number = text(record);
    if (!/^\d+$/.test(number)) throw new Error(`invalid record ID: "${number}" is no number`);
    const state = await readRecord(client, text(domain), number);
    return state && { id: number, state };
  },
  async update({ client }, id, old, inputs) {
    const domain = text(inputs.domain);
    const steps = () =>
      calling("Failed to update record", () =>
        client.put<void>(`domains/${domain}/records/${id}`, recordRequest(inputs)),
      );
    return changing(id, { old, inputs }, steps, () => readRecord(client, domain, id));
  },
  async delete({ client }, id, state) {
    await calling("Error deleting record", () =>
      client.delete(`domains/${text(state.domain)}/records/${id}`).catch((cause: unknown) => {
        if (!isMissing(cause)) throw cause;
      }),
    );
  },
};

function recordRequest(inputs: Props): object {
  return {
    name: text(inputs.name),
    data: text(inputs.value),
    priority: amount(inputs.priority),
    port: amount(inputs.port),
    weight: amount(inputs.weight),
    flags: amount(inputs.flags),
    ...given({ ttl: amount(inputs.ttl), tag: text(inputs.tag) }),
  };
}

async function readRecord(client: DigitalOcean, domain: string, id: string): Promise<Props | undefined> {
  const found = await lookUp(`Error retrieving record ${id} of ${domain}`, () =>
    client.get<{ domain_record: DomainRecord }>(`domains/${domain}/records/${id}`),
  );
  if (found === undefined) return undefined;
  const { domain_record: record } = found;
  return {
    domain,
    name: record.name,
    type: record.type,
    value: valueWithDot(record),
    port: record.port ?? 0,
    priority: record.priority ?? 0,
    ttl: record.ttl,
    weight: record.weight ?? 0,
    flags: record.flags ?? 0,
    tag: record.tag ?? "",
    fqdn: fqdn(record.name, domain),
  };
}

function valueWithDot({ type, data, tag }: DomainRecord): string {
  return NAMING.includes(type) && data !== "@" && tag !== "iodef" ? `${data}.` : data;
}

function fqdn(name: string, domain: string): string {
  if (name === "@") return domain;
  const lower = name.toLowerCase();
  return lower.endsWith(`${domain}.`) ? lower.slice(0, -1) : `${name}.${domain}`;
}
