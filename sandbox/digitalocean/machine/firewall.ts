// Which connections a cloud firewall lets in.
import { BlockList, isIPv4 } from "node:net";
import type { InboundRule } from "../machines.ts";

export type Protocol = InboundRule["protocol"];

/** Undefined rules stand for no firewall. */
export type Rules = InboundRule[] | undefined;

/** Whether there is anybody whom the port is open to. */
export const isOpen = (rules: Rules, protocol: Protocol, port: number): boolean =>
  rules === undefined || matching(rules, protocol, port).some(({ sources }) => sources.length > 0);

export const letsIn = (rules: Rules, protocol: Protocol, port: number, peer: string): boolean =>
  rules === undefined ||
  matching(rules, protocol, port).some(({ sources }) => sources.some((network) => contains(network, peer)));

const matching = (rules: InboundRule[], protocol: Protocol, port: number): InboundRule[] =>
  rules.filter((rule) => rule.protocol === protocol && rule.from <= port && port <= rule.to);

/** A single address is a network of one. */
function contains(network: string, peer: string): boolean {
  const [base = "", bits = "32"] = network.split("/");
  if (!isIPv4(base)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), "ipv4");
  return list.check(peer, "ipv4");
}
