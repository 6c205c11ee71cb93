import { describe, expect, it } from "vitest";
import { openTwin, refusal } from "./opened-twin.ts";

const order = { name: "data", region: "fra1", size_gigabytes: 10 };

describe("a volume", () => {
  it("is made, listed and deleted", async () => {
    const twin = await openTwin();
    const volume = await twin.volume({
      filesystem_type: "ext4",
      filesystem_label: "atlas",
      description: "for data",
      tags: ["keep"],
    });
    expect(volume).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "data",
      region: expect.objectContaining({ slug: "fra1" }),
      size_gigabytes: 10,
      description: "for data",
      filesystem_type: "ext4",
      filesystem_label: "atlas",
      droplet_ids: [],
      tags: ["keep"],
      created_at: "2026-11-21T10:00:00Z",
    });
    expect(twin.machines.volumes.get(volume.id)?.spec).toEqual({
      id: volume.id,
      name: "data",
      gibibytes: 10,
      filesystem: "ext4",
      label: "atlas",
    });
    await twin.volume({ region: "nyc3" });
    const total = async (query: string) => (await twin.get(`/v2/volumes${query}`)).body.meta.total;
    expect(await total("?name=data")).toBe(2);
    expect(await total("?name=data&region=nyc3")).toBe(1);
    expect(await total("?name=other&region=nyc3")).toBe(0);
    expect((await twin.delete(`/v2/volumes/${volume.id}`)).status).toBe(204);
    expect((await twin.get(`/v2/volumes/${volume.id}`)).status).toBe(404);
    expect((await twin.delete("/v2/volumes?name=data&region=nyc3")).status).toBe(204);
    expect(twin.machines.volumes.size).toBe(0);
  });

  it.each([
    [{ name: "Data" }, /lowercase/],
    [{ name: "1data" }, /begin with a lowercase letter/],
    [{ name: "d".repeat(65) }, /64 characters/],
    [{ size_gigabytes: 0 }, /at least 1/],
    [{ size_gigabytes: 16_385 }, /at most 16384/],
    [{ size_gigabytes: 1.5 }, /size_gigabytes/],
    [{ size_gigabytes: undefined }, "size_gigabytes is required"],
    [{ region: "mars1" }, "region is invalid"],
    [{ region: "" }, "region is required"],
    [{ filesystem_type: "ntfs" }, "filesystem_type must be ext4 or xfs"],
    [{ filesystem_type: "xfs", filesystem_label: "x".repeat(13) }, /at most 12 characters/],
    [{ filesystem_type: "ext4", filesystem_label: "x".repeat(17) }, /at most 16 characters/],
    [{ filesystem_label: "x" }, /needs a filesystem_type/],
    [{ snapshot_id: "fbe805e8" }, /not kept in this sandbox/],
  ])("is refused: %j", async (wrong, message) => {
    const twin = await openTwin();
    expect(await twin.post("/v2/volumes", { ...order, ...wrong })).toMatchObject(
      refusal(422, message, "unprocessable_entity"),
    );
  });

  it("has a name of its own in its region", async () => {
    const twin = await openTwin();
    const answers = await Promise.all([twin.post("/v2/volumes", order), twin.post("/v2/volumes", order)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(await twin.post("/v2/volumes", order)).toMatchObject(refusal(409, /already exists/, "conflict"));
    expect((await twin.call("POST", "/v2/volumes", order, "two")).status).toBe(201);
  });

  it("is not there when it could not be made", async () => {
    const twin = await openTwin();
    twin.machines.failing.set("createVolume", "No space left on device");
    expect(await twin.post("/v2/volumes", order)).toMatchObject(refusal(500, /unable/, "server_error"));
    expect((await twin.get("/v2/volumes")).body.meta.total).toBe(0);
    expect(twin.log.join()).toContain("No space left on device");
  });
});

describe("attaching", () => {
  it("goes through an action, and back", async () => {
    const twin = await openTwin();
    const [droplet, volume] = [await twin.droplet(), await twin.volume()];
    const attach = await twin.post(`/v2/volumes/${volume.id}/actions`, {
      type: "attach",
      droplet_id: droplet.id,
      region: "fra1",
    });
    expect(attach).toMatchObject({
      status: 202,
      body: {
        action: { type: "attach_volume", status: "in-progress", resource_type: "backend", resource_id: null },
      },
    });
    await twin.ended(attach.body.action.id);
    expect((await twin.get(`/v2/volumes/${volume.id}`)).body.volume.droplet_ids).toEqual([droplet.id]);
    expect((await twin.get(`/v2/droplets/${droplet.id}`)).body.droplet.volume_ids).toEqual([volume.id]);
    expect(twin.machines.volumes.get(volume.id)?.on).toBe(droplet.id);
    expect(await twin.delete(`/v2/volumes/${volume.id}`)).toMatchObject(
      refusal(409, "A volume that's attached to a Droplet cannot be deleted", "conflict"),
    );
    const detach = await twin.post("/v2/volumes/actions", {
      type: "detach",
      volume_name: "data",
      region: "fra1",
      droplet_id: String(droplet.id),
    });
    expect(await twin.ended(detach.body.action.id)).toMatchObject({
      type: "detach_volume",
      status: "completed",
    });
    expect((await twin.get(`/v2/volumes/${volume.id}`)).body.volume.droplet_ids).toEqual([]);
    const { actions } = (await twin.get(`/v2/volumes/${volume.id}/actions`)).body;
    expect(actions.map(({ type }: { type: string }) => type)).toEqual(["detach_volume", "attach_volume"]);
    expect((await twin.get(`/v2/volumes/${volume.id}/actions/${actions[0].id}`)).status).toBe(200);
  });

  it("is refused where it cannot be", async () => {
    const twin = await openTwin();
    const [one, two] = [await twin.droplet(), await twin.droplet({ name: "two" })];
    const far = await twin.droplet({ name: "far", region: "nyc3" });
    const volume = await twin.volume();
    const attach = (droplet_id: unknown) =>
      twin.post(`/v2/volumes/${volume.id}/actions`, { type: "attach", droplet_id });
    expect(await attach(undefined)).toMatchObject(refusal(422, "droplet_id is required"));
    expect((await attach(1)).status).toBe(404);
    expect(await attach(far.id)).toMatchObject(refusal(422, /same region/));
    const detach = { type: "detach", droplet_id: one.id };
    expect(await twin.post(`/v2/volumes/${volume.id}/actions`, detach)).toMatchObject(
      refusal(422, "Attachment not found"),
    );
    await twin.ended((await attach(one.id)).body.action.id);
    for (const { id } of [one, two])
      expect(await attach(id)).toMatchObject(refusal(422, "This volume is already attached"));
    expect(
      (await twin.post("/v2/volumes/actions", { type: "attach", volume_name: "nope", droplet_id: one.id }))
        .status,
    ).toBe(404);
    expect((await twin.post(`/v2/volumes/${volume.id}/actions`, { type: "explode" })).status).toBe(422);
  });

  it("stops at 15 volumes", async () => {
    const twin = await openTwin();
    const volumes = await Promise.all(Array.from({ length: 16 }, (_, n) => twin.volume({ name: `v${n}` })));
    const ids = volumes.map(({ id }) => id);
    const droplet = await twin.droplet({ volumes: ids.slice(0, 15) });
    expect(
      await twin.post(`/v2/volumes/${ids[15]}/actions`, { type: "attach", droplet_id: droplet.id }),
    ).toMatchObject(refusal(422, /up to 15 volumes/));
  });

  it("that fails leaves the volume free", async () => {
    const twin = await openTwin();
    const [droplet, volume] = [await twin.droplet(), await twin.volume()];
    twin.machines.failing.set("attachVolume", "losetup: device busy");
    const { body } = await twin.post(`/v2/volumes/${volume.id}/actions`, {
      type: "attach",
      droplet_id: droplet.id,
    });
    expect(await twin.ended(body.action.id)).toMatchObject({
      status: "errored",
      completed_at: expect.any(String),
    });
    expect((await twin.get(`/v2/volumes/${volume.id}`)).body.volume.droplet_ids).toEqual([]);
    expect(twin.log.join()).toContain("losetup: device busy");
  });
});

describe("growing", () => {
  it("goes upwards only", async () => {
    const twin = await openTwin();
    const volume = await twin.volume();
    const resize = (size_gigabytes?: number, region = "fra1") =>
      twin.post(`/v2/volumes/${volume.id}/actions`, { type: "resize", size_gigabytes, region });
    expect(await resize(10)).toMatchObject(refusal(422, /can only grow/));
    expect(await resize(9)).toMatchObject(refusal(422, /can only grow/));
    expect(await resize(16_385)).toMatchObject(refusal(422, /at most/));
    expect(await resize()).toMatchObject(refusal(422, /required/));
    expect(await resize(20, "nyc3")).toMatchObject(refusal(422, /is in fra1/));
    await twin.ended((await resize(20)).body.action.id);
    expect((await twin.get(`/v2/volumes/${volume.id}`)).body.volume.size_gigabytes).toBe(20);
    expect(twin.machines.calls).toContain(`resizeVolume ${volume.id} 20`);
  });
});

describe("snapshots of a volume", () => {
  it("are in the books", async () => {
    const twin = await openTwin();
    const volume = await twin.volume();
    const path = `/v2/volumes/${volume.id}/snapshots`;
    const { status, body } = await twin.post(path, { name: "nightly", tags: ["s"] });
    expect(status).toBe(201);
    expect(body.snapshot).toMatchObject({
      name: "nightly",
      resource_id: volume.id,
      resource_type: "volume",
      regions: ["fra1"],
      min_disk_size: 10,
      tags: ["s"],
    });
    expect((await twin.post(path, { name: "nightly" })).status).toBe(409);
    expect((await twin.get(path)).body.snapshots).toHaveLength(1);
    expect((await twin.get("/v2/snapshots?resource_type=volume")).body.snapshots).toHaveLength(1);
    expect((await twin.get("/v2/snapshots?resource_type=droplet")).body.snapshots).toHaveLength(0);
    expect((await twin.get(`/v2/snapshots/${body.snapshot.id}`)).body.snapshot.name).toBe("nightly");
    expect((await twin.delete(`/v2/snapshots/${body.snapshot.id}`)).status).toBe(204);
    expect((await twin.get(`/v2/snapshots/${body.snapshot.id}`)).status).toBe(404);
  });
});
