import { text } from "../bridge/props.ts";
import { number, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import type { Tag, TaggedKind } from "./api.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { completing } from "./making.ts";
import { tagName } from "./tags.ts";

const count = number({ computed: true });

export const tag: ResourceDefinition<DigitalOcean> = {
  inputs: { name: string({ forceNew: true, autoname: true, validate: tagName }) },
  outputs: {
    databasesCount: count,
    dropletsCount: count,
    imagesCount: count,
    totalResourceCount: count,
    volumeSnapshotsCount: count,
    volumesCount: count,
  },

  async create({ client }, inputs) {
    const made = await calling("Error creating tag", () =>
      client.post<{ tag: Tag }>("tags", { name: text(inputs.name) }),
    );
    return completing(made.tag.name, inputs, () => readTag(client, made.tag.name));
  },
  async read({ client }, id) {
    const state = await readTag(client, id);
    return state && { id, state };
  },
  async update() {
    throw new Error("a tag has nothing to update: every change replaces it");
  },
  async delete({ client }, id) {
    await calling("Error deleting tag", () => client.delete(`tags/${id}`));
  },
};

async function readTag(client: DigitalOcean, name: string): Promise<Props | undefined> {
  const found = await lookUp("Error retrieving tag", () => client.get<{ tag: Tag }>(`tags/${name}`));
  if (found === undefined) return undefined;
  const { resources } = found.tag;
  const tagged = (kind: TaggedKind) => resources[kind]?.count ?? 0;
  return {
    name: found.tag.name,
    totalResourceCount: resources.count,
    dropletsCount: tagged("droplets"),
    imagesCount: tagged("images"),
    volumesCount: tagged("volumes"),
    volumeSnapshotsCount: tagged("volume_snapshots"),
    databasesCount: tagged("databases"),
  };
}
