import { type DecodedPacket, decode, encode, type Question } from "dns-packet";
import { describe, expect, test } from "vitest";
import {
  bareReply,
  datagramLimit,
  decodeQuery,
  encodeReply,
  faultOf,
  isQuery,
  rcode,
  resolve,
  withOwnNames,
} from "../../../sandbox/internet/dns-answer.ts";
import type { DnsRecord, Lookup } from "../../../sandbox/internet/dns-records.ts";

const books: Record<string, DnsRecord[]> = {
  "shop.example": [
    { type: "NS", data: "ns1.digitalocean.com.", ttl: 1800 },
    { type: "A", data: "127.77.1.1", ttl: 300 },
    { type: "TXT", data: "v=spf1 -all", ttl: 300 },
  ],
  "www.shop.example": [{ type: "CNAME", data: "shop.example.", ttl: 60 }],
  "away.shop.example": [{ type: "CNAME", data: "cdn.elsewhere.example.", ttl: 60 }],
  "deep.shop.example": [{ type: "CNAME", data: "www.shop.example.", ttl: 60 }],
  "round.shop.example": [{ type: "CNAME", data: "round.shop.example.", ttl: 60 }],
  "dead.shop.example": [{ type: "CNAME", data: "nothing.shop.example.", ttl: 60 }],
  "broken.shop.example": [{ type: "A", data: "300.1.1.1", ttl: 60 }],
};
const lookup: Lookup = (name, type) => (books[name] ?? []).filter((record) => record.type === type);
const ask = (name: string, type: string) => resolve({ name, type } as Question, lookup);
const datas = (name: string, type: string) =>
  ask(name, type)?.answers.map((answer) => ("data" in answer ? answer.data : undefined));

describe("resolve", () => {
  test("a record that is there, whatever the case and the final dot of the question", () => {
    expect(ask("Shop.EXAMPLE.", "A")).toMatchObject({
      rcode: rcode.ok,
      answers: [{ name: "Shop.EXAMPLE.", type: "A", data: "127.77.1.1", ttl: 300 }],
    });
  });

  test.each([
    ["shop.example", "AAAA"],
    ["shop.example", "CAA"],
    ["shop.example", "UNKNOWN_65"],
  ])("a known name without such a record, %s %s: no error, no answer", (name, type) => {
    expect(ask(name, type)).toEqual({ rcode: rcode.ok, answers: [] });
  });

  test("a name that is missing from a known zone does not exist", () => {
    expect(ask("nothing.shop.example", "A")).toEqual({ rcode: rcode.noSuchName, answers: [] });
    expect(ask("a.b.shop.example", "A")).toEqual({ rcode: rcode.noSuchName, answers: [] });
  });

  test("a name of nobody here is for the outside", () => {
    expect(ask("example.org", "A")).toBeUndefined();
    expect(ask("example", "NS")).toBeUndefined();
    expect(ask(".", "NS")).toBeUndefined();
  });

  test("nothing below .invalid is asked outside", () => {
    expect(ask("other.invalid", "A")?.rcode).toBe(rcode.noSuchName);
  });

  test("aliases are followed, also through several names", () => {
    expect(datas("www.shop.example", "A")).toEqual(["shop.example", "127.77.1.1"]);
    expect(datas("deep.shop.example", "A")).toEqual(["www.shop.example", "shop.example", "127.77.1.1"]);
    expect(datas("deep.shop.example", "CNAME")).toEqual(["www.shop.example"]);
    expect(ask("www.shop.example", "AAAA")).toMatchObject({ rcode: rcode.ok, answers: [{ type: "CNAME" }] });
  });

  test("an alias for a name outside says where to go on", () => {
    expect(ask("away.shop.example", "A")).toMatchObject({
      answers: [{ type: "CNAME" }],
      elsewhere: "cdn.elsewhere.example",
    });
  });

  test("an alias for a name that is missing tells of it together with the alias", () => {
    expect(ask("dead.shop.example", "A")).toMatchObject({
      rcode: rcode.noSuchName,
      answers: [{ type: "CNAME" }],
    });
  });

  test("an alias for itself fails", () => {
    expect(ask("round.shop.example", "A")).toEqual({ rcode: rcode.failure, answers: [] });
  });

  test("a lookup that follows aliases by itself is not followed a second time", () => {
    const following: Lookup = (name, type) =>
      name === "w.example" && type === "A"
        ? [
            { type: "CNAME", data: "shop.example", ttl: 1 },
            { type: "A", data: "127.77.1.1", ttl: 1 },
          ]
        : [];
    expect(resolve({ name: "w.example", type: "A" }, following)?.answers).toHaveLength(2);
  });

  test("ANY brings all", () => {
    expect(ask("shop.example", "ANY")?.answers.map((answer) => answer.type)).toEqual(["A", "NS", "TXT"]);
  });

  test("another class than IN is for the outside", () => {
    expect(resolve({ name: "shop.example", type: "TXT", class: "CH" }, lookup)).toBeUndefined();
  });

  test("an unusable address is a fault, not another address", () => {
    expect(() => ask("broken.shop.example", "A")).toThrow(/broken\.shop\.example .* A record .*300\.1\.1\.1/);
  });
});

describe("the names of this internet itself", () => {
  const own = withOwnNames(lookup, "172.20.0.1");
  const askOwn = (name: string, type: "A" | "AAAA") => resolve({ name, type }, own);

  test.each(["atlas-sandbox.invalid", "acme.atlas-sandbox.invalid", "ACME.atlas-sandbox.invalid"])(
    "%s is at the gateway",
    (name) => {
      expect(askOwn(name, "A")?.answers).toMatchObject([{ data: "172.20.0.1" }]);
      expect(askOwn(name, "AAAA")).toEqual({ rcode: rcode.ok, answers: [] });
    },
  );

  test("others are left to the lookup, and none are below them", () => {
    expect(askOwn("shop.example", "A")?.answers).toMatchObject([{ data: "127.77.1.1" }]);
    expect(askOwn("x.atlas-sandbox.invalid", "A")?.rcode).toBe(rcode.noSuchName);
  });

  test("an IPv6 gateway is told as AAAA", () => {
    const answer = resolve({ name: "atlas-sandbox.invalid", type: "AAAA" }, withOwnNames(lookup, "fd00::1"));
    expect(answer?.answers).toMatchObject([{ type: "AAAA", data: "fd00::1" }]);
  });
});

describe("messages", () => {
  const query = (name: string, options?: { size: number }): DecodedPacket =>
    decode(
      encode({
        type: "query",
        id: 4711,
        flags: 0x0100,
        questions: [{ type: "TXT", name }],
        additionals: options
          ? [
              {
                type: "OPT",
                name: ".",
                udpPayloadSize: options.size,
                extendedRcode: 0,
                ednsVersion: 0,
                flags: 0,
                flag_do: false,
                options: [],
              },
            ]
          : [],
      }),
    );
  const long = (bytes: number) => ({
    rcode: rcode.ok,
    answers: [{ type: "TXT" as const, name: "x.example", data: Array(bytes / 100).fill("a".repeat(99)) }],
  });

  test("a reply repeats id and question, keeps the wish for recursion and has its own flags", () => {
    const reply = decode(encodeReply(query("x.example"), { rcode: rcode.noSuchName, answers: [] }, 512));
    expect(reply).toMatchObject({
      type: "response",
      id: 4711,
      rcode: "NXDOMAIN",
      flag_aa: true,
      flag_rd: true,
      flag_ra: true,
      flag_tc: false,
      questions: [{ name: "x.example", type: "TXT" }],
      additionals: [],
    });
  });

  test("what the way back cannot carry is cut off and says so", () => {
    const asked = query("x.example");
    expect(datagramLimit(asked)).toBe(512);
    const reply = decode(encodeReply(asked, long(600), datagramLimit(asked)));
    expect(reply).toMatchObject({ flag_tc: true, answers: [], rcode: "NOERROR" });
  });

  test("a client that takes more gets more, up to what no network splits; its options are answered", () => {
    const asked = query("x.example", { size: 4096 });
    expect(datagramLimit(asked)).toBe(1232);
    const reply = decode(encodeReply(asked, long(600), datagramLimit(asked)));
    expect(reply.flag_tc).toBe(false);
    expect(reply.answers).toHaveLength(1);
    expect(reply.additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1232 }]);
    expect(datagramLimit(query("x.example", { size: 100 }))).toBe(512);
  });

  test("faults of a query", () => {
    expect(faultOf(query("x.example"))).toBeUndefined();
    expect(faultOf({ ...query("x.example"), flags: 5 << 11 })).toBe(rcode.notImplemented);
    expect(faultOf({ ...query("x.example"), questions: [] })).toBe(rcode.malformed);
  });

  test("answers and scraps are no queries; bytes that nothing can decode get a bare reply", () => {
    expect(isQuery(Buffer.alloc(11))).toBe(false);
    expect(isQuery(encodeReply(query("x.example"), { rcode: 0, answers: [] }, 512))).toBe(false);
    const loop = Buffer.from("1267010000010000000000 00c00c00010001".replace(" ", ""), "hex");
    expect(isQuery(loop)).toBe(true);
    expect(decodeQuery(loop)).toBeUndefined();
    expect(decode(bareReply(loop, rcode.malformed))).toMatchObject({
      id: 0x1267,
      type: "response",
      rcode: "FORMERR",
    });
  });
});
