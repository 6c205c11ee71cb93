import { unescapeText } from "./text.ts";

/** Without a readable token the clocks may differ by this much. */
const UNKNOWN_OFFSET_MS = 5_000;

/** Is a record's text the one that was sent (in its escaped form)? Nothing sent is stored as null. */
export function sameText(found: string | null, sent: string | undefined): boolean {
  return (found ?? "") === unescapeText(sent ?? "");
}

/**
 * A moment of this machine's clock in that of the server.
 * @param offsetMs server's clock minus this machine's; it is never too high, so that nothing is overlooked.
 */
export function sinceOnServer(since: number, offsetMs: number | undefined): number {
  return since + (offsetMs ?? -UNKNOWN_OFFSET_MS);
}

/** Was a record made since a moment of this machine's clock? */
export function madeSince(createdAt: string, since: number, offsetMs: number | undefined): boolean {
  return Date.parse(createdAt) >= sinceOnServer(since, offsetMs);
}
