import { given, objects, text, texts } from "../bridge/props.ts";
import {
  type Fields,
  number,
  object,
  type PropertySpec,
  type Props,
  set,
  string,
  type Value,
} from "../bridge/schema.ts";
import type { Peers, Rule } from "./api.ts";
import { notEmpty, oneOf } from "./checks.ts";
import { tags } from "./tags.ts";

/** Inbound rules name their peers as sources, outbound ones as destinations. */
type Side = "source" | "destination";

const PEERS = {
  Addresses: "addresses",
  DropletIds: "droplet_ids",
  LoadBalancerUids: "load_balancer_uids",
  KubernetesIds: "kubernetes_ids",
  Tags: "tags",
} as const satisfies Record<string, keyof Peers>;
type PeerKind = keyof typeof PEERS;
const KINDS = Object.keys(PEERS) as PeerKind[];

export function rules(side: Side): PropertySpec {
  const names = set(string({ validate: notEmpty }));
  const specs: Record<PeerKind, PropertySpec> = {
    Addresses: names,
    DropletIds: set(number()),
    LoadBalancerUids: names,
    KubernetesIds: names,
    Tags: tags,
  };
  const peers: Fields = Object.fromEntries(KINDS.map((kind) => [`${side}${kind}`, specs[kind]]));
  return set(
    object({
      // A rule that says nothing of it allows.
      action: string({ keptWhenUnset: true, validate: oneOf(["allow", "deny"]) }),
      portRange: string({ validate: notEmpty }),
      protocol: string({ required: true, validate: oneOf(["tcp", "udp", "icmp"]) }),
      ...peers,
    }),
  );
}

/** @throws Error for a rule that lacks its ports; rules that are not known yet pass */
export function checkRules(direction: "inbound" | "outbound", given: Value | undefined): void {
  for (const { protocol, portRange } of objects(given))
    if (protocol !== "icmp" && text(portRange) === "")
      throw new Error(`\`port_range\` of ${direction} rules is required if protocol is \`tcp\` or \`udp\``);
}

export function rulesRequest(side: Side, wanted: Value | undefined): Rule[] {
  return objects(wanted).map((rule) => {
    const peers: Peers = Object.fromEntries(
      KINDS.map((kind) => {
        const value = rule[`${side}${kind}`];
        return [PEERS[kind], Array.isArray(value) ? value : []];
      }),
    );
    return {
      protocol: text(rule.protocol),
      ports: text(rule.portRange),
      ...given({ action: text(rule.action) }),
      ...(side === "source" ? { sources: given(peers) } : { destinations: given(peers) }),
    };
  });
}

export function rulesState(side: Side, found: Rule[] | null | undefined): Props[] {
  return (found ?? []).map((rule) => {
    const peers = (side === "source" ? rule.sources : rule.destinations) ?? {};
    return {
      protocol: rule.protocol,
      portRange: portsState(rule),
      action: rule.action ?? "allow",
      ...Object.fromEntries(KINDS.map((kind) => [`${side}${kind}`, peers[PEERS[kind]] ?? null])),
    };
  });
}

/** "0" stands for all ports, and for none where a protocol has no ports. */
function portsState({ protocol, ports = "" }: Rule): string | null {
  if (ports !== "0") return ports;
  return protocol === "icmp" ? null : "all";
}

export const hasRules = (given: Value | undefined): boolean =>
  typeof given === "string" || texts(given).length > 0;
