import { describe, expect, it } from "vitest";
import { nextBackupWindow } from "../../../sandbox/digitalocean/api/droplets/backups.ts";
import { openTwin, refusal } from "./opened-twin.ts";

const order = { name: "web", region: "fra1", size: "s-1vcpu-1gb", image: "debian-13-x64" };
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4jKdJ0uGZ3mGFfkPqAzS3yX9pYkH4xgQ2m1lWqX9Zx me";

describe("a new droplet", () => {
  it("boots in the background", async () => {
    const twin = await openTwin();
    const gate = Promise.withResolvers<void>();
    twin.machines.gate = gate.promise;
    const { ssh_key } = (await twin.post("/v2/account/keys", { name: "k", public_key: key })).body;
    const created = await twin.post("/v2/droplets", {
      ...order,
      ssh_keys: [ssh_key.fingerprint, String(ssh_key.id)],
      user_data: "#cloud-config\n",
      tags: ["web", "WEB"],
      monitoring: true,
      ipv6: true,
      backups: true,
    });
    expect(created).toMatchObject({
      status: 202,
      body: {
        droplet: { status: "new", locked: true, networks: { v4: [], v6: [] }, name: "web", tags: ["web"] },
        links: { actions: [{ rel: "create", href: expect.stringContaining(`${twin.url}/v2/actions/`) }] },
      },
    });
    const actionId = created.body.links.actions[0].id;
    const { id } = created.body.droplet;
    expect((await twin.get(`/v2/actions/${actionId}`)).body.action).toMatchObject({
      status: "in-progress",
      type: "create",
      completed_at: null,
      resource_id: id,
      resource_type: "droplet",
      region_slug: "fra1",
      region: { slug: "fra1" },
    });
    gate.resolve();
    expect(await twin.ended(actionId)).toMatchObject({
      status: "completed",
      completed_at: "2026-11-21T10:00:00Z",
    });
    const { droplet } = (await twin.get(`/v2/droplets/${id}`)).body;
    expect(droplet).toMatchObject({
      status: "active",
      locked: false,
      memory: 1024,
      vcpus: 1,
      disk: 25,
      size_slug: "s-1vcpu-1gb",
      size: { slug: "s-1vcpu-1gb", price_monthly: 6, price_hourly: 0.00893, transfer: 1 },
      image: { slug: "debian-13-x64", distribution: "Debian" },
      region: { slug: "fra1" },
      features: ["backups", "monitoring", "ipv6", "private_networking", "droplet_agent"],
      next_backup_window: { start: "2026-11-22T00:00:00Z", end: "2026-11-22T04:00:00Z" },
      volume_ids: [],
      networks: {
        v4: [
          {
            ip_address: expect.stringMatching(/^127\.77\.0\.\d+$/),
            netmask: "255.255.255.0",
            type: "public",
          },
          { ip_address: "10.100.0.2", netmask: "255.255.240.0", gateway: "10.100.0.1", type: "private" },
        ],
        v6: [{ netmask: 64, type: "public" }],
      },
    });
    expect(droplet).not.toHaveProperty("user_data");
    expect(twin.machines.droplets.get(id)?.spec).toEqual({
      id,
      name: "web",
      userData: "#cloud-config\n",
      publicKeys: [key],
      publicAddress: droplet.networks.v4[0].ip_address,
      memoryMiB: 1024,
      vcpus: 1,
    });
  });

  it("says in the log why it does not boot", async () => {
    const twin = await openTwin();
    twin.machines.failing.set("createDroplet", "Kernel panic - not syncing");
    const volume = await twin.volume();
    const { body } = await twin.post("/v2/droplets", { ...order, volumes: [volume.id] });
    expect(await twin.ended(body.links.actions[0].id)).toMatchObject({ status: "errored" });
    expect(twin.log.join()).toContain("Kernel panic - not syncing");
    expect((await twin.get(`/v2/droplets/${body.droplet.id}`)).body.droplet).toMatchObject({
      status: "new",
      locked: false,
    });
    expect((await twin.get(`/v2/volumes/${volume.id}`)).body.volume.droplet_ids).toEqual([]);
  });

  it("takes free volumes of its region with it", async () => {
    const twin = await openTwin();
    const volume = await twin.volume();
    const elsewhere = await twin.volume({ region: "nyc3" });
    const refused = refusal(422, "Invalid volume allocations", "unprocessable_entity");
    expect(await twin.post("/v2/droplets", { ...order, volumes: [elsewhere.id] })).toMatchObject(refused);
    expect(await twin.post("/v2/droplets", { ...order, volumes: ["nonsense"] })).toMatchObject(refused);
    const droplet = await twin.droplet({ volumes: [volume.id] });
    expect(droplet.volume_ids).toEqual([volume.id]);
    expect(twin.machines.volumes.get(volume.id)?.on).toBe(droplet.id);
    expect(await twin.post("/v2/droplets", { ...order, volumes: [volume.id] })).toMatchObject(refused);
  });

  it.each([
    [{ name: undefined }, "Name can't be blank"],
    [{ name: "my_droplet" }, "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)"],
    [{ name: "-x" }, /hostname characters/],
    [{ name: "x".repeat(256) }, /too long/],
    [{ size: "s-huge" }, "You specified an invalid size for Droplet creation."],
    [{ size: undefined }, "You specified an invalid size for Droplet creation."],
    [{ image: "debian-1" }, "You specified an invalid image for Droplet creation."],
    [{ image: undefined }, "You specified an invalid image for Droplet creation."],
    [{ region: "mars1" }, "You specified an invalid region for Droplet creation."],
    [{ region: "nyc2" }, "You specified an invalid region for Droplet creation."],
    [{ region: "ric1" }, "Size is not available in this region."],
    [{ image: "fedora-42-x64", size: "s-1vcpu-512mb-10gb" }, /minimum disk size of 15 GB/],
    [{ ssh_keys: [1, "aa:bb"] }, "1, aa:bb are invalid key identifiers for Droplet creation."],
    [{ user_data: "ü".repeat(32 * 1024 + 1) }, "User data is too long (maximum is 64 KiB)."],
    [{ tags: ["no spaces"] }, /Tag name may contain only/],
    [{ vpc_uuid: "nonsense" }, "You specified an invalid VPC for Droplet creation."],
    [{ backups: true, backup_policy: { plan: "weekly", hour: 4 } }, /weekday is required/],
    [{ backups: true, backup_policy: { plan: "daily", hour: 5 } }, /hour must be one of/],
    [{ names: Array.from({ length: 11 }, (_, n) => `w${n}`) }, /Only up to 10/],
  ])("is refused: %j", async (wrong, message) => {
    const twin = await openTwin();
    expect(await twin.post("/v2/droplets", { ...order, ...wrong })).toMatchObject(
      refusal(422, message, "unprocessable_entity"),
    );
    expect((await twin.get("/v2/droplets")).body.meta.total).toBe(0);
  });

  it("may have what is just allowed", async () => {
    const twin = await openTwin();
    const id = (await twin.get("/v2/images/debian-12-x64")).body.image.id;
    const created = await twin.droplet({
      user_data: "x".repeat(64 * 1024),
      image: id,
      region: "",
      ssh_keys: null,
    });
    expect(created).toMatchObject({ image: { slug: "debian-12-x64" }, region: { slug: "nyc1" } });
  });

  it("counts towards the account's limit", async () => {
    const twin = await openTwin();
    const many = (count: number) => ({
      ...order,
      name: undefined,
      names: Array.from({ length: count }, (_, n) => `w${n}`),
    });
    const first = await twin.post("/v2/droplets", many(10));
    expect(first.body.droplets).toHaveLength(10);
    expect(first.body.links.actions).toHaveLength(10);
    await twin.post("/v2/droplets", many(10));
    expect(await twin.post("/v2/droplets", many(6))).toMatchObject(refusal(422, /exceed your droplet limit/));
    const { droplets } = (await twin.get("/v2/droplets?per_page=200")).body;
    expect(new Set(droplets.map(({ id }: { id: number }) => id)).size).toBe(20);
  });

  it("hides from the public without public networking", async () => {
    const twin = await openTwin();
    const droplet = await twin.droplet({ public_networking: false });
    expect(droplet.networks.v4.map(({ type }: { type: string }) => type)).toEqual(["private"]);
    expect(twin.machines.rules.get(droplet.id)).toEqual([]);
  });
});

describe("lists", () => {
  it("are of names and of tags", async () => {
    const twin = await openTwin();
    const one = await twin.droplet({ name: "one", tags: ["Blue"] });
    await twin.droplet({ name: "two" });
    const ids = async (query: string) =>
      (await twin.get(`/v2/droplets${query}`)).body.droplets.map(({ id }: { id: number }) => id);
    expect(await ids("?name=ONE")).toEqual([one.id]);
    expect(await ids("?tag_name=blue")).toEqual([one.id]);
    expect(await ids("?name=three")).toEqual([]);
    expect(await ids("")).toHaveLength(2);
  });
});

describe("actions", () => {
  it("switch it off and on", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    const status = async () => (await twin.get(`/v2/droplets/${id}`)).body.droplet.status;
    expect(await twin.post(`/v2/droplets/${id}/actions`, { type: "power_on" })).toMatchObject(
      refusal(422, "Droplet is already powered on."),
    );
    for (const [type, after] of [
      ["power_off", "off"],
      ["power_on", "active"],
      ["shutdown", "off"],
      ["power_on", "active"],
      ["reboot", "active"],
      ["power_cycle", "active"],
    ] as const) {
      expect(await twin.act(id, { type })).toMatchObject({ status: "completed", type });
      expect(await status()).toBe(after);
    }
    await twin.act(id, { type: "power_off" });
    expect(await twin.post(`/v2/droplets/${id}/actions`, { type: "power_off" })).toMatchObject(
      refusal(422, "Droplet is already powered off."),
    );
    expect(
      (await twin.get(`/v2/droplets/${id}/actions`)).body.actions.map(({ type }: { type: string }) => type),
    ).toEqual([
      "power_off",
      "power_cycle",
      "reboot",
      "power_on",
      "shutdown",
      "power_on",
      "power_off",
      "create",
    ]);
  });

  it("see that it switched itself off", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    const machine = twin.machines.droplets.get(id);
    if (machine) machine.running = false;
    expect((await twin.get("/v2/droplets")).body.droplets[0].status).toBe("off");
    await twin.act(id, { type: "power_on" });
  });

  it("come one at a time", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    const volume = await twin.volume();
    const gate = Promise.withResolvers<void>();
    twin.machines.gate = gate.promise;
    const { action } = (await twin.post(`/v2/droplets/${id}/actions`, { type: "reboot" })).body;
    const busy = refusal(422, "Droplet already has a pending event.", "unprocessable_entity");
    expect((await twin.get(`/v2/droplets/${id}`)).body.droplet.locked).toBe(true);
    expect(await twin.post(`/v2/droplets/${id}/actions`, { type: "reboot" })).toMatchObject(busy);
    expect(await twin.delete(`/v2/droplets/${id}`)).toMatchObject(busy);
    expect(
      await twin.post(`/v2/volumes/${volume.id}/actions`, { type: "attach", droplet_id: id }),
    ).toMatchObject(busy);
    gate.resolve();
    await twin.ended(action.id);
    expect((await twin.get(`/v2/droplets/${id}`)).body.droplet.locked).toBe(false);
  });

  it("resize it when it is off, and the disk only upwards", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet({ size: "s-1vcpu-2gb" });
    const resize = (size: string, disk = false) =>
      twin.post(`/v2/droplets/${id}/actions`, { type: "resize", size, disk });
    const droplet = async () => (await twin.get(`/v2/droplets/${id}`)).body.droplet;
    expect(await resize("s-2vcpu-4gb")).toMatchObject(refusal(422, /must be powered off/));
    await twin.act(id, { type: "power_off" });
    expect(await resize("s-huge")).toMatchObject(refusal(422, /invalid size/));
    expect(await resize("s5-1vcpu-3gb-50gb")).toMatchObject(
      refusal(422, "Size is not available in this region."),
    );
    expect(await resize("s-1vcpu-2gb")).toMatchObject(refusal(422, "Droplet is already this size."));
    const smaller = refusal(422, "Size can not decrease size of Droplet's disk image");
    expect(await resize("s-1vcpu-1gb")).toMatchObject(smaller);
    await twin.act(id, { type: "resize", size: "s-2vcpu-4gb" });
    expect(await droplet()).toMatchObject({
      size_slug: "s-2vcpu-4gb",
      memory: 4096,
      vcpus: 2,
      disk: 50,
      status: "off",
    });
    await twin.act(id, { type: "resize", size: "s-1vcpu-2gb" });
    await twin.act(id, { type: "resize", size: "s-2vcpu-4gb", disk: true });
    expect(await droplet()).toMatchObject({ disk: 80 });
    expect(await resize("s-1vcpu-2gb")).toMatchObject(smaller);
    expect(twin.machines.droplets.get(id)?.spec).toMatchObject({ memoryMiB: 4096, vcpus: 2 });
  });

  it("rename, back up, snapshot and rebuild it", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    const droplet = async () => (await twin.get(`/v2/droplets/${id}`)).body.droplet;
    await twin.act(id, { type: "rename", name: "other.example.com" });
    await twin.act(id, {
      type: "enable_backups",
      backup_policy: { plan: "weekly", weekday: "SUN", hour: 8 },
    });
    await twin.act(id, { type: "enable_ipv6" });
    await twin.act(id, { type: "snapshot", name: "before" });
    await twin.act(id, { type: "password_reset" });
    await twin.act(id, { type: "rebuild", image: "debian-12-x64" });
    expect(await droplet()).toMatchObject({
      name: "other.example.com",
      next_backup_window: { start: "2026-11-22T08:00:00Z" },
      features: expect.arrayContaining(["backups", "ipv6"]),
      image: { slug: "debian-12-x64" },
      snapshot_ids: [expect.any(Number)],
      status: "active",
    });
    expect((await twin.get(`/v2/droplets/${id}/backups/policy`)).body.policy).toMatchObject({
      backup_enabled: true,
      backup_policy: { plan: "weekly", weekday: "SUN", hour: 8, retention_period_days: 28 },
    });
    expect((await twin.get("/v2/snapshots?resource_type=droplet")).body.snapshots).toMatchObject([
      { name: "before", resource_id: String(id) },
    ]);
    await twin.act(id, { type: "change_backup_policy", backup_policy: { plan: "daily" } });
    await twin.act(id, { type: "disable_backups" });
    expect((await droplet()).features).not.toContain("backups");
    for (const wrong of [
      { type: "disable_backups" },
      { type: "enable_ipv6" },
      { type: "rename", name: "a b" },
      { type: "restore", image: 1 },
      { type: "explode" },
      {},
    ])
      expect(await twin.post(`/v2/droplets/${id}/actions`, wrong)).toMatchObject({ status: 422 });
  });

  it("are found by tag, droplet and id", async () => {
    const twin = await openTwin();
    const one = await twin.droplet({ tags: ["batch"] });
    const two = await twin.droplet({ name: "two", tags: ["batch"] });
    const { status, body } = await twin.post("/v2/droplets/actions?tag_name=batch", { type: "power_off" });
    expect(status).toBe(201);
    expect(body.actions.map(({ resource_id }: { resource_id: number }) => resource_id)).toEqual([
      one.id,
      two.id,
    ]);
    const [{ id }] = body.actions;
    await twin.ended(id);
    expect((await twin.get(`/v2/droplets/${one.id}/actions/${id}`)).status).toBe(200);
    expect((await twin.get(`/v2/droplets/${two.id}/actions/${id}`)).status).toBe(404);
    expect((await twin.get("/v2/actions/1")).status).toBe(404);
  });
});

describe("the end", () => {
  it("lets a droplet be read for a moment, and frees what it had", async () => {
    const twin = await openTwin();
    const volume = await twin.volume();
    const { id } = await twin.droplet({ volumes: [volume.id] });
    const { reserved_ip } = (await twin.post("/v2/reserved_ips", { droplet_id: id })).body;
    await expect.poll(async () => twin.machines.addresses.get(reserved_ip.ip), { interval: 2 }).toBe(id);
    const gate = Promise.withResolvers<void>();
    twin.machines.gate = gate.promise;
    expect((await twin.delete(`/v2/droplets/${id}`)).status).toBe(204);
    expect((await twin.get(`/v2/droplets/${id}`)).body.droplet).toMatchObject({
      status: "active",
      locked: true,
    });
    gate.resolve();
    await twin.gone(`/v2/droplets/${id}`);
    expect((await twin.get(`/v2/volumes/${volume.id}`)).body.volume.droplet_ids).toEqual([]);
    expect((await twin.get(`/v2/reserved_ips/${reserved_ip.ip}`)).body.reserved_ip.droplet).toBeNull();
    expect(twin.machines.volumes.get(volume.id)?.on).toBeUndefined();
    expect(twin.machines.addresses.size).toBe(0);
    expect((await twin.delete(`/v2/droplets/${id}`)).status).toBe(404);
  });

  it("comes to all droplets of a tag", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet({ tags: ["old"] });
    const other = await twin.droplet({ name: "other" });
    expect((await twin.delete("/v2/droplets")).status).toBe(400);
    expect((await twin.delete("/v2/droplets?tag_name=old")).status).toBe(204);
    await twin.gone(`/v2/droplets/${id}`);
    expect((await twin.get(`/v2/droplets/${other.id}`)).status).toBe(200);
  });

  it("gives the next droplet another address", async () => {
    const twin = await openTwin();
    const first = await twin.droplet();
    await twin.delete(`/v2/droplets/${first.id}`);
    await twin.gone(`/v2/droplets/${first.id}`);
    expect((await twin.droplet()).networks.v4[0].ip_address).not.toBe(first.networks.v4[0].ip_address);
  });
});

describe("the next backup", () => {
  it.each([
    [{ plan: "daily", hour: 8 }, "2026-11-21T07:59:59Z", "2026-11-21T08:00:00Z"],
    [{ plan: "daily", hour: 8 }, "2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z"],
    [{ plan: "weekly", weekday: "SAT", hour: 20 }, "2026-11-21T19:00:00Z", "2026-11-21T20:00:00Z"],
    [{ plan: "weekly", weekday: "SAT", hour: 20 }, "2026-11-21T20:00:00Z", "2026-11-28T20:00:00Z"],
    [{ plan: "weekly", weekday: "FRI", hour: 0 }, "2026-11-21T20:00:00Z", "2026-11-27T00:00:00Z"],
  ] as const)("of %j after %s begins at %s", (policy, now, start) => {
    expect(nextBackupWindow(policy, Date.parse(now))?.start).toBe(start);
  });
});
