import { describe, expect, it } from "vitest";
import { openTwin, refusal } from "./opened-twin.ts";

const order = { name: "web", region: "fra1", size: "s-1vcpu-1gb", image: "debian-13-x64" };

describe("answers that fail on purpose", () => {
  it("do so a number of times, for what matches, in one account", async () => {
    const twin = await openTwin();
    const fault = { match: { method: "post", path: "^/v2/tags$" }, status: 503, times: 2 };
    expect((await twin.put("/_twin/faults", [fault])).body.faults).toMatchObject([{ status: 503, times: 2 }]);
    expect((await twin.get("/v2/tags")).status).toBe(200);
    expect((await twin.post("/v2/tags", { name: "a" }, "two")).status).toBe(201);
    expect(await twin.post("/v2/tags", { name: "a" })).toMatchObject(
      refusal(503, /./, "service_unavailable"),
    );
    expect((await twin.get("/_twin/faults")).body.faults).toMatchObject([{ times: 1 }]);
    expect((await twin.post("/v2/tags", { name: "a" })).status).toBe(503);
    expect((await twin.get("/v2/tags")).body.tags).toEqual([]);
    expect((await twin.post("/v2/tags", { name: "a" })).status).toBe(201);
    expect((await twin.get("/_twin/faults")).body.faults).toEqual([]);
  });

  it("do so for some seconds, with a time to come back", async () => {
    const twin = await openTwin();
    await twin.put("/_twin/faults", [{ match: {}, status: 429, retryAfterSeconds: 3, forSeconds: 10 }]);
    const answer = await twin.get("/v2/account");
    expect(answer).toMatchObject(refusal(429, "API rate limit exceeded.", "too_many_requests"));
    expect(answer.headers.get("retry-after")).toBe("3");
    twin.clock.now += 10_000;
    expect((await twin.get("/v2/account")).status).toBe(200);
  });

  it("do so until they are cleared", async () => {
    const twin = await openTwin();
    await twin.put("/_twin/faults", [{ match: { path: "account" }, status: 500 }]);
    for (let n = 0; n < 3; n++)
      expect(await twin.get("/v2/account")).toMatchObject(refusal(500, /./, "server_error"));
    expect((await twin.delete("/_twin/faults")).status).toBe(204);
    expect((await twin.get("/v2/account")).status).toBe(200);
  });

  it("are refused when they make no sense", async () => {
    const twin = await openTwin();
    for (const wrong of [
      {},
      [{}],
      [{ match: { path: "(" }, status: 500 }],
      [{ match: {}, status: 404 }],
      [{ neverBoots: false }],
      [{ slowActions: 1, attachRace: 1 }],
    ])
      expect((await twin.put("/_twin/faults", wrong)).status).toBe(422);
    expect((await twin.raw("GET", "/_twin/faults")).status).toBe(401);
  });
});

describe("machines that fail on purpose", () => {
  it("are slow", async () => {
    const twin = await openTwin();
    await twin.put("/_twin/faults", [{ slowActions: 150 }]);
    const started = performance.now();
    await twin.droplet();
    expect(performance.now() - started).toBeGreaterThanOrEqual(149);
  });

  it("have another event when a volume comes", async () => {
    const twin = await openTwin();
    const [droplet, volume] = [await twin.droplet(), await twin.volume()];
    await twin.put("/_twin/faults", [{ attachRace: 2 }]);
    const attach = () =>
      twin.post(`/v2/volumes/${volume.id}/actions`, { type: "attach", droplet_id: droplet.id });
    for (let n = 0; n < 2; n++)
      expect(await attach()).toMatchObject(refusal(422, "Droplet already has a pending event."));
    expect((await attach()).status).toBe(202);
  });

  it("never boot, and can be destroyed", async () => {
    const twin = await openTwin();
    await twin.put("/_twin/faults", [{ neverBoots: true }]);
    const { body } = await twin.post("/v2/droplets", order);
    const [{ id: action }] = body.links.actions;
    await twin.droplet({ name: "after" });
    const stuck = (await twin.get(`/v2/droplets/${body.droplet.id}`)).body.droplet;
    expect(stuck).toMatchObject({ status: "new", locked: false, networks: { v4: [] } });
    expect((await twin.get(`/v2/actions/${action}`)).body.action).toMatchObject({
      status: "in-progress",
      completed_at: null,
    });
    expect((await twin.post(`/v2/droplets/${stuck.id}/actions`, { type: "power_on" })).status).toBe(422);
    await twin.restart();
    expect((await twin.get(`/v2/actions/${action}`)).body.action.status).toBe("in-progress");
    expect((await twin.delete(`/v2/droplets/${stuck.id}`)).status).toBe(204);
    await twin.gone(`/v2/droplets/${stuck.id}`);
    expect((await twin.get(`/v2/actions/${action}`)).body.action.status).toBe("errored");
  });

  it("are deaf until a power cycle", async () => {
    const twin = await openTwin();
    await twin.put("/_twin/faults", [{ bootsDeaf: true }]);
    const volume = await twin.volume();
    const droplet = await twin.droplet();
    expect(droplet).toMatchObject({ status: "active", locked: false });
    expect(twin.machines.droplets.size).toBe(0);
    const attach = await twin.post(`/v2/volumes/${volume.id}/actions`, {
      type: "attach",
      droplet_id: droplet.id,
    });
    expect((await twin.ended(attach.body.action.id)).status).toBe("completed");
    const { reserved_ip } = (await twin.post("/v2/reserved_ips", { droplet_id: droplet.id })).body;
    await expect
      .poll(async () => (await twin.get(`/v2/reserved_ips/${reserved_ip.ip}`)).body.reserved_ip.locked, {
        interval: 2,
      })
      .toBe(false);
    expect((await twin.get(`/v2/droplets/${droplet.id}`)).body.droplet.status).toBe("active");
    expect((await twin.act(droplet.id, { type: "power_cycle" })).status).toBe("completed");
    expect(twin.machines.droplets.get(droplet.id)?.running).toBe(true);
    expect(twin.machines.volumes.get(volume.id)?.on).toBe(droplet.id);
    expect(twin.machines.addresses.get(reserved_ip.ip)).toBe(droplet.id);
  });
});

describe("names at a registrar elsewhere", () => {
  it("are set and taken away", async () => {
    const twin = await openTwin();
    const set = (address: string) =>
      twin.raw("PUT", "/_twin/dns/Atlas.Example.org", JSON.stringify({ address }));
    expect((await set("127.77.1.2")).status).toBe(204);
    expect(twin.lookup("atlas.example.org", "A")).toEqual([{ type: "A", data: "127.77.1.2", ttl: 60 }]);
    await set("2001:db8::1");
    expect(twin.lookup("atlas.example.org", "AAAA")).toHaveLength(1);
    expect(twin.lookup("atlas.example.org", "A")).toEqual([]);
    expect((await set("somewhere")).status).toBe(422);
    expect((await twin.raw("GET", "/_twin/dns")).body.names).toEqual({ "atlas.example.org": "2001:db8::1" });
    expect((await twin.raw("DELETE", "/_twin/dns/atlas.example.org")).status).toBe(204);
    expect((await twin.raw("DELETE", "/_twin/dns/atlas.example.org")).status).toBe(404);
    expect(twin.lookup("atlas.example.org", "ANY")).toEqual([]);
  });
});
