import { flag } from "../../bridge/props.ts";
import type { Context, Props, ResourceDefinition } from "../../bridge/schema.ts";
import type { Droplet } from "../api.ts";
import type { DigitalOcean } from "../client.ts";
import { calling } from "../errors.ts";
import { changing, completing } from "../making.ts";
import { deleteDroplet } from "./delete.ts";
import { createRequest } from "./request.ts";
import { inputs, outputs } from "./schema.ts";
import { dropletState, importedDroplet, storedInputs } from "./state.ts";
import { updateDroplet } from "./update.ts";
import { findDroplet, statusOf, waitForAddress, waitForDroplet } from "./watch.ts";

export const droplet: ResourceDefinition<DigitalOcean> = {
  schemaVersion: 1,
  inputs,
  outputs,
  // The address is known only when the Droplet has it, and others may already refer to it.
  unknownAfter: (state, news) => (!flag(state.ipv6) && flag(news.ipv6) ? ["ipv6Address"] : []),

  async create(context, news) {
    const body = createRequest(news);
    const made = await calling("Error creating droplet", () =>
      context.client.post<{ droplet: Droplet }>("droplets", body),
    );
    const id = String(made.droplet.id);
    const known = storedInputs(news);
    return completing(id, known, () => whenReady(context, id, known));
  },
  async read(context, id, known) {
    numeric(id);
    const found = await findDroplet(context, id);
    return found && { id, state: known ? dropletState(found, known) : importedDroplet(found) };
  },
  async update(context, id, old, news) {
    const read = async (known: Props) => {
      const found = await findDroplet(context, id);
      return found && dropletState(found, known);
    };
    return changing(id, { old, inputs: news }, () => updateDroplet(context, id, old, news), read);
  },
  async delete(context, id, state) {
    await deleteDroplet(context, id, state);
  },
};

async function whenReady(context: Context<DigitalOcean>, id: string, known: Props): Promise<Props> {
  const timeout = (context.timeoutSeconds ?? 3600) * 1000;
  const wish = { wanted: "active", pending: ["new"], tell: statusOf, purpose: "creation", timeout } as const;
  await calling(`Error waiting for droplet (${id}) to become ready`, () => waitForDroplet(context, id, wish));

  const type = known.publicNetworking === false ? "private" : "public";
  const ready = await calling(`Error waiting for droplet (${id}) networking`, () =>
    waitForAddress(context, id, type),
  );
  return { ...dropletState(ready, known), publicNetworking: type === "public" };
}

function numeric(id: string): void {
  if (!/^\d+$/.test(id))
    throw new Error(`invalid droplet id: "${id}" is no number; \`doctl compute droplet list\` shows the ids`);
}
