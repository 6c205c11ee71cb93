import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { addressPrefixOf, isTwin, lastInfo, writeInfo } from "../../../sandbox/digitalocean/info.ts";
import { openTwin, tokenFor } from "./opened-twin.ts";

const rule = { protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } };

describe("a restart", () => {
  it("keeps everything, and sets the machines to it again", async () => {
    const twin = await openTwin();
    const volume = await twin.volume();
    const droplet = await twin.droplet({ volumes: [volume.id] });
    const off = await twin.droplet({ name: "off" });
    await twin.act(off.id, { type: "power_off" });
    await twin.post("/v2/firewalls", { name: "door", inbound_rules: [rule], droplet_ids: [droplet.id] });
    const { reserved_ip } = (await twin.post("/v2/reserved_ips", { droplet_id: droplet.id })).body;
    await expect.poll(() => twin.machines.addresses.size, { interval: 2 }).toBe(1);
    await twin.post("/v2/domains", { name: "example.com", ip_address: reserved_ip.ip });
    const paths = [
      "account",
      "droplets",
      "volumes",
      "firewalls",
      "reserved_ips",
      "vpcs",
      "domains",
      "projects",
      "actions",
    ];
    const everything = async () =>
      await Promise.all(paths.map(async (name) => (await twin.get(`/v2/${name}`)).body));
    await expect
      .poll(
        async () =>
          (await everything())
            .at(-1)
            .actions.every((one: { completed_at: string | null }) => one.completed_at),
        { interval: 2 },
      )
      .toBe(true);
    const before = await everything();
    await twin.close();
    const machine = twin.machines.droplets.get(droplet.id);
    if (machine) machine.running = false;
    twin.machines.rules.clear();
    twin.machines.addresses.clear();
    const attached = twin.machines.volumes.get(volume.id);
    if (attached) attached.on = undefined;
    await twin.open();
    expect(JSON.parse(JSON.stringify(await everything()).replaceAll(/127\.0\.0\.1:\d+/g, ""))).toEqual(
      JSON.parse(JSON.stringify(before).replaceAll(/127\.0\.0\.1:\d+/g, "")),
    );
    expect(machine?.running).toBe(true);
    expect(twin.machines.droplets.get(off.id)?.running).toBe(false);
    expect(twin.machines.addresses.get(reserved_ip.ip)).toBe(droplet.id);
    expect(twin.machines.rules.get(droplet.id)).toHaveLength(1);
    expect(attached?.on).toBe(droplet.id);
    expect(twin.lookup("example.com", "A")).toMatchObject([{ data: reserved_ip.ip }]);
  });

  it("carries on what was under way", async () => {
    const twin = await openTwin();
    const gate = Promise.withResolvers<void>();
    twin.machines.gate = gate.promise;
    const body = { name: "web", region: "fra1", size: "s-1vcpu-1gb", image: "debian-13-x64" };
    const created = (await twin.post("/v2/droplets", body)).body;
    await twin.close();
    twin.machines.gate = undefined;
    await twin.open();
    expect((await twin.ended(created.links.actions[0].id)).status).toBe("completed");
    expect((await twin.get(`/v2/droplets/${created.droplet.id}`)).body.droplet.status).toBe("active");
    gate.resolve();
    twin.machines.failing.set("power", "It is gone.");
    await twin.put("/_twin/faults", [{ slowActions: 60_000 }]);
    const { action } = (await twin.post(`/v2/droplets/${created.droplet.id}/actions`, { type: "reboot" }))
      .body;
    await twin.close();
    const file = path.join(twin.folder, "state.json");
    const state = JSON.parse(readFileSync(file, "utf8"));
    expect(JSON.stringify(state)).toContain('"in-progress"');
    expect((Object.values(state.accounts) as { actions: { id: number }[] }[])[0]?.actions.at(-1)?.id).toBe(
      action.id,
    );
  });

  it("finds the destruction of a droplet unfinished, and finishes it", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    const gate = Promise.withResolvers<void>();
    twin.machines.gate = gate.promise;
    await twin.delete(`/v2/droplets/${id}`);
    await twin.close();
    twin.machines.gate = undefined;
    await twin.open();
    await twin.gone(`/v2/droplets/${id}`);
    gate.resolve();
    expect(twin.machines.droplets.size).toBe(0);
  });

  it("tells of a machine that does not come back", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    await twin.close();
    const machine = twin.machines.droplets.get(id);
    if (machine) machine.running = false;
    twin.machines.failing.set("power", "No such container");
    await twin.open();
    expect(twin.log.join()).toContain("No such container");
    expect((await twin.get(`/v2/droplets/${id}`)).body.droplet.status).toBe("off");
  });
});

describe("what is on disk", () => {
  it("is for its owner alone, and has no tokens in it", async () => {
    const twin = await openTwin();
    await twin.droplet({ user_data: "#!/bin/sh\necho secret" });
    const file = path.join(twin.folder, "state.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain("echo secret");
    expect(readFileSync(file, "utf8")).not.toContain(tokenFor("one").slice(7));
  });

  it("tells who runs", async () => {
    const { folder } = await openTwin();
    expect(lastInfo(folder)).toBeUndefined();
    const info = {
      pid: process.pid,
      url: "http://127.0.0.1:1",
      gateway: "172.18.0.1",
      network: "n",
      addressPrefix: addressPrefixOf(folder),
      internet: { registry: "r", acmeDirectory: "a", rootCertificateFile: "f" },
    };
    writeInfo(folder, info);
    expect(lastInfo(folder)).toEqual(info);
    expect(info.addressPrefix).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])$/);
    expect(isTwin(process.pid, folder)).toBe(false);
    expect(isTwin(2 ** 30, folder)).toBe(false);
  });
});
