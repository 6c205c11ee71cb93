import { describe, expect, it } from "vitest";
import { openTwin, refusal } from "./opened-twin.ts";

const anywhere = { addresses: ["0.0.0.0/0", "::/0"] };
const ssh = { protocol: "tcp", ports: "22", sources: anywhere };
const out = { protocol: "udp", ports: "53", destinations: anywhere };
const open = (port: number) => ({ protocol: "tcp", from: port, to: port, sources: ["0.0.0.0/0"] });

describe("a firewall", () => {
  it("is made, changed as a whole and deleted", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    const created = await twin.post("/v2/firewalls", {
      name: "door",
      inbound_rules: [
        ssh,
        { protocol: "icmp", sources: anywhere },
        { protocol: "udp", ports: "all", sources: anywhere },
        { protocol: "tcp", ports: "1-65535", sources: anywhere },
      ],
      outbound_rules: [out],
      droplet_ids: [id],
      tags: null,
    });
    expect(created).toMatchObject({
      status: 202,
      body: {
        firewall: {
          name: "door",
          status: "waiting",
          pending_changes: [{ droplet_id: id, removing: false, status: "waiting" }],
          inbound_rules: [
            ssh,
            { protocol: "icmp", ports: "0", sources: anywhere },
            { protocol: "udp", ports: "0" },
            { protocol: "tcp", ports: "1-65535" },
          ],
          outbound_rules: [out],
          droplet_ids: [id],
          tags: [],
        },
      },
    });
    const path = `/v2/firewalls/${created.body.firewall.id}`;
    expect((await twin.get(path)).body.firewall).toMatchObject({ status: "succeeded", pending_changes: [] });
    expect((await twin.get(`/v2/droplets/${id}/firewalls`)).body.firewalls).toHaveLength(1);
    expect(twin.machines.rules.get(id)).toEqual([
      open(22),
      { protocol: "udp", from: 1, to: 65535, sources: ["0.0.0.0/0"] },
      { protocol: "tcp", from: 1, to: 65535, sources: ["0.0.0.0/0"] },
    ]);
    const changed = await twin.put(path, { name: "door", inbound_rules: [{ ...ssh, ports: "8000-9000" }] });
    expect(changed).toMatchObject({
      status: 200,
      body: { firewall: { droplet_ids: [], pending_changes: [{ droplet_id: id, removing: true }] } },
    });
    expect(twin.machines.rules.get(id)).toBeUndefined();
    expect((await twin.delete(path)).status).toBe(204);
    expect((await twin.get(path)).status).toBe(404);
  });

  it.each([
    [{ name: "" }, /name must begin/],
    [{ name: "a b" }, /name must begin/],
    [{ inbound_rules: [] }, "must specify at least one rule"],
    [{ inbound_rules: [{ ...ssh, ports: "any" }] }, /valid range for ports/],
    [{ inbound_rules: [{ ...ssh, ports: "" }] }, /valid range for ports/],
    [{ inbound_rules: [{ ...ssh, ports: "9-8" }] }, /valid range for ports/],
    [{ inbound_rules: [{ ...ssh, ports: "70000" }] }, /valid range for ports/],
    [{ inbound_rules: [{ ...ssh, protocol: "sctp" }] }, /valid protocol/],
    [{ inbound_rules: [{ ...ssh, sources: {} }] }, /at least one source/],
    [{ inbound_rules: [{ ...ssh, sources: { addresses: [] } }] }, /at least one source/],
    [{ inbound_rules: [{ ...ssh, sources: { addresses: ["1.2.3"] } }] }, "invalid address: 1.2.3"],
    [{ inbound_rules: [{ ...ssh, sources: { addresses: ["1.2.3.4/33"] } }] }, /invalid address/],
    [{ inbound_rules: [{ ...ssh, sources: { tags: ["nobody"] } }] }, "tag nobody does not exist"],
    [{ inbound_rules: [{ ...ssh, sources: { droplet_ids: [1] } }] }, "droplet 1 does not exist"],
    [{ inbound_rules: [ssh, { ...ssh, ports: 22 }] }, "duplicate rules are not allowed"],
    [
      { inbound_rules: Array.from({ length: 51 }, (_, n) => ({ ...ssh, ports: String(n + 1) })) },
      /up to 50 rules/,
    ],
    [{ droplet_ids: [1] }, "droplet 1 does not exist"],
    [{ tags: ["nobody"] }, "tag nobody does not exist"],
  ])("is refused: %j", async (wrong, message) => {
    const twin = await openTwin();
    expect(await twin.post("/v2/firewalls", { name: "door", inbound_rules: [ssh], ...wrong })).toMatchObject(
      refusal(422, message, "unprocessable_entity"),
    );
  });

  it("has a name of its own", async () => {
    const twin = await openTwin();
    const body = { name: "door", inbound_rules: [ssh] };
    const { firewall } = (await twin.post("/v2/firewalls", body)).body;
    expect(await twin.post("/v2/firewalls", body)).toMatchObject(refusal(409, "duplicate name", "conflict"));
    expect((await twin.put(`/v2/firewalls/${firewall.id}`, body)).status).toBe(200);
  });

  it("says when a machine did not follow", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    twin.machines.failing.set("setFirewall", "iptables: No chain by that name");
    const { firewall } = (
      await twin.post("/v2/firewalls", { name: "door", inbound_rules: [ssh], droplet_ids: [id] })
    ).body;
    expect((await twin.get(`/v2/firewalls/${firewall.id}`)).body.firewall).toMatchObject({
      status: "failed",
      pending_changes: [{ droplet_id: id, status: "failed" }],
    });
    expect(twin.log.join()).toContain("No chain by that name");
    twin.machines.failing.clear();
    await twin.post("/v2/tags", { name: "any-change" });
    expect((await twin.get(`/v2/firewalls/${firewall.id}`)).body.firewall.status).toBe("succeeded");
    expect(twin.machines.rules.get(id)).toEqual([open(22)]);
  });
});

describe("droplets, tags and rules", () => {
  it("come and go one by one", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    await twin.post("/v2/tags", { name: "web" });
    const path = `/v2/firewalls/${(await twin.post("/v2/firewalls", { name: "door", inbound_rules: [ssh] })).body.firewall.id}`;
    const http = { inbound_rules: [{ ...ssh, ports: "80" }] };
    for (const [kind, body] of [
      ["droplets", { droplet_ids: [id] }],
      ["tags", { tags: ["WEB"] }],
      ["rules", http],
    ] as const)
      expect((await twin.post(`${path}/${kind}`, body)).status).toBe(204);
    expect((await twin.get(path)).body.firewall).toMatchObject({
      droplet_ids: [id],
      inbound_rules: [{ ports: "22" }, { ports: "80" }],
    });
    expect(twin.machines.rules.get(id)).toEqual([open(22), open(80)]);
    expect((await twin.delete(`${path}/rules`, http)).status).toBe(204);
    expect(twin.machines.rules.get(id)).toEqual([open(22)]);
    expect((await twin.delete(`${path}/rules`, http)).status).toBe(404);
    expect((await twin.delete(`${path}/droplets`, { droplet_ids: [id] })).status).toBe(204);
    expect((await twin.delete(`${path}/tags`, { tags: ["web"] })).status).toBe(204);
    expect(twin.machines.rules.get(id)).toBeUndefined();
    expect((await twin.get(path)).body.firewall).toMatchObject({ droplet_ids: [], tags: [] });
    expect((await twin.post(`${path}/tags`, { tags: ["nobody"] })).status).toBe(422);
    expect((await twin.delete(`${path}/rules`, { inbound_rules: [ssh] })).status).toBe(422);
  });
});

describe("what a machine lets in", () => {
  it("is what all of its firewalls let in, by id and by tag, from the first moment", async () => {
    const twin = await openTwin();
    await twin.post("/v2/tags", { name: "web" });
    const other = await twin.droplet({ name: "other" });
    await twin.post("/v2/firewalls", { name: "by-tag", inbound_rules: [ssh], tags: ["web"] });
    const { id } = await twin.droplet({ tags: ["web"] });
    expect(twin.machines.rules.get(id)).toEqual([open(22)]);
    const http = { name: "by-id", inbound_rules: [{ ...ssh, ports: "80" }], droplet_ids: [id] };
    await twin.post("/v2/firewalls", http);
    expect(twin.machines.rules.get(id)).toEqual([open(22), open(80)]);
    expect(twin.machines.rules.get(other.id)).toBeUndefined();
    const resource = { resources: [{ resource_id: String(other.id), resource_type: "droplet" }] };
    await twin.post("/v2/tags/web/resources", resource);
    expect(twin.machines.rules.get(other.id)).toEqual([open(22)]);
    await twin.delete("/v2/tags/web/resources", resource);
    expect(twin.machines.rules.get(other.id)).toBeUndefined();
    await twin.delete("/v2/tags/web");
    expect(twin.machines.rules.get(id)).toEqual([open(80)]);
  });

  it("follows the droplets that a rule names", async () => {
    const twin = await openTwin();
    const db = await twin.droplet({ name: "db" });
    const web = await twin.droplet({ name: "web", tags: ["web"] });
    const sources = { tags: ["web"], addresses: ["10.1.0.0/16", "192.0.2.7"] };
    await twin.post("/v2/firewalls", {
      name: "db",
      inbound_rules: [{ ...ssh, sources }],
      droplet_ids: [db.id],
    });
    const from = () => twin.machines.rules.get(db.id)?.[0]?.sources;
    const addresses = ({ networks }: typeof web) =>
      networks.v4.map(({ ip_address }: { ip_address: string }) => `${ip_address}/32`);
    expect(from()).toEqual(["10.1.0.0/16", "192.0.2.7/32", ...addresses(web)]);
    const second = await twin.droplet({ name: "web-2", tags: ["web"] });
    expect(from()).toEqual(["10.1.0.0/16", "192.0.2.7/32", ...addresses(web), ...addresses(second)]);
    await twin.delete(`/v2/droplets/${web.id}`);
    await twin.gone(`/v2/droplets/${web.id}`);
    await expect.poll(from, { interval: 2 }).toEqual(["10.1.0.0/16", "192.0.2.7/32", ...addresses(second)]);
  });

  it("is not set again when nothing changed", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    await twin.post("/v2/firewalls", { name: "door", inbound_rules: [ssh], droplet_ids: [id] });
    const before = twin.machines.calls.length;
    await twin.post("/v2/tags", { name: "unrelated" });
    expect(twin.machines.calls).toHaveLength(before);
  });
});
