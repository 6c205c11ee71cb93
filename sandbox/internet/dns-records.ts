// DNS records as the account's books keep them (the data as in a zone file) and as they go over the wire.
import { isIPv4, isIPv6 } from "node:net";
import type { Answer } from "dns-packet";

export interface DnsRecord {
  type: string;
  /** As in a zone file: `10 mail.example.com` for MX, `0 issue "letsencrypt.org"` for CAA; TXT without quotes. */
  data: string;
  ttl: number;
}

/** What is known about a name, of one type; nothing is an empty list. */
export type Lookup = (name: string, type: string) => DnsRecord[];

/** @throws Error naming the record, when its data does not fit its type */
export function toAnswer(name: string, record: DnsRecord): Answer {
  const { data, ttl } = record;
  const base = { name, ttl, class: "IN" as const };
  const fields = (pattern: RegExp): string[] => {
    const match = pattern.exec(data.trim());
    if (!match) throw new Error(`${name} has a ${record.type} record with unusable data: ${data}`);
    return match.slice(1);
  };
  switch (record.type.toUpperCase()) {
    case "A":
      if (!isIPv4(data)) fields(/^$/);
      return { ...base, type: "A", data };
    case "AAAA":
      if (!isIPv6(data)) fields(/^$/);
      return { ...base, type: "AAAA", data };
    case "CNAME":
    case "NS":
    case "PTR":
      return { ...base, type: record.type.toUpperCase() as "CNAME" | "NS" | "PTR", data: bare(data) };
    case "TXT":
      return { ...base, type: "TXT", data: chunks(Buffer.from(data)) };
    case "MX": {
      const [preference = "", exchange = ""] = fields(/^(\d+)\s+(\S+)$/);
      return { ...base, type: "MX", data: { preference: Number(preference), exchange: bare(exchange) } };
    }
    case "SRV": {
      const [priority, weight, port, target = ""] = fields(/^(\d+)\s+(\d+)\s+(\d+)\s+(\S+)$/);
      const numbers = { priority: Number(priority), weight: Number(weight), port: Number(port) };
      return { ...base, type: "SRV", data: { ...numbers, target: bare(target) } };
    }
    case "CAA": {
      const [flags, tag, value = ""] = fields(/^(\d+)\s+(issue|issuewild|iodef)\s+"?([^"]*)"?$/);
      const known = tag as "issue" | "issuewild" | "iodef";
      return { ...base, type: "CAA", data: { flags: Number(flags), tag: known, value } };
    }
    case "SOA": {
      const [mname = "", rname = "", ...numbers] = fields(
        /^(\S+)\s+(\S+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/,
      );
      const [serial, refresh, retry, expire, minimum] = numbers.map(Number);
      const times = { serial, refresh, retry, expire, minimum };
      return { ...base, type: "SOA", data: { mname: bare(mname), rname: bare(rname), ...times } };
    }
    default:
      throw new Error(`${name} has a record of type ${record.type}, which this DNS server cannot send`);
  }
}

/** Names are absolute here; a zone file says so with a dot at the end. */
export const bare = (name: string): string => name.replace(/(.)\.$/, "$1");

/** A character string of a TXT record holds 255 bytes; longer texts are sent as several, which readers join. */
function chunks(text: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(text.length / 255));
  return Array.from({ length: count }, (_, index) => text.subarray(index * 255, (index + 1) * 255));
}
