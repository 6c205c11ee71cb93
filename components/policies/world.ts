// Which addresses mean "anybody".
import { isIP } from "node:net";

/** Shorter prefixes hold more than any one owner has: halves of the internet are the world in two rules. */
const shortestPrefix = { 4: 8, 6: 16 };

/** Whether an address or network lets in the world; what is neither lets it in as well, since nobody knows what it means. */
export function isWorld(source: string): boolean {
  const [address = "", prefix, ...rest] = source.trim().split("/");
  const version = isIP(address);
  if ((version !== 4 && version !== 6) || rest.length > 0) return true;
  if (prefix === undefined) return /^[0.:]+$/.test(address);
  return !/^\d+$/.test(prefix) || Number(prefix) < shortestPrefix[version];
}

/** Only this machine itself. */
export const isLoopbackAddress = (address: string): boolean =>
  address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
