import { describe, expect, it } from "vitest";
import { clientIp, parseTrustedProxies } from "../../../sandbox/atlas/http/client-ip.ts";

const anybody = { singleIngress: true, trustedProxies: parseTrustedProxies("") };
const nobody = { singleIngress: false, trustedProxies: parseTrustedProxies("") };
const someProxies = {
  singleIngress: false,
  trustedProxies: parseTrustedProxies("10.0.0.0/8, 192.0.2.7, ::1"),
};
const resolves = async (host: string) => host === "known.test";

describe("the address that a call counts on", () => {
  it.each([
    ["the last entry, whoever sends it", "203.0.113.9", "1.1.1.1, 2.2.2.2", anybody, "2.2.2.2"],
    ["the peer without a header", "203.0.113.9", undefined, anybody, "203.0.113.9"],
    ["the peer when the entry has a port", "203.0.113.9", "1.1.1.1:80", anybody, "203.0.113.9"],
    ["the peer when the entry is no address", "203.0.113.9", "not an ip", anybody, "203.0.113.9"],
    ["a name that DNS knows", "203.0.113.9", "known.test", anybody, "known.test"],
    ["the peer when DNS does not know the name", "203.0.113.9", "unknown.test", anybody, "203.0.113.9"],
    ["the peer, unmapped", "::ffff:127.0.0.1", undefined, anybody, "127.0.0.1"],
    ["the peer when nobody is trusted", "203.0.113.9", "1.1.1.1", nobody, "203.0.113.9"],
    ["the entry of a trusted network", "10.1.2.3", "1.1.1.1", someProxies, "1.1.1.1"],
    ["the entry of a trusted address", "::ffff:192.0.2.7", "1.1.1.1", someProxies, "1.1.1.1"],
    ["the peer outside the trusted ones", "192.0.2.8", "1.1.1.1", someProxies, "192.0.2.8"],
  ])("is %s", async (_, peer, header, trust, expected) => {
    expect(await clientIp(peer, header, trust, resolves)).toBe(expected);
  });
});
