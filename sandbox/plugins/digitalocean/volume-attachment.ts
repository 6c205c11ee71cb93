import { amount, text } from "../bridge/props.ts";
import { type Context, number, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import type { Action, Volume } from "./api.ts";
import { notEmpty } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, isBusy, lookUp } from "./errors.ts";
import { pairOf, uniqueId } from "./unique-id.ts";
import { MINUTE, retried, waitForAction } from "./waiting.ts";

export const volumeAttachment: ResourceDefinition<DigitalOcean> = {
  inputs: {
    dropletId: number({ required: true, forceNew: true, validate: notEmpty }),
    volumeId: string({ required: true, forceNew: true, validate: notEmpty }),
  },
  outputs: {},

  async create(context, inputs) {
    const [droplet, volume] = [amount(inputs.dropletId), text(inputs.volumeId)];
    const found = await calling("Error retrieving volume", () => getVolume(context, volume));
    if (found.droplet_ids?.[0] !== droplet)
      await calling("Error attaching volume to droplet after retry timeout", () =>
        whenFree(context, "attach", droplet, volume),
      );
    return { id: uniqueId(`${droplet}-${volume}-`), state: inputs };
  },
  async read(context, id, known) {
    const state = known ?? imported(id);
    const volume = await lookUp("Error retrieving volume", () => getVolume(context, text(state.volumeId)));
    return volume?.droplet_ids?.[0] === amount(state.dropletId) ? { id, state } : undefined;
  },
  async update() {
    throw new Error("a volume's attachment has nothing to update: every change replaces it");
  },
  async delete(context, _id, state) {
    await calling("Error detaching volume from droplet after retry timeout", () =>
      whenFree(context, "detach", amount(state.dropletId), text(state.volumeId)),
    );
  },
};

/** A Droplet that is busy with something else is asked again. */
async function whenFree(
  context: Context<DigitalOcean>,
  type: "attach" | "detach",
  droplet: number,
  volume: string,
): Promise<void> {
  const where = type === "attach" ? "to" : "from";
  const action = await retried(5 * MINUTE, isBusy, context.signal, () =>
    context.client.post<{ action: Action }>(`volumes/${volume}/actions`, { type, droplet_id: droplet }),
  ).catch((cause: unknown) =>
    isBusy(cause)
      ? Promise.reject(cause)
      : calling(`[WARN] Error ${type}ing volume (${volume}) ${where} Droplet (${droplet})`, () =>
          Promise.reject(cause),
        ),
  );
  await calling(`Error waiting for ${type} volume (${volume}) ${where} Droplet (${droplet}) to finish`, () =>
    waitForAction(context, action.action),
  );
}

async function getVolume({ client }: Context<DigitalOcean>, id: string): Promise<Volume> {
  return (await client.get<{ volume: Volume }>(`volumes/${id}`)).volume;
}

function imported(id: string): Props {
  const { dropletId, volumeId } = pairOf(id, "dropletId", "volumeId");
  return { dropletId: Number(dropletId), volumeId: text(volumeId) };
}
