import { lookup } from "node:dns/promises";

/** Whether the host of a URL is a loopback address or resolves to one, the hosts file included. */
export async function isLoopbackUrl(url: string): Promise<boolean> {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  if (isLoopbackAddress(host) || host.toLowerCase() === "localhost") return true;
  return await lookup(host).then(
    ({ address }) => isLoopbackAddress(address),
    () => false,
  );
}

function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}
