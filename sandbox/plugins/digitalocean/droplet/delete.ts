import { flag } from "../../bridge/props.ts";
import type { Context, Props } from "../../bridge/schema.ts";
import type { DigitalOcean } from "../client.ts";
import { calling, isMissing } from "../errors.ts";
import { MINUTE } from "../waiting.ts";
import { act } from "./update.ts";
import { detachVolume } from "./volumes.ts";
import { statusOf, waitForDroplet } from "./watch.ts";

/** Off with its volumes first: they outlive it. */
export async function deleteDroplet(context: Context<DigitalOcean>, id: string, state: Props): Promise<void> {
  const timeout = (context.timeoutSeconds ?? 60) * 1000;
  const purpose = "deletion";
  const isLocked = { wanted: "false", pending: ["true"], tell: () => "false", purpose, timeout } as const;
  const droplet = await calling(`Error waiting for droplet to be unlocked for destroy (${id})`, () =>
    waitForDroplet(context, id, isLocked),
  );

  if (flag(state.gracefulShutdown)) {
    const isOff = { wanted: "off", pending: ["active"], tell: statusOf, purpose, timeout } as const;
    await calling(`Error shutting down the the droplet (${id})`, () => act(context, id, "shutdown"));
    await calling(`Error waiting for droplet (${id}) to become off`, () =>
      waitForDroplet(context, id, isOff),
    );
  }

  // The state may still name a volume whose attachment, a resource of its own, went just before.
  for (const volume of droplet?.volume_ids ?? [])
    await calling(`Error detaching the volumes from the droplet (${id})`, () =>
      detachVolume(context, id, volume),
    );

  const isGone = {
    wanted: "Not Found",
    pending: ["active", "off"],
    tell: statusOf,
    purpose,
    timeout: MINUTE,
  } as const;
  await calling("Error deleting droplet", async () => {
    if (await requestEnd(context, id)) await waitForDroplet(context, id, isGone);
  });
}

/** Whether there was something to end. */
async function requestEnd({ client }: Context<DigitalOcean>, id: string): Promise<boolean> {
  try {
    await client.delete(`droplets/${id}`);
    return true;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw cause;
  }
}
