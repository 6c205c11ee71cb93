import { text, texts } from "../bridge/props.ts";
import {
  boolean,
  list,
  number,
  object,
  type Props,
  type ResourceDefinition,
  set,
  string,
} from "../bridge/schema.ts";
import type { Firewall } from "./api.ts";
import { notEmpty } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, isMissing, lookUp } from "./errors.ts";
import { checkRules, hasRules, rules, rulesRequest, rulesState } from "./firewall-rules.ts";
import { changing, completing } from "./making.ts";
import { tags } from "./tags.ts";

const pendingChange = object({ dropletId: number(), removing: boolean(), status: string() });

export const firewall: ResourceDefinition<DigitalOcean> = {
  inputs: {
    dropletIds: set(number()),
    inboundRules: rules("source"),
    name: string({ autoname: true, validate: notEmpty }),
    outboundRules: rules("destination"),
    tags,
  },
  outputs: {
    createdAt: string({ computed: true }),
    pendingChanges: list(pendingChange, { computed: true }),
    status: string({ computed: true }),
  },
  checkPlan(_state, { inboundRules, outboundRules }) {
    if (!hasRules(inboundRules) && !hasRules(outboundRules))
      throw new Error("At least one rule must be specified");
    checkRules("inbound", inboundRules);
    checkRules("outbound", outboundRules);
  },

  async create({ client }, inputs) {
    const made = await calling("Error creating firewall", () =>
      client.post<{ firewall: Firewall }>("firewalls", firewallRequest(inputs)),
    );
    return completing(made.firewall.id, inputs, () => readFirewall(client, made.firewall.id));
  },
  async read({ client }, id) {
    const state = await readFirewall(client, id);
    return state && { id, state };
  },
  async update({ client }, id, old, inputs) {
    const steps = () =>
      calling("Error updating firewall", () => client.put<void>(`firewalls/${id}`, firewallRequest(inputs)));
    return changing(id, { old, inputs }, steps, () => readFirewall(client, id));
  },
  async delete({ client }, id) {
    await calling("Error deleting firewall", () =>
      client.delete(`firewalls/${id}`).catch((cause: unknown) => {
        if (!isMissing(cause)) throw cause;
      }),
    );
  },
};

/** Always the whole: what an update leaves out is taken away. */
function firewallRequest(inputs: Props): object {
  return {
    name: text(inputs.name),
    inbound_rules: rulesRequest("source", inputs.inboundRules),
    outbound_rules: rulesRequest("destination", inputs.outboundRules),
    droplet_ids: Array.isArray(inputs.dropletIds) ? inputs.dropletIds : [],
    tags: texts(inputs.tags),
  };
}

async function readFirewall(client: DigitalOcean, id: string): Promise<Props | undefined> {
  const found = await lookUp("Error retrieving firewall", () =>
    client.get<{ firewall: Firewall }>(`firewalls/${id}`),
  );
  if (found === undefined) return undefined;
  const { firewall } = found;
  return {
    name: firewall.name,
    status: firewall.status,
    createdAt: firewall.created_at,
    pendingChanges: (firewall.pending_changes ?? []).map(({ droplet_id, removing, status }) => ({
      dropletId: droplet_id,
      removing,
      status,
    })),
    dropletIds: firewall.droplet_ids ?? null,
    inboundRules: rulesState("source", firewall.inbound_rules),
    outboundRules: rulesState("destination", firewall.outbound_rules),
    tags: firewall.tags ?? null,
  };
}
