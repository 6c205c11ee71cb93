// A domain's records as text: of one record, and of the whole zone.
import type { Domain, DomainRecord } from "../state.ts";

const QUOTED = ["TXT"];

/** The data as in a zone file, with the numbers that belong to it, and TXT without quotes. */
export function dataOf(record: DomainRecord, domain: Domain): string {
  const { type, data, priority = 0, weight = 0, port = 0, flags = 0, tag = "issue" } = record;
  const target = data === "@" ? `${domain.name}.` : data;
  switch (type) {
    case "MX":
      return `${priority} ${target}`;
    case "SRV":
      return `${priority} ${weight} ${port} ${target}`;
    case "CAA":
      return `${flags} ${tag} "${data.replace(/\.$/, "")}"`;
    case "SOA":
      return `ns1.digitalocean.com. hostmaster.${domain.name}. ${data} 10800 3600 604800 1800`;
    default:
      return target;
  }
}

export const ownerOf = (record: DomainRecord, domain: Domain): string =>
  record.name === "@" ? domain.name : `${record.name}.${domain.name}`;

export function zoneFile(domain: Domain): string {
  const line = (record: DomainRecord): string => {
    const data = dataOf(record, domain);
    const text = QUOTED.includes(record.type) ? JSON.stringify(data) : data;
    return `${ownerOf(record, domain)}. ${record.ttl} IN ${record.type} ${text}`;
  };
  return [`$ORIGIN ${domain.name}.`, `$TTL ${domain.ttl}`, ...domain.records.map(line), ""].join("\n");
}
