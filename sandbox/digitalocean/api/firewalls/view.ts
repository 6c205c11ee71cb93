import type { Firewall, FirewallRule } from "../state.ts";

export const firewallView = (firewall: Firewall) => ({
  id: firewall.id,
  name: firewall.name,
  status: firewall.status,
  created_at: firewall.created_at,
  pending_changes: firewall.pending,
  inbound_rules: firewall.inbound.map((rule) => ({ ...withoutPeers(rule), sources: rule.peers })),
  outbound_rules: firewall.outbound.map((rule) => ({ ...withoutPeers(rule), destinations: rule.peers })),
  droplet_ids: firewall.droplet_ids,
  tags: firewall.tags,
});

const withoutPeers = ({ protocol, ports }: FirewallRule) => ({ protocol, ports });
