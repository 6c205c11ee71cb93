// Rules as they come in, and what is wrong with them.
import { isIP } from "node:net";
import { z } from "zod";
import { unprocessable } from "../http/errors.ts";
import type { Account, FirewallRule, Peers } from "../state.ts";
import { hasTag } from "../tags.ts";

const MAX_RULES = 50;
const MAX_DROPLETS = 10;
const MAX_TAGS = 5;

const peers = z.object({
  addresses: z.array(z.string()).optional(),
  droplet_ids: z.array(z.coerce.number().int()).optional(),
  load_balancer_uids: z.array(z.string()).optional(),
  kubernetes_ids: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
});

const rule = {
  protocol: z.enum(["tcp", "udp", "icmp"], "you must specify a valid protocol: tcp, udp or icmp"),
  ports: z.coerce.string().default(""),
};

const inbound = z.object({ ...rule, sources: peers.default({}) });
const outbound = z.object({ ...rule, destinations: peers.default({}) });

export const rulesBody = z.object({
  inbound_rules: z.array(inbound).default([]),
  outbound_rules: z.array(outbound).default([]),
});

export const membersBody = z.object({
  droplet_ids: z.array(z.coerce.number().int()).default([]),
  tags: z.array(z.string()).default([]),
});

export const firewallBody = z.object({
  name: z
    .string("name is required")
    .max(255, "name is too long")
    .regex(
      /^[a-zA-Z0-9][a-zA-Z0-9.-]*$/,
      "name must begin with a letter or number and may contain only letters, numbers, dashes and periods",
    ),
  ...rulesBody.shape,
  ...membersBody.shape,
});

/** Both lists in one form. */
export const rulesOf = (account: Account, body: z.infer<typeof rulesBody>) => ({
  inbound: body.inbound_rules.map((given) => valid(account, given, given.sources)),
  outbound: body.outbound_rules.map((given) => valid(account, given, given.destinations)),
});

function valid(
  account: Account,
  { protocol, ports }: { protocol: FirewallRule["protocol"]; ports: string },
  given: Peers,
): FirewallRule {
  const named = Object.entries(given).filter(([, list]) => list.length > 0);
  if (named.length === 0) throw unprocessable("a rule must have at least one source or destination");
  const malformed = (given.addresses ?? []).find((address) => !isAddress(address));
  if (malformed !== undefined) throw unprocessable(`invalid address: ${malformed}`);
  requireKnown(account, { droplet_ids: given.droplet_ids ?? [], tags: given.tags ?? [] });
  return { protocol, ports: protocol === "icmp" ? "0" : validPorts(ports), peers: Object.fromEntries(named) };
}

/** All ports are "0" or "all", which comes back as "0"; a range stays as it was written. */
function validPorts(ports: string): string {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports);
  const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (ports === "0" || ports === "all") return "0";
  if (!match || from < 1 || to > 65535 || from > to)
    throw unprocessable(`you must specify a valid range for ports, not "${ports}" ("0" stands for all)`);
  return from === to ? String(from) : `${from}-${to}`;
}

function isAddress(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** Unlike elsewhere, tags do not come into being by being named in a firewall. */
export function requireKnown(account: Account, { droplet_ids, tags }: z.infer<typeof membersBody>): void {
  const tag = tags.find((name) => !hasTag(account.tags, name));
  if (tag !== undefined) throw unprocessable(`tag ${tag} does not exist`);
  const droplet = droplet_ids.find((wanted) => !account.droplets.some(({ id }) => id === wanted));
  if (droplet !== undefined) throw unprocessable(`droplet ${droplet} does not exist`);
}

export function requireWithinLimits(firewall: {
  inbound: FirewallRule[];
  outbound: FirewallRule[];
  droplet_ids: number[];
  tags: string[];
}): void {
  const { inbound, outbound, droplet_ids, tags } = firewall;
  if (inbound.length + outbound.length === 0) throw unprocessable("must specify at least one rule");
  if (inbound.length + outbound.length > MAX_RULES)
    throw unprocessable(`a firewall can have up to ${MAX_RULES} rules`);
  if (droplet_ids.length > MAX_DROPLETS)
    throw unprocessable(`a firewall can have up to ${MAX_DROPLETS} droplets`);
  if (tags.length > MAX_TAGS) throw unprocessable(`a firewall can have up to ${MAX_TAGS} tags`);
  for (const rules of [inbound, outbound])
    if (new Set(rules.map(keyOf)).size < rules.length) throw unprocessable("duplicate rules are not allowed");
}

/** The same for rules that say the same. */
export const keyOf = ({ protocol, ports, peers }: FirewallRule): string =>
  JSON.stringify([
    protocol,
    ports,
    Object.entries(peers)
      .map(([kind, list]) => [kind, list.map(String).toSorted()])
      .toSorted(),
  ]);
