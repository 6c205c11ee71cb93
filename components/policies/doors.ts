// What anybody on the internet may knock at: ports 80 and 443, and nothing else.
import { keyOf, type PlannedResource } from "../cost/resource.ts";
import { type Fields, type Finding, fieldsOf, isUnknown, notKnown, type Policy, textsOf } from "./policy.ts";
import { isLoopbackAddress, isWorld } from "./world.ts";

const droplet = "digitalocean:index/droplet:Droplet";
const firewall = "digitalocean:index/firewall:Firewall";
const tag = "digitalocean:index/tag:Tag";
const database = "digitalocean:index/databaseCluster:DatabaseCluster";
const databaseFirewall = "digitalocean:index/databaseFirewall:DatabaseFirewall";

/** By protocol; HTTP/3 speaks UDP. */
const publicPorts: Record<string, string[]> = { tcp: ["80", "443"], udp: ["443"] };

export const firewallDoors: Policy = {
  name: "firewall-doors",
  explains: "Firewalls open 80 and 443 to the world, and nothing else; ssh is for named networks.",
  check({ type, inputs }) {
    if (type !== firewall) return [];
    return fieldsOf(inputs.inboundRules)?.flatMap(openDoor) ?? [notKnown("inboundRules")];
  },
};

function openDoor({ protocol, portRange, sourceAddresses }: Fields): Finding[] {
  if (protocol === "icmp") return [];
  const sources = textsOf(sourceAddresses);
  const world = sources?.filter(isWorld);
  if (world?.length === 0) return [];
  const ports = portsOf(portRange);
  if (typeof protocol === "string" && ports.every((port) => publicPorts[protocol]?.includes(port))) return [];
  if (world === undefined) return [notKnown("sourceAddresses")];
  if (isUnknown(protocol) || isUnknown(portRange)) return [notKnown("protocol and portRange")];
  return [
    {
      value: `${protocol} ${portRange ?? "without portRange"} from ${world.join(", ")}`,
      fault: "is open to the world",
      mend: "name the networks that may come in, such as 203.0.113.7/32, or close it",
    },
  ];
}

/** Both ends of a range of two; anything longer, or not readable, holds a port that is not public. */
function portsOf(range: unknown): string[] {
  const [first = "", last = first, ...rest] = String(range).split("-");
  return first === last && rest.length === 0 ? [first.trim()] : ["other"];
}

export const dropletsBehindFirewalls: Policy = {
  name: "droplets-behind-firewalls",
  explains: "A firewall stands before every droplet; without one all its ports are open.",
  check(resource, all) {
    if (resource.type !== droplet) return [];
    const firewalls = all.filter(({ type }) => type === firewall);
    if (firewalls.some((candidate) => covers(candidate, resource, all))) return [];
    return [
      {
        value: `tags ${JSON.stringify(textsOf(resource.inputs.tags) ?? "not known before the run")}`,
        fault:
          firewalls.length === 0
            ? "no firewall is in this stack: all its ports are open to the world"
            : "no firewall is bound to it or to one of its tags: all its ports are open to the world",
        mend: "give firewall and droplet the same Tag resource, or name the droplet in the firewall's dropletIds",
      },
    ];
  },
};

/** By the droplet itself or by a tag that both carry, whether its name is known yet or not. */
function covers(candidate: PlannedResource, target: PlannedResource, all: PlannedResource[]): boolean {
  if (candidate.uses.dropletIds?.includes(keyOf(target))) return true;
  const tags = tagsOf(target, all);
  return [...tagsOf(candidate, all)].some((one) => tags.has(one));
}

function tagsOf({ inputs, uses }: PlannedResource, all: PlannedResource[]): Set<string> {
  const written = Array.isArray(inputs.tags) ? inputs.tags : [];
  const used = all.filter((one) => one.type === tag && uses.tags?.includes(keyOf(one)));
  const names = [...written, ...used.map((one) => one.inputs.name)];
  return new Set([
    ...names.filter((name) => typeof name === "string" && !isUnknown(name)).map((name) => `name ${name}`),
    ...used.map((one) => `resource ${keyOf(one)}`),
  ]);
}

export const loadBalancerDoors: Policy = {
  name: "load-balancer-doors",
  explains: "Load balancers listen on 80 and 443, unless they are internal.",
  check({ type, inputs }) {
    if (type !== "digitalocean:index/loadBalancer:LoadBalancer" || inputs.network === "INTERNAL") return [];
    const rules = fieldsOf(inputs.forwardingRules);
    if (!rules) return [notKnown("forwardingRules")];
    return rules
      .map(({ entryPort, entryProtocol }) => ({ port: String(entryPort), entryProtocol }))
      .filter(({ port }) => !["80", "443"].includes(port))
      .map(({ port, entryProtocol }) =>
        isUnknown(port)
          ? notKnown("entryPort")
          : {
              value: `${entryProtocol} ${port}`,
              fault: "is open to the world",
              mend: "listen on 80 or 443, or make the load balancer internal (network INTERNAL)",
            },
      );
  },
};

export const databaseDoors: Policy = {
  name: "database-doors",
  explains: "Managed databases are for named sources; without a DatabaseFirewall anybody may connect.",
  check(resource, all) {
    if (resource.type === databaseFirewall) {
      const rules = fieldsOf(resource.inputs.rules);
      if (!rules) return [notKnown("rules")];
      return rules
        .filter(({ type }) => type === "ip_addr" || isUnknown(type))
        .flatMap(({ value }) => (isUnknown(value) ? [notKnown("the address of a rule")] : openSource(value)));
    }
    if (resource.type !== database) return [];
    const guarded = all.some(
      ({ type, uses }) => type === databaseFirewall && uses.clusterId?.includes(keyOf(resource)),
    );
    if (guarded) return [];
    return [
      {
        value: "no DatabaseFirewall",
        fault: "its port is open to the world",
        mend: "add a DatabaseFirewall whose clusterId is this cluster's, with the droplet or tag that may connect",
      },
    ];
  },
};

const openSource = (source: unknown): Finding[] =>
  isWorld(String(source))
    ? [
        {
          value: String(source),
          fault: "lets in the world",
          mend: "name the droplet, tag or network instead",
        },
      ]
    : [];

export const containerDoors: Policy = {
  name: "container-doors",
  explains: "Containers publish ports on this machine's loopback address alone; only the -ingress is public.",
  check({ type, name, inputs }) {
    if (type !== "docker:index/container:Container") return [];
    if (inputs.networkMode === "host" || inputs.publishAllPorts === true)
      return [
        {
          value: inputs.networkMode === "host" ? "networkMode host" : "publishAllPorts",
          fault: "publishes whatever the container listens on",
          mend: "publish single ports, on 127.0.0.1",
        },
      ];
    if (name.endsWith("-ingress")) return [];
    return fieldsOf(inputs.ports)?.flatMap(publishedPort) ?? [notKnown("ports")];
  },
};

function publishedPort({ ip, external, internal }: Fields): Finding[] {
  if (isUnknown(ip)) return [notKnown("ports[].ip")];
  if (typeof ip === "string" && isLoopbackAddress(ip)) return [];
  return [
    {
      value: `${ip || "every address"}, port ${isUnknown(external) ? "not known" : (external ?? internal)}`,
      fault: "is published beyond this machine",
      mend: "publish it on 127.0.0.1, and let people in through the ingress",
    },
  ];
}
