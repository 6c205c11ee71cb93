import { text, texts } from "../bridge/props.ts";
import { number, type Props, type ResourceDefinition, set, string } from "../bridge/schema.ts";
import type { Snapshot } from "./api.ts";
import { notEmpty } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";
import { changeTags, tags } from "./tags.ts";

export const volumeSnapshot: ResourceDefinition<DigitalOcean> = {
  inputs: {
    name: string({ forceNew: true, autoname: true, validate: notEmpty }),
    tags,
    volumeId: string({ required: true, forceNew: true, validate: notEmpty }),
  },
  outputs: {
    createdAt: string({ computed: true }),
    minDiskSize: number({ computed: true }),
    regions: set(string(), { computed: true }),
    size: number({ computed: true }),
  },

  async create({ client }, inputs) {
    const body = { name: text(inputs.name), tags: texts(inputs.tags) };
    const { snapshot } = await calling("Error creating Volume Snapshot", () =>
      client.post<{ snapshot: Snapshot }>(`volumes/${text(inputs.volumeId)}/snapshots`, body),
    );
    return completing(snapshot.id, inputs, () => readSnapshot(client, snapshot.id));
  },
  async read({ client }, id) {
    const state = await readSnapshot(client, id);
    return state && { id, state };
  },
  async update(context, id, old, inputs) {
    const steps = () => changeTags(context, "volume_snapshot", id, old, inputs);
    return changing(id, { old, inputs }, steps, () => readSnapshot(context.client, id));
  },
  async delete({ client }, id) {
    await calling("Error deleting snapshot", () => client.delete(`snapshots/${id}`));
  },
};

async function readSnapshot(client: DigitalOcean, id: string): Promise<Props | undefined> {
  const found = await lookUp("Error retrieving volume snapshot", () =>
    client.get<{ snapshot: Snapshot }>(`snapshots/${id}`),
  );
  if (found === undefined) return undefined;
  const { snapshot } = found;
  return {
    name: snapshot.name,
    volumeId: snapshot.resource_id,
    regions: snapshot.regions,
    size: snapshot.size_gigabytes,
    createdAt: snapshot.created_at,
    minDiskSize: snapshot.min_disk_size,
    tags: snapshot.tags ?? null,
  };
}
