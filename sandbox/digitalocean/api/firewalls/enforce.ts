// From an account's firewalls to what each machine lets in.
import { isIPv4 } from "node:net";
import type { InboundRule } from "../../machines.ts";
import type { Account, Droplet, Firewall, FirewallRule } from "../state.ts";
import { hasTag } from "../tags.ts";
import { messageOf, type Twin } from "../twin.ts";

export const holds = (firewall: Firewall, droplet: Droplet): boolean =>
  firewall.droplet_ids.includes(droplet.id) || firewall.tags.some((tag) => hasTag(droplet.tags, tag));

/** What all firewalls of a droplet let in together; undefined when it has none. */
export function ruleset(account: Account, droplet: Droplet): InboundRule[] | undefined {
  if (!droplet.public_networking) return [];
  const firewalls = account.firewalls.filter((firewall) => holds(firewall, droplet));
  if (firewalls.length === 0) return undefined;
  return firewalls.flatMap(({ inbound }) => inbound).flatMap((rule) => inboundRule(account, rule));
}

function inboundRule(account: Account, { protocol, ports, peers }: FirewallRule): InboundRule[] {
  if (protocol === "icmp") return [];
  const [from = 0, to = from] = ports === "0" ? [1, 65535] : ports.split("-").map(Number);
  const droplets = account.droplets.filter(
    ({ id, tags }) => peers.droplet_ids?.includes(id) || peers.tags?.some((tag) => hasTag(tags, tag)),
  );
  const sources = [
    ...(peers.addresses ?? []).filter((address) => isIPv4(address.split("/")[0] ?? "")),
    ...droplets.flatMap(({ public_address, private_address }) => [public_address, private_address]),
  ].map((address) => (address.includes("/") ? address : `${address}/32`));
  return [{ protocol, from, to, sources: [...new Set(sources)] }];
}

/** Sets the rules of each droplet whose rules have changed. To be called after whatever may have changed them. */
export async function enforceFirewalls(twin: Twin, account: Account): Promise<void> {
  const changed = account.droplets.flatMap((droplet) => {
    const rules = ruleset(account, droplet);
    const text = JSON.stringify(rules);
    const isInForce = twin.rulesInForce.has(droplet.id) && twin.rulesInForce.get(droplet.id) === text;
    return droplet.has_machine && !isInForce ? [{ id: droplet.id, rules, text }] : [];
  });
  const failed = new Set<number>();
  await Promise.all(
    changed.map(async ({ id, rules, text }) => {
      try {
        twin.rulesInForce.set(id, text);
        await twin.machines.setFirewall(id, rules);
      } catch (error) {
        twin.rulesInForce.delete(id);
        failed.add(id);
        twin.log(`The firewall of droplet ${id} could not be set: ${messageOf(error)}`);
      }
    }),
  );
  for (const firewall of account.firewalls) settle(account, firewall, failed);
}

function settle(account: Account, firewall: Firewall, failed: Set<number>): void {
  const isFailed = account.droplets.some((droplet) => failed.has(droplet.id) && holds(firewall, droplet));
  firewall.status = isFailed ? "failed" : "succeeded";
  firewall.pending = isFailed ? firewall.pending.map((change) => ({ ...change, status: "failed" })) : [];
}
