import { describe, expect, it } from "vitest";
import { checkInputs } from "../../../sandbox/plugins/bridge/check.ts";
import { diff } from "../../../sandbox/plugins/bridge/diff.ts";
import type { Props, ResourceDefinition } from "../../../sandbox/plugins/bridge/schema.ts";
import { withoutNotes } from "../../../sandbox/plugins/bridge/values.ts";
import type { DigitalOcean } from "../../../sandbox/plugins/digitalocean/client.ts";
import { dnsRecord } from "../../../sandbox/plugins/digitalocean/dns-record.ts";
import { domain } from "../../../sandbox/plugins/digitalocean/domain.ts";
import { firewall } from "../../../sandbox/plugins/digitalocean/firewall.ts";
import { sshKey } from "../../../sandbox/plugins/digitalocean/ssh-key.ts";
import { tag } from "../../../sandbox/plugins/digitalocean/tag.ts";
import { goTime, vpc } from "../../../sandbox/plugins/digitalocean/vpc.ts";
import { play } from "./digitalocean-api.ts";

const seed = new Uint8Array([1]);
const checked = (resource: ResourceDefinition<DigitalOcean>, news: Props): Props =>
  withoutNotes(checkInputs(resource.inputs, news, undefined, { resource: "r", seed }).inputs);
const bodyOf = (call: string | undefined) => JSON.parse(call?.replace(/^\S+ \S+ /, "") ?? "null");

describe("a Firewall", () => {
  const program: Props = {
    name: "fw",
    tags: ["atlas"],
    inboundRules: [
      { protocol: "tcp", portRange: "22", sourceAddresses: ["10.0.0.0/8", "::/0"] },
      { protocol: "icmp", sourceTags: ["Ops"] },
    ],
    outboundRules: [{ protocol: "udp", portRange: "all", destinationDropletIds: [7] }],
  };
  const answer = {
    firewall: {
      id: "f-1",
      name: "fw",
      status: "succeeded",
      created_at: "t",
      droplet_ids: [],
      tags: ["atlas"],
      pending_changes: [{ droplet_id: 7, removing: false, status: "waiting" }],
      inbound_rules: [
        { protocol: "icmp", ports: "0", sources: { tags: ["ops"] } },
        { protocol: "tcp", ports: "22", sources: { addresses: ["::/0", "10.0.0.0/8"] } },
      ],
      outbound_rules: [{ protocol: "udp", ports: "0", destinations: { droplet_ids: [7] } }],
    },
  };

  it("is made, and its rules come back in any order without a change", async () => {
    const { context, calls } = await play({
      "POST firewalls": [202, answer],
      "GET firewalls/f-1": [200, answer],
    });
    const made = await firewall.create(context, checked(firewall, program));
    expect(bodyOf(calls[0])).toEqual({
      name: "fw",
      inbound_rules: [
        { protocol: "tcp", ports: "22", sources: { addresses: ["10.0.0.0/8", "::/0"] } },
        { protocol: "icmp", ports: "", sources: { tags: ["Ops"] } },
      ],
      outbound_rules: [{ protocol: "udp", ports: "all", destinations: { droplet_ids: [7] } }],
      droplet_ids: [],
      tags: ["atlas"],
    });
    expect(made.state).toMatchObject({
      status: "succeeded",
      pendingChanges: [{ dropletId: 7, removing: false, status: "waiting" }],
    });
    expect(diff(firewall.inputs, made.state, checked(firewall, program)).changed).toEqual([]);
    const open = { ...program, inboundRules: [{ protocol: "tcp", portRange: "23" }] };
    expect(diff(firewall.inputs, made.state, checked(firewall, open))).toMatchObject({
      changed: ["inboundRules"],
      replaces: [],
    });
  });

  it("is put as a whole, and its absence is no obstacle to its deletion", async () => {
    const { context, calls } = await play({
      "PUT firewalls/f-1": [200, answer],
      "GET firewalls/f-1": [200, answer],
    });
    await firewall.update(context, "f-1", program, { ...program, tags: null });
    expect(bodyOf(calls[0])).toMatchObject({ tags: [] });
    await firewall.delete(context, "f-1", program);
  });

  it("needs rules, and ports in them", () => {
    expect(() => firewall.checkPlan?.(undefined, { name: "x" })).toThrow(
      "At least one rule must be specified",
    );
    expect(() => firewall.checkPlan?.(undefined, { inboundRules: [{ protocol: "tcp" }] })).toThrow(
      "`port_range` of inbound rules is required if protocol is `tcp` or `udp`",
    );
    expect(() => firewall.checkPlan?.(undefined, { outboundRules: [{ protocol: "icmp" }] })).not.toThrow();
  });
});

describe("an SshKey", () => {
  const answer = { ssh_key: { id: 5, name: "k", fingerprint: "aa", public_key: "ssh-ed25519 A" } };

  it("is made and read as soon as it can be", async () => {
    const { context, calls } = await play({
      "POST account/keys": [201, answer],
      "GET account/keys/5": [
        [404, {}],
        [200, answer],
      ],
    });
    const made = await sshKey.create(context, { name: "k", publicKey: "ssh-ed25519 A\n" });
    expect(made).toEqual({ id: "5", state: { name: "k", fingerprint: "aa", publicKey: "ssh-ed25519 A" } });
    expect(calls).toHaveLength(3);
    expect(diff(sshKey.inputs, made.state, { name: "k", publicKey: " ssh-ed25519 A\n" }).changed).toEqual([]);
    expect(diff(sshKey.inputs, made.state, { name: "k", publicKey: "ssh-ed25519 B" }).replaces).toEqual([
      "publicKey",
    ]);
    expect(diff(sshKey.inputs, made.state, { name: "l", publicKey: "ssh-ed25519 A" }).replaces).toEqual([]);
  });

  it("that exists is refused in the API's words", async () => {
    const { context } = await play({
      "POST account/keys": [422, { message: "SSH Key is already in use on your account" }],
    });
    await expect(sshKey.create(context, { name: "k", publicKey: "A" })).rejects.toThrow(
      /^Error creating SSH Key: POST .*already in use/,
    );
  });
});

describe("a Vpc", () => {
  const answer = {
    vpc: {
      id: "p",
      name: "n",
      region: "fra1",
      ip_range: "10.1.0.0/20",
      urn: "do:vpc:p",
      default: false,
      created_at: "2026-11-21T10:00:00.250Z",
    },
  };

  it("is made with the range it is given", async () => {
    const { context } = await play({ "POST vpcs": [201, answer], "GET vpcs/p": [200, answer] });
    const made = await vpc.create(context, { name: "n", region: "fra1" });
    expect(made.state).toMatchObject({
      ipRange: "10.1.0.0/20",
      vpcUrn: "do:vpc:p",
      createdAt: "2026-11-21 10:00:00.25 +0000 UTC",
    });
    expect(diff(vpc.inputs, made.state, { name: "n", region: "fra1" }).changed).toEqual([]);
    expect(
      diff(vpc.inputs, made.state, { name: "n", region: "fra1", ipRange: "10.2.0.0/20" }).replaces,
    ).toEqual(["ipRange"]);
    expect(goTime("2026-01-02T03:04:05Z")).toBe("2026-01-02 03:04:05 +0000 UTC");
  });

  it.each([[403], [409]])("is deleted once its members are gone (%i until then)", async (status) => {
    const { context, calls } = await play({
      "DELETE vpcs/p": [[status, { message: "Can not delete VPC with members" }], [204]],
    });
    await vpc.delete(context, "p", {});
    expect(calls).toHaveLength(2);
  });

  it("with members that stay tells so in the end", async () => {
    const { context } = await play({
      "DELETE vpcs/p": [403, { message: "Can not delete VPC with members" }],
    });
    await expect(vpc.delete({ ...context, timeoutSeconds: 1 }, "p", {})).rejects.toThrow(
      /^Error deleting VPC: DELETE .*with members/,
    );
  });
});

describe("Tag and Domain", () => {
  it("are made, and gone when they are gone", async () => {
    const { context } = await play({
      "POST tags": [201, { tag: { name: "a", resources: { count: 0 } } }],
      "GET tags/a": [200, { tag: { name: "a", resources: { count: 2, droplets: { count: 2 } } } }],
      "POST domains": [201, { domain: { name: "x.example", ttl: null } }],
      "GET domains/x.example": [200, { domain: { name: "x.example", ttl: 1800 } }],
    });
    expect((await tag.create(context, { name: "a" })).state).toMatchObject({
      dropletsCount: 2,
      volumesCount: 0,
    });
    const made = await domain.create(context, { name: "x.example", ipAddress: "192.0.2.1" });
    expect(made).toEqual({
      id: "x.example",
      state: { name: "x.example", ipAddress: "192.0.2.1", ttl: 1800, domainUrn: "do:domain:x.example" },
    });
    expect(await tag.read(context, "b", {})).toBeUndefined();
    expect(await domain.read(context, "b", {})).toBeUndefined();
    await expect(tag.delete(context, "b", {})).rejects.toThrow(/^Error deleting tag: DELETE .*404/);
  });
});

describe("a DnsRecord", () => {
  const record = (changes: object) => ({
    domain_record: {
      id: 9,
      type: "CNAME",
      name: "www",
      data: "x.example",
      priority: null,
      port: null,
      ttl: 1800,
      weight: null,
      flags: null,
      tag: null,
      ...changes,
    },
  });

  it("is made; the dot that the API leaves out is no change", async () => {
    const { context, calls } = await play({
      "POST domains/x.example/records": [201, record({})],
      "GET domains/x.example/records/9": [200, record({})],
    });
    const program = { domain: "x.example", type: "CNAME", name: "www", value: "x.example." };
    const made = await dnsRecord.create(context, program);
    expect(made.state).toMatchObject({ value: "x.example.", fqdn: "www.x.example", ttl: 1800 });
    expect(diff(dnsRecord.inputs, made.state, program).changed).toEqual([]);
    expect(bodyOf(calls[0])).toEqual({
      type: "CNAME",
      name: "www",
      data: "x.example.",
      priority: 0,
      port: 0,
      weight: 0,
      flags: 0,
    });
    expect(diff(dnsRecord.inputs, made.state, { ...program, type: "A" }).replaces).toEqual(["type"]);
    expect(diff(dnsRecord.inputs, made.state, { ...program, value: "y." })).toMatchObject({
      changed: ["value"],
      replaces: [],
    });
  });

  it("takes a name for the same with the domain behind it", () => {
    const same = (name: string) =>
      dnsRecord.unchanged?.("name", { name: "www" }, { name, domain: "x.example" });
    expect(same("www.x.example.")).toBe(true);
    expect(same("web")).toBe(false);
  });

  it("needs what its type needs", () => {
    const plan = (inputs: Props) => () => dnsRecord.checkPlan?.(undefined, inputs);
    expect(plan({ type: "MX" })).toThrow("`priority` is required for when type is `MX`");
    expect(plan({ type: "SRV", priority: 0 })).toThrow("`weight` is required for when type is `SRV`");
    expect(plan({ type: "CAA", flags: 0 })).toThrow("`tag` is required for when type is `CAA`");
    expect(plan({ type: "MX", priority: 0 })).not.toThrow();
  });

  it("is imported by domain and number, and its absence is no obstacle to its deletion", async () => {
    const { context } = await play({
      "GET domains/x.example/records/9": [200, record({ type: "A", data: "192.0.2.1", name: "@" })],
    });
    const found = await dnsRecord.read(context, "x.example,9", undefined);
    expect(found).toMatchObject({
      id: "9",
      state: { domain: "x.example", fqdn: "x.example", value: "192.0.2.1" },
    });
    await dnsRecord.delete(context, "8", { domain: "x.example" });
  });
});
