import type Docker from "dockerode";
import type { ImageInspectInfo } from "dockerode";
import {
  boolean,
  list,
  type Made,
  object,
  type Props,
  type ResourceDefinition,
  set,
  string,
  stringMap,
} from "../bridge/schema.ts";
import { calling } from "./engine.ts";
import { findImage, localImage, repoDigestOf } from "./images.ts";
import { flag, text } from "./props.ts";

export const remoteImage: ResourceDefinition<Docker> = {
  inputs: {
    // Known by name only, so that asking for a build fails with a sentence instead of a riddle.
    build: object({ context: string(), dockerfile: string(), tags: list(string()) }, { forceNew: true }),
    forceRemove: boolean(),
    keepLocally: boolean(),
    name: string({ required: true, forceNew: true }),
    platform: string({ forceNew: true }),
    pullTriggers: set(string(), { forceNew: true }),
    triggers: stringMap({ forceNew: true }),
  },
  outputs: { imageId: string({ computed: true }), repoDigest: string({ computed: true }) },

  async create({ client }, inputs) {
    if (inputs.build) throw new Error("the sandbox's docker stand-in does not build images in RemoteImage");
    return found(inputs, await imageFor(client, inputs));
  },
  async read({ client }, id, known) {
    // The id is the image's and its name in one, so an import knows the name too.
    const state = known ?? { name: id.replace(/^sha256:[0-9a-f]{64}/, "") };
    const image = await localImage(client, text(state.name));
    return image && found(state, image);
  },
  async update({ client }, _id, _old, inputs) {
    return found(inputs, await imageFor(client, inputs)).state;
  },
  async delete({ client }, _id, state) {
    const name = text(state.name);
    if (flag(state.keepLocally) || (await localImage(client, name)) === undefined) return;
    await calling("Unable to remove Docker image", () =>
      client.getImage(name).remove({ force: flag(state.forceRemove) }),
    );
  },
};

function imageFor(client: Docker, inputs: Props): Promise<ImageInspectInfo> {
  return calling("Unable to read Docker image into resource", () =>
    findImage(client, text(inputs.name), text(inputs.platform)),
  );
}

function found(inputs: Props, image: ImageInspectInfo): Made {
  const name = text(inputs.name);
  return {
    id: `${image.Id}${name}`,
    state: { ...inputs, imageId: image.Id, repoDigest: repoDigestOf(name, image) },
  };
}
