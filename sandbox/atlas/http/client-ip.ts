import { BlockList, isIP, isIPv6 } from "node:net";

export interface IngressTrust {
  /** Everybody is the one ingress: the last X-Forwarded-For entry is believed. */
  singleIngress: boolean;
  trustedProxies: BlockList;
}

/** The address that a call counts on. `resolves` asks DNS, as the original does for names in the header. */
export async function clientIp(
  peer: string,
  forwardedFor: string | undefined,
  trust: IngressTrust,
  resolves: (host: string) => Promise<boolean>,
): Promise<string> {
  const address = withoutMapping(peer);
  if (!trust.singleIngress && !isTrusted(address, trust.trustedProxies)) return address;
  const last = forwardedFor?.split(",").at(-1)?.trim() ?? "";
  if (last === "" || last.toLowerCase() === "unknown") return address;
  const valid = isIP(last) !== 0 || (/^[A-Za-z0-9._-]+$/.test(last) && (await resolves(last)));
  return valid ? withoutMapping(last) : address;
}

export function parseTrustedProxies(list: string): BlockList {
  const trusted = new BlockList();
  for (const entry of list.split(",").map((part) => part.trim())) {
    const [address = "", prefix] = entry.split("/");
    if (isIP(address) === 0) continue;
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  return trusted;
}

function isTrusted(address: string, trusted: BlockList): boolean {
  return isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function withoutMapping(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}
