import { describe, expect, test } from "vitest";
import { unknown } from "../../../components/cost/resource.ts";
import { violations } from "../../../components/policies.ts";
import { broken, planned } from "./planned.ts";

const world = ["0.0.0.0/0", "::/0"];
const notKnown = "not known before the run";

describe("a firewall", () => {
  const opens = (rule: Record<string, unknown>) =>
    broken("firewall-doors", [planned("Firewall", "wall", { inboundRules: [rule] })]);

  test.each([
    { protocol: "tcp", portRange: "80", sourceAddresses: world },
    { protocol: "tcp", portRange: "443", sourceAddresses: world },
    { protocol: "tcp", portRange: "443-443", sourceAddresses: world },
    { protocol: "tcp", portRange: 443, sourceAddresses: world },
    { protocol: "udp", portRange: "443", sourceAddresses: world },
    { protocol: "icmp", sourceAddresses: world },
    { protocol: "tcp", portRange: "22", sourceAddresses: ["203.0.113.7/32", "2001:db8::/48"] },
    { protocol: "tcp", portRange: "22", sourceAddresses: ["203.0.113.7", "10.0.0.0/8"] },
    { protocol: "tcp", portRange: "all", sourceTags: ["web"] },
    { protocol: "tcp", portRange: unknown, sourceAddresses: ["203.0.113.7/32"] },
  ])("may have $protocol $portRange from $sourceAddresses", (rule) => {
    expect(opens(rule)).toEqual([]);
  });

  test.each([
    ["tcp", "22", ["0.0.0.0/0"], "tcp 22 from 0.0.0.0/0"],
    ["tcp", "22", ["203.0.113.7/32", "::/0"], "tcp 22 from ::/0"],
    ["tcp", "22", ["198.51.100.9/0"], "tcp 22 from 198.51.100.9/0"],
    ["tcp", "22", ["0:0:0:0:0:0:0:0/0"], "tcp 22 from 0:0:0:0:0:0:0:0/0"],
    ["tcp", "22", ["0.0.0.0/1", "128.0.0.0/1"], "tcp 22 from 0.0.0.0/1, 128.0.0.0/1"],
    ["tcp", "22", ["2000::/3"], "tcp 22 from 2000::/3"],
    ["tcp", "22", ["0.0.0.0"], "tcp 22 from 0.0.0.0"],
    ["tcp", "22", ["everywhere"], "tcp 22 from everywhere"],
    ["tcp", "80-443", world, "tcp 80-443 from 0.0.0.0/0, ::/0"],
    ["tcp", "1-65535", world, "tcp 1-65535 from 0.0.0.0/0, ::/0"],
    ["tcp", "all", world, "tcp all from 0.0.0.0/0, ::/0"],
    ["tcp", "0", world, "tcp 0 from 0.0.0.0/0, ::/0"],
    ["udp", "80", world, "udp 80 from 0.0.0.0/0, ::/0"],
    ["sctp", "443", world, "sctp 443 from 0.0.0.0/0, ::/0"],
    ["tcp", undefined, world, "tcp without portRange from 0.0.0.0/0, ::/0"],
    ["tcp", unknown, world, notKnown],
    ["tcp", "22", unknown, notKnown],
    ["tcp", "22", [unknown], notKnown],
  ])("may not have %s %s from %j", (protocol, portRange, sourceAddresses, value) => {
    expect(opens({ protocol, portRange, sourceAddresses })).toEqual([`wall: ${value}`]);
  });

  test("whose public ports are for sources not known yet is fine: they are for anybody", () => {
    expect(opens({ protocol: "tcp", portRange: "443", sourceAddresses: unknown })).toEqual([]);
  });

  test.each([[unknown], [[unknown]], ["[secret]"]])("with rules %j is not trusted", (inboundRules) => {
    expect(broken("firewall-doors", [planned("Firewall", "wall", { inboundRules })])).toEqual([
      `wall: ${notKnown}`,
    ]);
  });
});

describe("a droplet", () => {
  const open = (...resources: ReturnType<typeof planned>[]) =>
    broken("droplets-behind-firewalls", resources).map((text) => text.split(":")[0]);
  const droplet = planned("Droplet", "web", { tags: ["web"] });
  const tag = planned("Tag", "tag", { name: "web" });
  const byTag = { tags: [unknown] };

  test("without any firewall is open", () => {
    expect(open(droplet)).toEqual(["web"]);
  });

  test("with another's firewall is open", () => {
    expect(open(droplet, planned("Firewall", "wall", { tags: ["db"] }))).toEqual(["web"]);
  });

  test("is behind a firewall of the same tag", () => {
    expect(open(droplet, planned("Firewall", "wall", { tags: ["db", "web"] }))).toEqual([]);
  });

  test("is behind a firewall that uses the same tag, whose name nobody knows yet", () => {
    const nameless = planned("Tag", "tag", { name: unknown });
    const uses = { tags: [nameless] };
    const wall = planned("Firewall", "wall", byTag, { uses });
    expect(open(nameless, wall, planned("Droplet", "web", byTag, { uses }))).toEqual([]);
  });

  test("is behind a firewall that uses a tag of the name that the droplet writes out", () => {
    expect(open(tag, droplet, planned("Firewall", "wall", byTag, { uses: { tags: [tag] } }))).toEqual([]);
  });

  test("that uses another tag is open", () => {
    const other = planned("Tag", "other", { name: "other" });
    const wall = planned("Firewall", "wall", byTag, { uses: { tags: [other] } });
    expect(open(tag, other, wall, planned("Droplet", "web", byTag, { uses: { tags: [tag] } }))).toEqual([
      "web",
    ]);
  });

  test("with a tag from elsewhere that nobody knows is open, as its firewall's may be another", () => {
    expect(open(planned("Firewall", "wall", byTag), planned("Droplet", "web", byTag))).toEqual(["web"]);
  });

  test("is behind a firewall that names it", () => {
    const wall = planned("Firewall", "wall", { dropletIds: [unknown] }, { uses: { dropletIds: [droplet] } });
    expect(open(droplet, wall, planned("Droplet", "second"))).toEqual(["second"]);
  });
});

describe("a load balancer", () => {
  const rules = (...entryPorts: unknown[]) => ({
    forwardingRules: entryPorts.map((entryPort) => ({ entryPort, entryProtocol: "tcp" })),
  });

  test("listens on 80 and 443", () => {
    expect(broken("load-balancer-doors", [planned("LoadBalancer", "lb", rules(80, 443))])).toEqual([]);
  });

  test("does not listen elsewhere, unless it is internal", () => {
    const open = planned("LoadBalancer", "lb", rules(443, 5432, unknown));
    expect(broken("load-balancer-doors", [open])).toEqual(["lb: tcp 5432", `lb: ${notKnown}`]);
    const internal = planned("LoadBalancer", "lb", { ...rules(5432), network: "INTERNAL" });
    expect(broken("load-balancer-doors", [internal])).toEqual([]);
  });
});

describe("a managed database", () => {
  const cluster = planned("DatabaseCluster", "db", {}, { protect: true });
  const guard = (...rules: unknown[]) =>
    planned("DatabaseFirewall", "guard", { rules }, { uses: { clusterId: [cluster] } });

  test("without a firewall is open", () => {
    expect(broken("database-doors", [cluster])).toEqual(["db: no DatabaseFirewall"]);
  });

  test("is for the sources that its firewall names", () => {
    const named = guard({ type: "droplet", value: unknown }, { type: "ip_addr", value: "203.0.113.7" });
    expect(broken("database-doors", [cluster, named])).toEqual([]);
    const open = guard({ type: "ip_addr", value: "0.0.0.0/0" }, { type: "ip_addr", value: unknown });
    expect(broken("database-doors", [cluster, open])).toEqual(["guard: 0.0.0.0/0", `guard: ${notKnown}`]);
  });
});

describe("a container", () => {
  const publishes = (name: string, ...ports: unknown[]) =>
    broken("container-doors", [planned("Container", name, { ports })]);

  test.each(["127.0.0.1", "127.1.2.3", "::1"])("publishes on %s", (ip) => {
    expect(publishes("atlas-postgres", { internal: 5432, external: 5433, ip })).toEqual([]);
  });

  test.each([
    [undefined, "every address, port 5433"],
    ["", "every address, port 5433"],
    ["0.0.0.0", "0.0.0.0, port 5433"],
    ["192.168.1.4", "192.168.1.4, port 5433"],
    ["127.0.0.1.example", "127.0.0.1.example, port 5433"],
    [unknown, notKnown],
  ])("does not publish on %s", (ip, value) => {
    expect(publishes("atlas-postgres", { internal: 5432, external: 5433, ip })).toEqual([
      `atlas-postgres: ${value}`,
    ]);
  });

  test("of the public door may", () => {
    expect(publishes("atlas-ingress", { internal: 8080, external: 80, ip: "0.0.0.0" })).toEqual([]);
  });

  test("of the public door may not take the whole network of the machine", () => {
    const container = planned("Container", "atlas-ingress", { networkMode: "host" });
    expect(broken("container-doors", [container])).toEqual(["atlas-ingress: networkMode host"]);
  });

  test("whose ports nobody knows is not trusted", () => {
    expect(broken("container-doors", [planned("Container", "atlas-backend", { ports: unknown })])).toEqual([
      `atlas-backend: ${notKnown}`,
    ]);
  });
});

test("what is not known says so, with the input's name", () => {
  const [violation] = violations([planned("Firewall", "wall", { inboundRules: unknown })], {
    production: false,
  });
  expect(violation).toEqual({
    policy: "firewall-doors",
    type: "digitalocean:index/firewall:Firewall",
    name: "wall",
    value: "not known before the run",
    fault: "inboundRules only becomes known during the run, so nobody can say that the rule holds",
    mend: "give inboundRules as a plain value",
  });
});
