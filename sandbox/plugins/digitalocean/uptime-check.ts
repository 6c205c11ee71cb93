import { flag, given, text, texts } from "../bridge/props.ts";
import { boolean, type Props, type ResourceDefinition, set, string } from "../bridge/schema.ts";
import type { UptimeCheck } from "./api.ts";
import { oneOf } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";

export const uptimeCheck: ResourceDefinition<DigitalOcean> = {
  inputs: {
    enabled: boolean({ default: true }),
    name: string({ autoname: true }),
    regions: set(string()),
    target: string({ required: true }),
    type: string({ default: "https", validate: oneOf(["ping", "http", "https"]) }),
  },
  outputs: {},

  async create({ client }, inputs) {
    const { check } = await calling("Error creating Check", () =>
      client.post<{ check: UptimeCheck }>("uptime/checks", checkRequest(inputs)),
    );
    return completing(check.id, inputs, () => readCheck(client, check.id));
  },
  async read({ client }, id) {
    const state = await readCheck(client, id);
    return state && { id, state };
  },
  async update({ client }, id, old, inputs) {
    const steps = () =>
      calling("Error updating uptime check", () =>
        client.put<void>(`uptime/checks/${id}`, checkRequest(inputs)),
      );
    return changing(id, { old, inputs }, steps, () => readCheck(client, id));
  },
  async delete({ client }, id) {
    await calling("Error deleting uptime checks", () => client.delete(`uptime/checks/${id}`));
  },
};

function checkRequest(inputs: Props): object {
  return {
    name: text(inputs.name),
    target: text(inputs.target),
    enabled: flag(inputs.enabled),
    ...given({ type: text(inputs.type), regions: texts(inputs.regions) }),
  };
}

async function readCheck(client: DigitalOcean, id: string): Promise<Props | undefined> {
  const found = await lookUp("Error retrieving check", () =>
    client.get<{ check: UptimeCheck }>(`uptime/checks/${id}`),
  );
  if (found === undefined) return undefined;
  const { name, target, enabled, regions, type } = found.check;
  return { name, target, enabled, regions: regions ?? [], type };
}
