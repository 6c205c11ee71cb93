import { isIPv4 } from "node:net";
import { z } from "zod";
import { type Call, found, idParameter, parameter, readBody } from "../http/call.ts";
import { unprocessable } from "../http/errors.ts";
import { noContent, ok, page, type Reply } from "../http/reply.ts";
import { route } from "../http/router.ts";
import { type Domain, type DomainRecord, next } from "../state.ts";
import { recordBody, recordOf, requireNoClash } from "./records.ts";
import { zoneFile } from "./zone.ts";

const NAME_SERVERS = ["ns1.digitalocean.com.", "ns2.digitalocean.com.", "ns3.digitalocean.com."];
const TTL = 1800;

const domainBody = z.object({
  name: z
    .string("name is required")
    .toLowerCase()
    .max(253, "Name is too long")
    .regex(
      /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/,
      "Name Only valid hostname characters are allowed.",
    ),
  ip_address: z.string().optional(),
});

const domainView = (domain: Domain) => ({ name: domain.name, ttl: domain.ttl, zone_file: zoneFile(domain) });

/** Names come back without the dot that they must be sent with. */
const shownData = ({ type, data }: DomainRecord) =>
  ["CNAME", "MX", "NS", "SRV", "CAA"].includes(type) ? data.replace(/\.$/, "") : data;

const recordView = (record: DomainRecord) => ({
  id: record.id,
  type: record.type,
  name: record.name,
  data: shownData(record),
  priority: record.priority ?? null,
  port: record.port ?? null,
  ttl: record.ttl,
  weight: record.weight ?? null,
  flags: record.flags ?? null,
  tag: record.tag ?? null,
});

function createDomain(call: Call): Reply {
  const { state } = call.twin;
  const { name, ip_address } = readBody(call, domainBody);
  // Whose name it is, nobody can tell here: it is the first one's, over all accounts.
  const isTaken = Object.values(state.accounts).some(({ domains }) =>
    domains.some((domain) => domain.name === name),
  );
  if (isTaken) throw unprocessable("Name already exists");
  if (ip_address && !isIPv4(ip_address))
    throw unprocessable("IP address did not match IPv4 format (e.g. 127.0.0.1).");
  const record = (type: string, data: string): DomainRecord => ({
    id: next(state, "record"),
    type,
    name: "@",
    data,
    ttl: TTL,
  });
  const serial = String(Math.floor(call.twin.now() / 1000));
  const domain: Domain = {
    name,
    ttl: TTL,
    records: [
      record("SOA", serial),
      ...NAME_SERVERS.map((server) => record("NS", server)),
      ...(ip_address ? [record("A", ip_address)] : []),
    ],
  };
  call.account.domains.push(domain);
  return ok({ domain: domainView(domain) }, 201);
}

const domainOf = (call: Call): Domain => {
  const wanted = parameter(call, "domain").toLowerCase();
  return found(call.account.domains.find(({ name }) => name === wanted));
};

const recordFor = (call: Call): { domain: Domain; record: DomainRecord } => {
  const domain = domainOf(call);
  const wanted = idParameter(call);
  return { domain, record: found(domain.records.find(({ id }) => id === wanted)) };
};

function listRecords(call: Call): Reply {
  const domain = domainOf(call);
  const [type, name] = [call.query.get("type"), call.query.get("name")];
  const own = name === domain.name ? "@" : name?.replace(new RegExp(`\\.${RegExp.escape(domain.name)}$`), "");
  const records = domain.records.filter(
    (record) => (!type || record.type === type.toUpperCase()) && (!own || record.name === own),
  );
  return page(call, "domain_records", records, recordView);
}

function createRecord(call: Call): Reply {
  const domain = domainOf(call);
  const content = recordOf(domain, readBody(call, recordBody));
  requireNoClash(domain, content);
  const record = { id: next(call.twin.state, "record"), ...content };
  domain.records.push(record);
  return ok({ domain_record: recordView(record) }, 201);
}

function updateRecord(call: Call): Reply {
  const { domain, record } = recordFor(call);
  const content = recordOf(domain, readBody(call, recordBody), record);
  requireNoClash(domain, content, record);
  Object.assign(record, content);
  return ok({ domain_record: recordView(record) });
}

export const domainRoutes = [
  route("GET", "/v2/domains", (call) => page(call, "domains", call.account.domains, domainView)),
  route("POST", "/v2/domains", createDomain),
  route("GET", "/v2/domains/:domain", (call) => ok({ domain: domainView(domainOf(call)) })),
  route("DELETE", "/v2/domains/:domain", (call) => {
    const domain = domainOf(call);
    call.account.domains = call.account.domains.filter((other) => other !== domain);
    delete call.account.assigned[`do:domain:${domain.name}`];
    return noContent();
  }),
  route("GET", "/v2/domains/:domain/records", listRecords),
  route("POST", "/v2/domains/:domain/records", createRecord),
  route("GET", "/v2/domains/:domain/records/:id", (call) =>
    ok({ domain_record: recordView(recordFor(call).record) }),
  ),
  route("PUT", "/v2/domains/:domain/records/:id", updateRecord),
  route("PATCH", "/v2/domains/:domain/records/:id", updateRecord),
  route("DELETE", "/v2/domains/:domain/records/:id", (call) => {
    const { domain, record } = recordFor(call);
    if (record.type === "SOA") throw unprocessable("The SOA record of a domain cannot be deleted.");
    domain.records = domain.records.filter((other) => other !== record);
    return noContent();
  }),
];
