// What a query is answered with, apart from any socket.
import { isIPv4 } from "node:net";
import { type Answer, type DecodedPacket, decode, encode, type Packet, type Question } from "dns-packet";
import { bare, type Lookup, toAnswer } from "./dns-records.ts";
import { acmeHost, registryHost } from "./names.ts";

export const rcode = { ok: 0, malformed: 1, failure: 2, noSuchName: 3, notImplemented: 4 } as const;

export interface Resolution {
  rcode: number;
  answers: Answer[];
  /** Where a chain of aliases leaves the names known here: the rest is for the outside to say. */
  elsewhere?: string;
}

const knownTypes = ["A", "AAAA", "CNAME", "NS", "MX", "TXT", "CAA", "SRV", "SOA"];
const longestChain = 8;

/** Adds the names of this internet's own services to those that a lookup knows. */
export const withOwnNames =
  (lookup: Lookup, gateway: string): Lookup =>
  (name, type) => {
    if (name !== registryHost && name !== acmeHost) return lookup(name, type);
    return type === (isIPv4(gateway) ? "A" : "AAAA") ? [{ type, data: gateway, ttl: 60 }] : [];
  };

/** Undefined: the name is nothing that is known here. */
export function resolve(question: Question, lookup: Lookup): Resolution | undefined {
  if ((question.class ?? "IN") !== "IN") return undefined;
  const answers: Answer[] = [];
  const type: string = question.type;
  let name = question.name;
  for (let aliases = 0; aliases <= longestChain; aliases++) {
    const key = bare(name).toLowerCase();
    const found = recordsOf(key, type, lookup);
    answers.push(...found.map((record) => toAnswer(name, record)));
    const alias = found.find((record) => record.type.toUpperCase() === "CNAME");
    if (!alias || type === "CNAME" || type === "ANY") {
      const code = found.length > 0 ? rcode.ok : absent(key, lookup);
      if (code !== undefined) return { rcode: code, answers };
      return aliases === 0 ? undefined : { rcode: rcode.ok, answers, elsewhere: name };
    }
    // The lookup may have followed the alias itself.
    if (found.some((record) => record.type.toUpperCase() === type)) return { rcode: rcode.ok, answers };
    name = bare(alias.data);
  }
  return { rcode: rcode.failure, answers: [] };
}

function recordsOf(name: string, type: string, lookup: Lookup) {
  if (type === "ANY") return knownTypes.flatMap((known) => lookup(name, known));
  const found = lookup(name, type);
  return found.length > 0 ? found : lookup(name, "CNAME");
}

/** How the absence of records is told, if that is this server's to tell. */
function absent(name: string, lookup: Lookup): number | undefined {
  const has = (owner: string, types: string[]) => types.some((type) => lookup(owner, type).length > 0);
  if (name === registryHost || name === acmeHost || has(name, knownTypes)) return rcode.ok;
  // RFC 6761: this top-level domain holds no names, and resolvers do not ask anyone about it.
  if (name === "invalid" || name.endsWith(".invalid")) return rcode.noSuchName;
  const labels = name.split(".");
  const zones = labels.slice(1).map((_, index) => labels.slice(index + 1).join("."));
  return zones.some((zone) => has(zone, ["SOA", "NS"])) ? rcode.noSuchName : undefined;
}

/** The first fault of a query that cannot be answered at all; undefined for a sound one. */
export function faultOf(query: DecodedPacket): number | undefined {
  if ((((query.flags ?? 0) >> 11) & 0xf) !== 0) return rcode.notImplemented;
  return query.questions?.length === 1 ? undefined : rcode.malformed;
}

const flag = { answer: 0x8000, authoritative: 0x0400, truncated: 0x0200, wanted: 0x0100, available: 0x0080 };

/** @param limit what the way back can carry; a longer answer is cut off and says so */
export function encodeReply(
  query: DecodedPacket,
  { rcode: code, answers }: Resolution,
  limit: number,
): Buffer {
  const options = query.additionals?.find((record) => record.type === "OPT");
  const authority = code === rcode.failure ? 0 : flag.authoritative;
  const reply: Packet = {
    type: "response",
    id: query.id,
    flags: authority | flag.available | ((query.flags ?? 0) & flag.wanted) | code,
    questions: query.questions,
    answers,
    additionals: options ? [{ ...options, udpPayloadSize: largestDatagram, options: [] }] : [],
  };
  const whole = encode(reply);
  if (whole.length <= limit) return whole;
  return encode({ ...reply, answers: [], flags: (reply.flags ?? 0) | flag.truncated });
}

/** A size that no network on the way splits. */
export const largestDatagram = 1232;

/** The longest answer that a query over UDP lets in. */
export function datagramLimit(query: DecodedPacket): number {
  const options = query.additionals?.find((record) => record.type === "OPT");
  return Math.min(Math.max(512, options?.udpPayloadSize ?? 512), largestDatagram);
}

/** Answer with a code alone, made of the query's own bytes: it may be one that nothing can decode. */
export function bareReply(query: Buffer, code: number): Buffer {
  const reply = Buffer.alloc(12);
  query.copy(reply, 0, 0, 2);
  reply.writeUInt16BE(
    flag.answer | flag.available | (query.readUInt16BE(2) & (0x7800 | flag.wanted)) | code,
    2,
  );
  return reply;
}

/** Undefined: not a query (an answer, or too short to be either). */
export const isQuery = (message: Buffer): boolean =>
  message.length >= 12 && (message.readUInt16BE(2) & flag.answer) === 0;

/** Undefined when the bytes are no DNS message. */
export function decodeQuery(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message);
  } catch (error) {
    // The decoder throws plain errors and range errors alike at whatever does not fit.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
