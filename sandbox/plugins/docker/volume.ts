import type Docker from "dockerode";
import type { VolumeInspectInfo } from "dockerode";
import { object, type Props, type ResourceDefinition, string, stringMap } from "../bridge/schema.ts";
import { waitForState } from "../bridge/waiting.ts";
import { calling, isMissing, lookUp, messageOf } from "./engine.ts";
import { labels } from "./label.ts";
import { given, labelList, labelMap, text, textMap } from "./props.ts";

/** The original's pace; a volume in use keeps its container's end waiting for up to half a minute. */
const REMOVAL = { delay: 2_000, interval: 5_000, timeout: 30_000 };

export const volume: ResourceDefinition<Docker> = {
  schemaVersion: 1,
  inputs: {
    cluster: object(
      {
        availability: string(),
        group: string(),
        id: string({ computed: true }),
        limitBytes: string(),
        requiredBytes: string(),
        scope: string(),
      },
      { forceNew: true },
    ),
    driver: string({ forceNew: true, computed: true }),
    driverOpts: stringMap({ forceNew: true }),
    labels,
    name: string({ forceNew: true, autoname: true }),
  },
  outputs: { mountpoint: string({ computed: true }) },

  async create({ client }, inputs) {
    if (inputs.cluster) throw new Error("the sandbox's docker stand-in does not know cluster volumes");
    const body = given({
      Name: text(inputs.name),
      Driver: text(inputs.driver),
      DriverOpts: textMap(inputs.driverOpts),
      Labels: labelMap(inputs.labels),
    });
    // An existing volume of that name is adopted without a word: the engine's create is a get-or-create.
    const made = await calling("Unable to create volume", () => client.createVolume(body));
    const found = await calling("Unable to inspect volume", () => client.getVolume(made.name).inspect());
    return { id: found.Name, state: { ...volumeState(found), ...unsetAsNull(inputs) } };
  },
  async read({ client }, id) {
    const found = await lookUp(() => client.getVolume(id).inspect());
    return found && { id: found.Name, state: volumeState(found) };
  },
  async update() {
    throw new Error("a volume has nothing to update: every change replaces it");
  },
  async delete({ client, signal }, id) {
    await waitForState("removed", () => removeVolume(client, id), REMOVAL, signal);
  },
};

export function volumeState(found: VolumeInspectInfo): Props {
  return {
    name: found.Name,
    driver: found.Driver,
    driverOpts: found.Options ?? {},
    labels: labelList(found.Labels),
    mountpoint: found.Mountpoint,
  };
}

function unsetAsNull(inputs: Props): Props {
  return inputs.driverOpts === undefined ? { driverOpts: null } : {};
}

async function removeVolume(client: Docker, name: string): Promise<"removed" | "in_use"> {
  try {
    await client.getVolume(name).remove({ force: true });
    return "removed";
  } catch (cause) {
    if (isMissing(cause)) return "removed";
    if (messageOf(cause).includes("volume is in use")) return "in_use";
    throw new Error(messageOf(cause), { cause });
  }
}
