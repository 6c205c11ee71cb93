import { decode, encode } from "dns-packet";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toAnswer } from "../../../sandbox/internet/dns-records.ts";

/** As a client gets it. */
function sent(type: string, data: string) {
  const answers = [toAnswer("x.example", { type, data, ttl: 30 })];
  const [answer] = decode(encode({ type: "response", answers })).answers ?? [];
  return answer && "data" in answer ? answer.data : undefined;
}

describe("records over the wire", () => {
  test.each([
    ["A", "127.77.1.1", "127.77.1.1"],
    ["AAAA", "fd00::17", "fd00::17"],
    ["CNAME", "shop.example.", "shop.example"],
    ["NS", "ns1.digitalocean.com", "ns1.digitalocean.com"],
    ["MX", "10 mail.example.", { preference: 10, exchange: "mail.example" }],
    ["SRV", "1 2 443 a.example.", { priority: 1, weight: 2, port: 443, target: "a.example" }],
    [
      "CAA",
      '0 issue "letsencrypt.org"',
      { flags: 0, tag: "issue", value: "letsencrypt.org", issuerCritical: false },
    ],
    ["CAA", "128 issuewild ;", { flags: 128, tag: "issuewild", value: ";", issuerCritical: true }],
    [
      "SOA",
      "ns1.example. hostmaster.example. 7 10800 3600 604800 1800",
      {
        mname: "ns1.example",
        rname: "hostmaster.example",
        serial: 7,
        refresh: 10800,
        retry: 3600,
        expire: 604800,
        minimum: 1800,
      },
    ],
  ])("%s %s", (type, data, expected) => {
    expect(sent(type, data)).toEqual(expected);
  });

  test("a text of any length and script arrives whole", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 1000 }), (text) => {
        const parts = sent("TXT", text) as Buffer[];
        expect(Buffer.concat(parts).toString()).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["A", "fd00::17"],
    ["AAAA", "127.0.0.1"],
    ["MX", "mail.example"],
    ["CAA", "letsencrypt.org"],
    ["SRV", "443 a.example"],
  ])("unusable data is named: %s %s", (type, data) => {
    expect(() => sent(type, data)).toThrow(`x.example has a ${type} record with unusable data: ${data}`);
  });

  test("a type that cannot be sent is named", () => {
    expect(() => sent("LOC", "52 N")).toThrow(/type LOC/);
  });
});
