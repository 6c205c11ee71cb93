import type { Context } from "../../bridge/schema.ts";
import type { Action } from "../api.ts";
import type { DigitalOcean } from "../client.ts";
import { calling } from "../errors.ts";
import { waitForAction } from "../waiting.ts";

/** Takes one volume off a Droplet. */
export async function detachVolume(
  context: Context<DigitalOcean>,
  droplet: string,
  volume: string,
): Promise<void> {
  const { action } = await calling(`Error detaching volume "${volume}" from droplet (${droplet})`, () =>
    context.client.post<{ action: Action }>(`volumes/${volume}/actions`, {
      type: "detach",
      droplet_id: Number(droplet),
    }),
  );
  await calling(`Error waiting for volume "${volume}" to detach from droplet (${droplet})`, () =>
    waitForAction(context, action),
  );
}
