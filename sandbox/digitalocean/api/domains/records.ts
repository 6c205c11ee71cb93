import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { unprocessable } from "../http/errors.ts";
import type { Domain, DomainRecord } from "../state.ts";

const TYPES = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT", "SOA"];
const TARGETS = ["CNAME", "MX", "NS", "SRV"];
const port = z.int().min(0).max(65_535);

export const recordBody = z.object({
  type: z.string().toUpperCase().optional(),
  name: z.string().optional(),
  data: z.string().optional(),
  priority: port.optional(),
  port: port.optional(),
  ttl: z.int().min(30, "Ttl must be at least 30").max(2_147_483_647).optional(),
  weight: port.optional(),
  flags: z.int().min(0).max(255, "Flags must be between 0 and 255").optional(),
  tag: z.enum(["issue", "issuewild", "iodef"], "Tag must be issue, issuewild or iodef").optional(),
});

export type RecordBody = z.infer<typeof recordBody>;

/** A record made of a body, or of what it was and a body; @throws ApiError 422 */
export function recordOf(domain: Domain, body: RecordBody, known?: DomainRecord): Omit<DomainRecord, "id"> {
  const type = body.type ?? known?.type ?? "";
  if (!TYPES.includes(type)) throw unprocessable(`Type must be one of ${TYPES.join(", ")}`);
  if (type === "SOA" && known?.type !== "SOA") throw unprocessable("A domain has one SOA record already.");
  const given = { ...known, ...body };
  const data = checkedData(type, given.data ?? "", domain);
  const required = (value: number | undefined, name: string) => {
    if (value === undefined) throw unprocessable(`${name} can't be blank for ${type} records`);
    return value;
  };
  const common = {
    type,
    name: ownName(given.name ?? (["NS", "MX"].includes(type) ? "@" : ""), domain),
    data,
    ttl: body.ttl ?? known?.ttl ?? domain.ttl,
  };
  switch (type) {
    case "MX":
      return { ...common, priority: required(given.priority, "Priority") };
    case "SRV":
      return {
        ...common,
        priority: required(given.priority, "Priority"),
        port: required(given.port, "Port"),
        weight: required(given.weight, "Weight"),
      };
    case "CAA":
      if (!given.tag) throw unprocessable("Tag can't be blank for CAA records");
      return { ...common, flags: required(given.flags, "Flags"), tag: given.tag };
    default:
      return common;
  }
}

/** Names are kept without the domain; a name that ends with a dot is a whole one. */
function ownName(given: string, { name: zone }: Domain): string {
  const text = given.toLowerCase();
  if (text === "") throw unprocessable("Name can't be blank");
  if (text === "@" || text === zone || text === `${zone}.`) return "@";
  const own = text.endsWith(`.${zone}.`) ? text.slice(0, -zone.length - 2) : text;
  if (own.endsWith(".")) throw unprocessable(`Name ${given} is not within ${zone}`);
  const labels = own.split(".");
  const valid = labels.every((label, index) =>
    label === "*" ? index === 0 : /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label),
  );
  if (!valid)
    throw unprocessable("Name Only valid hostname characters are allowed. (a-z, A-Z, 0-9, ., _ and -)");
  return own;
}

function checkedData(type: string, data: string, domain: Domain): string {
  if (data === "") throw unprocessable("Data can't be blank");
  if (type === "A" && !isIPv4(data))
    throw unprocessable("IP address did not match IPv4 format (e.g. 127.0.0.1).");
  if (type === "AAAA" && !isIPv6(data))
    throw unprocessable("IP address did not match IPv6 format (e.g. 2001:db8::1).");
  if (TARGETS.includes(type) && data !== "@" && !data.endsWith("."))
    throw unprocessable("Data needs to end with a dot (.)");
  if (type === "CAA" && !/^[\w.:;=@/ -]+$/.test(data))
    throw unprocessable("Data is no value of a CAA record");
  return data === `${domain.name}.` && type !== "NS" ? "@" : data;
}

/** An alias has no other records beside it. */
export function requireNoClash(domain: Domain, record: Omit<DomainRecord, "id">, own?: DomainRecord): void {
  const beside = domain.records.filter((other) => other !== own && other.name === record.name);
  const clash = record.type === "CNAME" ? beside.length > 0 : beside.some(({ type }) => type === "CNAME");
  if (clash) throw unprocessable("CNAME records cannot share a name with other records");
  if (beside.some((other) => other.type === record.type && sameData(other, record)))
    throw unprocessable("Record already exists");
}

const sameData = (one: Omit<DomainRecord, "id">, other: Omit<DomainRecord, "id">): boolean =>
  (["data", "priority", "port", "weight", "flags", "tag"] as const).every((key) => one[key] === other[key]);
