import { amount, given, text, texts } from "../bridge/props.ts";
import { number, type Props, type ResourceDefinition, set, string } from "../bridge/schema.ts";
import type { Action, Volume } from "./api.ts";
import { atLeast, lowerCase, notEmpty, oneOf } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";
import { changeTags, tags } from "./tags.ts";
import { waitForAction } from "./waiting.ts";

const FILE_SYSTEMS = ["ext4", "xfs"];

export const volume: ResourceDefinition<DigitalOcean> = {
  inputs: {
    description: string({ forceNew: true, validate: notEmpty }),
    filesystemType: string({ computed: true, validate: oneOf(FILE_SYSTEMS) }),
    initialFilesystemLabel: string({ forceNew: true, validate: notEmpty }),
    initialFilesystemType: string({ forceNew: true, validate: oneOf(FILE_SYSTEMS) }),
    name: string({ forceNew: true, autoname: true, validate: notEmpty }),
    region: string({ required: true, forceNew: true, stored: lowerCase }),
    size: number({ required: true, validate: atLeast(1) }),
    snapshotId: string({ forceNew: true, validate: notEmpty }),
    tags,
  },
  outputs: {
    dropletIds: set(number(), { computed: true }),
    filesystemLabel: string({ computed: true }),
    volumeUrn: string({ computed: true }),
  },
  checkPlan(state, inputs) {
    if (typeof inputs.size === "number" && inputs.size < amount(state?.size))
      throw new Error("volumes `size` can only be expanded and not shrunk");
  },

  async create({ client }, inputs) {
    const made = await calling("Error creating Volume", () =>
      client.post<{ volume: Volume }>("volumes", createRequest(inputs)),
    );
    const known = { ...inputs, region: text(inputs.region).toLowerCase() };
    return completing(made.volume.id, known, () => readVolume(client, made.volume.id, known));
  },
  async read({ client }, id, known) {
    const state = await readVolume(client, id, known ?? {});
    return state && { id, state };
  },
  async update(context, id, old, inputs) {
    const { client } = context;
    const steps = async () => {
      if (old.size !== inputs.size) {
        const [size_gigabytes, region] = [amount(inputs.size), text(inputs.region).toLowerCase()];
        const { action } = await calling(`Error resizing volume (${id})`, () =>
          client.post<{ action: Action }>(`volumes/${id}/actions`, {
            type: "resize",
            size_gigabytes,
            region,
          }),
        );
        await calling(`Error waiting for resize volume (${id}) to finish`, () =>
          waitForAction(context, action),
        );
      }
      await changeTags(context, "volume", id, old, inputs);
    };
    return changing(id, { old, inputs }, steps, (known) => readVolume(client, id, known));
  },
  async delete({ client }, id) {
    await calling("Error deleting volume", () => client.delete(`volumes/${id}`));
  },
};

function createRequest(inputs: Props): object {
  return {
    name: text(inputs.name),
    region: text(inputs.region).toLowerCase(),
    size_gigabytes: amount(inputs.size),
    tags: texts(inputs.tags),
    ...given({
      description: text(inputs.description),
      snapshot_id: text(inputs.snapshotId),
      filesystem_type: text(inputs.initialFilesystemType) || text(inputs.filesystemType),
      filesystem_label: text(inputs.initialFilesystemLabel),
    }),
  };
}

async function readVolume(client: DigitalOcean, id: string, known: Props): Promise<Props | undefined> {
  const found = await lookUp("Error retrieving volume", () =>
    client.get<{ volume: Volume }>(`volumes/${id}`),
  );
  return found && volumeState(found.volume, known);
}

function volumeState(found: Volume, known: Props): Props {
  const { filesystem_type: type, filesystem_label: label, description } = found;
  return {
    ...known,
    name: found.name,
    region: found.region.slug,
    size: found.size_gigabytes,
    volumeUrn: `do:volume:${found.id}`,
    tags: found.tags ?? null,
    dropletIds: found.droplet_ids ?? [],
    ...(description && { description }),
    filesystemType: type || (known.filesystemType ?? ""),
    filesystemLabel: label || (known.filesystemLabel ?? ""),
    ...(type && { initialFilesystemType: type }),
    ...(label && { initialFilesystemLabel: label }),
  };
}
