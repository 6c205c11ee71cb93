import { text } from "../bridge/props.ts";
import { type Context, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import type { SshKey } from "./api.ts";
import { notEmpty, sameText } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";
import { untilReadable } from "./waiting.ts";

export const sshKey: ResourceDefinition<DigitalOcean> = {
  inputs: {
    name: string({ autoname: true, validate: notEmpty }),
    publicKey: string({
      required: true,
      forceNew: true,
      validate: notEmpty,
      same: sameText((key) => key.trim()),
    }),
  },
  outputs: { fingerprint: string({ computed: true }) },

  async create(context, inputs) {
    const body = { name: text(inputs.name), public_key: text(inputs.publicKey) };
    const made = await calling("Error creating SSH Key", () =>
      context.client.post<{ ssh_key: SshKey }>("account/keys", body),
    );
    const id = String(made.ssh_key.id);
    return completing(id, inputs, () =>
      calling("Error retrieving SSH key", () => untilReadable(context, () => getKey(context, id))),
    );
  },
  async read(context, id) {
    if (!/^\d+$/.test(id))
      throw new Error(
        `invalid SSH key id: "${id}" is no number; \`doctl compute ssh-key list\` shows the ids`,
      );
    const state = await findKey(context, id);
    return state && { id, state };
  },
  async update(context, id, old, inputs) {
    const steps = () =>
      calling("Failed to update SSH key", () =>
        context.client.put<void>(`account/keys/${id}`, { name: text(inputs.name) }),
      );
    return changing(id, { old, inputs }, steps, () => findKey(context, id));
  },
  async delete({ client }, id) {
    await calling("Error deleting SSH key", () => client.delete(`account/keys/${id}`));
  },
};

const findKey = (context: Context<DigitalOcean>, id: string): Promise<Props | undefined> =>
  lookUp("Error retrieving SSH key", () => getKey(context, id));

async function getKey({ client }: Context<DigitalOcean>, id: string): Promise<Props> {
  const { ssh_key: key } = await client.get<{ ssh_key: SshKey }>(`account/keys/${id}`);
  return { name: key.name, fingerprint: key.fingerprint, publicKey: key.public_key };
}
