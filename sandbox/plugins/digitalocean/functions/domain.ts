import { text } from "../../bridge/props.ts";
import { type FunctionDefinition, number, string } from "../../bridge/schema.ts";
import type { Domain } from "../api.ts";
import { notEmpty } from "../checks.ts";
import type { DigitalOcean } from "../client.ts";
import { lookUp } from "../errors.ts";

export const getDomain: FunctionDefinition<DigitalOcean> = {
  inputs: { name: string({ required: true, validate: notEmpty }) },
  outputs: { domainUrn: string(), id: string(), ttl: number(), zoneFile: string() },
  async call({ client }, args) {
    const name = text(args.name);
    const found = await lookUp("Error retrieving domain", () =>
      client.get<{ domain: Domain }>(`domains/${name}`),
    );
    if (found === undefined) throw new Error(`domain not found: ${name}`);
    const { domain } = found;
    return {
      id: domain.name,
      name: domain.name,
      ttl: domain.ttl ?? 0,
      zoneFile: domain.zone_file ?? "",
      domainUrn: `do:domain:${domain.name}`,
    };
  },
};
