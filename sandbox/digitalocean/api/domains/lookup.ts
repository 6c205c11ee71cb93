// What the name servers of the original would say, and the registrar elsewhere.
import type { Domain, DomainRecord, State } from "../state.ts";
import { dataOf, ownerOf } from "./zone.ts";

export interface Answer {
  type: string;
  /** As in a zone file; TXT without quotes. */
  data: string;
  ttl: number;
}

const ELSEWHERE_TTL = 60;

/** The records of a name of one type, "ANY" for all; nothing is an empty list. */
export function lookup(state: State, name: string, type: string): Answer[] {
  const wanted = name.toLowerCase().replace(/\.$/, "");
  return recordsOf(state, wanted).filter((answer) => type === "ANY" || answer.type === type);
}

function recordsOf(state: State, name: string): Answer[] {
  const address = state.dns[name];
  if (address !== undefined)
    return [{ type: address.includes(":") ? "AAAA" : "A", data: address, ttl: ELSEWHERE_TTL }];
  const domain = zoneOf(state, name);
  if (!domain) return [];
  const answers = (records: DomainRecord[]) =>
    records.map((record) => ({ type: record.type, data: dataOf(record, domain), ttl: record.ttl }));
  return answers(named(domain, name) ?? []);
}

/** The closest domain above a name, over all accounts. */
function zoneOf(state: State, name: string): Domain | undefined {
  const domains = Object.values(state.accounts).flatMap((account) => account.domains);
  const labels = name.split(".");
  const zones = labels.map((_, index) => labels.slice(index).join("."));
  return zones.flatMap((zone) => domains.filter((domain) => domain.name === zone))[0];
}

/** A wildcard stands for what is below it, as far as there is no name of its own. */
function named(domain: Domain, name: string): DomainRecord[] | undefined {
  const owned = (owner: string) =>
    domain.records.filter((record) => ownerOf(record, domain).toLowerCase() === owner);
  if (owned(name).length > 0) return owned(name);
  if (name === domain.name) return undefined;
  const labels = name.slice(0, -domain.name.length - 1).split(".");
  const parents = labels.map((_, index) => [...labels.slice(index + 1), domain.name].join("."));
  for (const parent of parents) {
    const wild = owned(`*.${parent}`);
    if (wild.length > 0) return wild;
    if (owned(parent).length > 0) return undefined;
  }
  return undefined;
}
