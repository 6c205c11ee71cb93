import { pending } from "../actions.ts";
import type { Account, Droplet } from "../state.ts";
import type { Twin } from "../twin.ts";

/** A machine can switch itself off, and nobody tells: its state is looked at when it is asked for. */
export async function seePower(twin: Twin, account: Account, droplet: Droplet): Promise<void> {
  const settled = () =>
    droplet.has_machine && !pending(account, (action) => action.droplet_id === droplet.id);
  if (!settled()) return;
  const isRunning = await twin.machines.isRunning(droplet.id);
  if (settled()) droplet.status = isRunning ? "active" : "off";
}
