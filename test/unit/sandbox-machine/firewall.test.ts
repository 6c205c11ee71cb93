import { describe, expect, test } from "vitest";
import { isOpen, letsIn } from "../../../sandbox/digitalocean/machine/firewall.ts";

const rule = (protocol: "tcp" | "udp", from: number, to: number, ...sources: string[]) => ({
  protocol,
  from,
  to,
  sources,
});

describe("a firewall", () => {
  test("that is not there stops nothing", () => {
    expect(isOpen(undefined, "udp", 1)).toBe(true);
    expect(letsIn(undefined, "tcp", 65535, "203.0.113.1")).toBe(true);
  });
  test("without rules stops everything", () => {
    expect(isOpen([], "tcp", 22)).toBe(false);
    expect(letsIn([], "tcp", 22, "127.0.0.1")).toBe(false);
  });
  test.each([
    ["tcp", 22, "127.0.0.1", true],
    ["tcp", 22, "10.1.2.3", true],
    ["tcp", 23, "127.0.0.1", false],
    ["udp", 22, "127.0.0.1", false],
    ["tcp", 8000, "192.0.2.7", true],
    ["tcp", 8500, "192.0.2.127", true],
    ["tcp", 9000, "192.0.2.7", true],
    ["tcp", 9001, "192.0.2.7", false],
    ["tcp", 8500, "192.0.2.128", false],
    ["udp", 443, "198.51.100.9", true],
    ["udp", 443, "198.51.100.8", false],
    ["tcp", 7000, "192.0.2.7", false],
  ] as const)("%s %i from %s: %s", (protocol, port, peer, expected) => {
    const rules = [
      rule("tcp", 22, 22, "0.0.0.0/0", "::/0"),
      rule("tcp", 8000, 9000, "192.0.2.0/25"),
      rule("udp", 443, 443, "198.51.100.9"),
      rule("tcp", 7000, 7000, "::/0"),
      rule("tcp", 7001, 7001),
    ];
    expect(letsIn(rules, protocol, port, peer)).toBe(expected);
  });
  test("opens no port for nobody", () => {
    expect(isOpen([rule("tcp", 7001, 7001)], "tcp", 7001)).toBe(false);
  });
});
