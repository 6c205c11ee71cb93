// At the start: what the books say is so, the machines are made to be; what was under way is carried to its end.
import { run } from "./actions.ts";
import { enforceFirewalls } from "./firewalls/enforce.ts";
import type { Account, Droplet } from "./state.ts";
import { messageOf, type Twin } from "./twin.ts";

export async function reconcile(twin: Twin): Promise<void> {
  for (const account of Object.values(twin.state.accounts)) {
    const underWay = account.actions.filter(({ status }) => status === "in-progress");
    const isBusy = ({ id }: Droplet) => underWay.some(({ droplet_id }) => droplet_id === id);
    const settled = account.droplets.filter((droplet) => droplet.has_machine && !isBusy(droplet));
    await Promise.all(settled.map((droplet) => restore(twin, account, droplet)));
    await enforceFirewalls(twin, account);
    for (const action of underWay) void run(twin, account, action);
  }
  twin.save();
}

async function restore(twin: Twin, account: Account, droplet: Droplet): Promise<void> {
  const { machines } = twin;
  try {
    for (const { id, droplet_id } of account.volumes)
      if (droplet_id === droplet.id) await machines.attachVolume(id, droplet.id);
    if (droplet.status === "active" && !(await machines.isRunning(droplet.id)))
      await machines.power(droplet.id, "power_on");
    for (const { ip, droplet_id } of account.reserved_ips)
      if (droplet_id === droplet.id) await machines.assignAddress(ip, droplet.id);
  } catch (error) {
    twin.log(`Droplet ${droplet.id} (${droplet.name}) is not what it was: ${messageOf(error)}`);
  }
}
