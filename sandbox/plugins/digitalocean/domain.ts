import { given, text } from "../bridge/props.ts";
import { number, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import type { Domain } from "./api.ts";
import { notEmpty } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { completing } from "./making.ts";

export const domain: ResourceDefinition<DigitalOcean> = {
  inputs: {
    ipAddress: string({ forceNew: true, validate: notEmpty }),
    name: string({ required: true, forceNew: true, validate: notEmpty }),
  },
  outputs: { domainUrn: string({ computed: true }), ttl: number({ computed: true }) },
  // A domain is there once, so the old one has to go before it can be made anew.
  deleteBeforeReplace: true,

  async create({ client }, inputs) {
    const body = { name: text(inputs.name), ...given({ ip_address: text(inputs.ipAddress) }) };
    const made = await calling("Error creating Domain", () =>
      client.post<{ domain: Domain }>("domains", body),
    );
    return completing(made.domain.name, inputs, () => readDomain(client, made.domain.name, inputs));
  },
  async read({ client }, id, known) {
    const state = await readDomain(client, id, known ?? {});
    return state && { id, state };
  },
  async update() {
    throw new Error("a domain has nothing to update: every change replaces it");
  },
  async delete({ client }, id) {
    await calling("Error deleting Domain", () => client.delete(`domains/${id}`));
  },
};

async function readDomain(client: DigitalOcean, name: string, known: Props): Promise<Props | undefined> {
  const found = await lookUp("Error retrieving domain", () =>
    client.get<{ domain: Domain }>(`domains/${name}`),
  );
  if (found === undefined) return undefined;
  const { domain } = found;
  return { ...known, name: domain.name, ttl: domain.ttl ?? 0, domainUrn: `do:domain:${domain.name}` };
}
