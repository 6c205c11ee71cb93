import { describe, expect, it } from "vitest";
import { checkInputs } from "../../../sandbox/plugins/bridge/check.ts";
import { diff } from "../../../sandbox/plugins/bridge/diff.ts";
import {
  MadeButFailed,
  type Props,
  type ResourceDefinition,
} from "../../../sandbox/plugins/bridge/schema.ts";
import { withoutNotes } from "../../../sandbox/plugins/bridge/values.ts";
import type { DigitalOcean } from "../../../sandbox/plugins/digitalocean/client.ts";
import { reservedIp } from "../../../sandbox/plugins/digitalocean/reserved-ip.ts";
import { reservedIpAssignment } from "../../../sandbox/plugins/digitalocean/reserved-ip-assignment.ts";
import { volume } from "../../../sandbox/plugins/digitalocean/volume.ts";
import { volumeAttachment } from "../../../sandbox/plugins/digitalocean/volume-attachment.ts";
import { volumeSnapshot } from "../../../sandbox/plugins/digitalocean/volume-snapshot.ts";
import { action, busy, play, running, type Script } from "./digitalocean-api.ts";

const seed = new Uint8Array([1]);
const checked = (resource: ResourceDefinition<DigitalOcean>, news: Props): Props =>
  withoutNotes(checkInputs(resource.inputs, news, undefined, { resource: "r", seed }).inputs);

const volumeAnswer = (changes: object = {}) => ({
  volume: {
    id: "v-1",
    name: "data",
    region: { slug: "fra1" },
    size_gigabytes: 10,
    description: "",
    droplet_ids: [],
    filesystem_type: "ext4",
    filesystem_label: "",
    tags: [],
    ...changes,
  },
});
const VOLUME: Props = { name: "data", region: "FRA1", size: 10, initialFilesystemType: "ext4" };

describe("a Volume", () => {
  const state = { ...VOLUME, region: "fra1", filesystemType: "ext4", tags: [] };
  const changes = (news: Props) => diff(volume.inputs, state, checked(volume, { ...VOLUME, ...news }));

  it("is made and read", async () => {
    const { context, calls } = await play({
      "POST volumes": [201, volumeAnswer()],
      "GET volumes/v-1": [200, volumeAnswer()],
    });
    const made = await volume.create(context, checked(volume, VOLUME));
    expect(made.id).toBe("v-1");
    expect(made.state).toMatchObject({
      volumeUrn: "do:volume:v-1",
      filesystemType: "ext4",
      region: "fra1",
      dropletIds: [],
    });
    expect(calls).toEqual([
      'POST volumes {"name":"data","region":"fra1","size_gigabytes":10,"tags":[],"filesystem_type":"ext4"}',
      "GET volumes/v-1",
    ]);
  });

  it("that cannot be read after it was made is kept", async () => {
    const { context } = await play(
      { "POST volumes": [201, volumeAnswer()], "GET volumes/v-1": [500, { message: "oh" }] },
      { httpRetryMax: "0" },
    );
    const failed = await volume.create(context, checked(volume, VOLUME)).catch((cause: unknown) => cause);
    if (!(failed instanceof MadeButFailed)) throw failed;
    expect(failed.made.id).toBe("v-1");
    expect(failed.message).toContain("Error retrieving volume: GET");
  });

  it("is the same when nothing changed", () => expect(changes({}).changed).toEqual([]));

  it.each<[string, Props]>([
    ["name", { name: "other" }],
    ["region", { region: "ams3" }],
    ["description", { description: "d" }],
    ["snapshotId", { snapshotId: "s" }],
    ["initialFilesystemType", { initialFilesystemType: "xfs" }],
    ["initialFilesystemLabel", { initialFilesystemLabel: "l" }],
  ])("is replaced for another %s", (key, news) => expect(changes(news).replaces).toEqual([key]));

  it.each<[string, Props]>([
    ["size", { size: 20 }],
    ["tags", { tags: ["a"] }],
  ])("changes its %s in place", (key, news) =>
    expect(changes(news)).toMatchObject({ changed: [key], replaces: [] }),
  );

  it("never shrinks", () => {
    expect(() => volume.checkPlan?.(state, { ...VOLUME, size: 9 })).toThrow(
      "volumes `size` can only be expanded and not shrunk",
    );
    expect(() => volume.checkPlan?.(undefined, VOLUME)).not.toThrow();
  });

  it("grows by an action", async () => {
    const { context, calls } = await play({
      "POST volumes/v-1/actions": [202, running(4)],
      "GET actions/4": [
        [200, running(4)],
        [200, action(4)],
      ],
      "GET volumes/v-1": [200, volumeAnswer({ size_gigabytes: 20 })],
    });
    const after = await volume.update(context, "v-1", state, { ...state, size: 20 });
    expect(after.size).toBe(20);
    expect(calls[0]).toBe('POST volumes/v-1/actions {"type":"resize","size_gigabytes":20,"region":"fra1"}');
  });

  it("is deleted, or its deletion is refused in the API's words", async () => {
    const attached = "A volume that's attached to a Droplet cannot be deleted";
    const { context } = await play({ "DELETE volumes/v-1": [[409, { message: attached }], [204]] });
    await expect(volume.delete(context, "v-1", state)).rejects.toThrow(
      /^Error deleting volume: DELETE .*409 A volume/,
    );
    await volume.delete(context, "v-1", state);
  });
});

describe("a VolumeAttachment", () => {
  const pair = { dropletId: 7, volumeId: "v-1" };

  it("attaches once the Droplet has time for it", async () => {
    const { context, calls } = await play({
      "GET volumes/v-1": [200, volumeAnswer()],
      "POST volumes/v-1/actions": [busy, [202, running(4)]],
      "GET actions/4": [200, action(4)],
    });
    const made = await volumeAttachment.create(context, pair);
    expect(made.id).toMatch(/^7-v-1-\d{18}[0-9a-f]{8}$/);
    const attach = 'POST volumes/v-1/actions {"type":"attach","droplet_id":7}';
    expect(calls).toEqual(["GET volumes/v-1", attach, attach, "GET actions/4"]);
  });

  it("sends nothing when the volume is there already", async () => {
    const { context, calls } = await play({ "GET volumes/v-1": [200, volumeAnswer({ droplet_ids: [7] })] });
    await volumeAttachment.create(context, pair);
    expect(calls).toEqual(["GET volumes/v-1"]);
  });

  it("tells why it was refused", async () => {
    const { context } = await play({
      "GET volumes/v-1": [200, volumeAnswer({ droplet_ids: [8] })],
      "POST volumes/v-1/actions": [422, { message: "Volume is already attached" }],
    });
    await expect(volumeAttachment.create(context, pair)).rejects.toThrow(
      /^Error attaching volume to droplet after retry timeout: \[WARN\] Error attaching volume \(v-1\) to Droplet \(7\): POST .*422 Volume is already attached/,
    );
  });

  it("fails with an errored action", async () => {
    const { context } = await play({
      "GET volumes/v-1": [200, volumeAnswer()],
      "POST volumes/v-1/actions": [202, running(4)],
      "GET actions/4": [200, action(4, { status: "errored" })],
    });
    await expect(volumeAttachment.create(context, pair)).rejects.toThrow("unexpected state 'errored'");
  });

  it("is gone when the volume is elsewhere or nowhere", async () => {
    const { context } = await play({
      "GET volumes/v-1": [
        [200, volumeAnswer({ droplet_ids: [7] })],
        [200, volumeAnswer({ droplet_ids: [8] })],
        [404, {}],
      ],
    });
    expect(await volumeAttachment.read(context, "x", pair)).toEqual({ id: "x", state: pair });
    expect(await volumeAttachment.read(context, "x", pair)).toBeUndefined();
    expect(await volumeAttachment.read(context, "x", pair)).toBeUndefined();
  });

  it("detaches, waiting for the Droplet's time", async () => {
    const { context, calls } = await play({
      "POST volumes/v-1/actions": [busy, [202, running(4)]],
      "GET actions/4": [200, action(4)],
    });
    await volumeAttachment.delete(context, "x", pair);
    expect(calls.at(-2)).toBe('POST volumes/v-1/actions {"type":"detach","droplet_id":7}');
  });

  it("is replaced for any change", () => {
    expect(diff(volumeAttachment.inputs, pair, { dropletId: 8, volumeId: "v-1" }).replaces).toEqual([
      "dropletId",
    ]);
    expect(diff(volumeAttachment.inputs, pair, { dropletId: 7, volumeId: "v-2" }).replaces).toEqual([
      "volumeId",
    ]);
  });
});

describe("a VolumeSnapshot", () => {
  const snapshot = {
    id: "s-1",
    name: "s",
    resource_id: "v-1",
    regions: ["fra1"],
    size_gigabytes: 0.2,
    created_at: "t",
    min_disk_size: 10,
    tags: ["a"],
  };

  it("is made of a volume, changes its tags, and is deleted", async () => {
    const { context, calls } = await play({
      "POST volumes/v-1/snapshots": [201, { snapshot }],
      "GET snapshots/s-1": [200, { snapshot }],
      "POST tags": [201, { tag: { name: "b" } }],
      "POST tags/b/resources": [204],
      "DELETE snapshots/s-1": [204],
    });
    const made = await volumeSnapshot.create(context, { name: "s", volumeId: "v-1", tags: ["a"] });
    expect(made.state).toMatchObject({ volumeId: "v-1", size: 0.2, minDiskSize: 10 });
    await volumeSnapshot.update(context, "s-1", made.state, { ...made.state, tags: ["a", "b"] });
    await volumeSnapshot.delete(context, "s-1", made.state);
    expect(calls).toContain(
      'POST tags/b/resources {"resources":[{"resource_id":"s-1","resource_type":"volume_snapshot"}]}',
    );
  });
});

const addressAnswer = (droplet: object | null = null) => ({
  reserved_ip: { ip: "192.0.2.1", region: { slug: "fra1" }, droplet },
});
const assigned = addressAnswer({ id: 7, region: { slug: "fra1" } });

describe("a ReservedIp", () => {
  it("is reserved, read as soon as it can be, and assigned when the Droplet is idle", async () => {
    const { context, calls } = await play({
      "POST reserved_ips": [202, addressAnswer()],
      "GET reserved_ips/192.0.2.1": [
        [404, {}],
        [200, addressAnswer()],
        [200, assigned],
      ],
      "GET droplets/7/actions?per_page=50": [
        [200, { actions: [{ id: 1, status: "in-progress" }] }],
        [200, { actions: [] }],
      ],
      "POST reserved_ips/192.0.2.1/actions": [201, running(5)],
      "GET reserved_ips/192.0.2.1/actions/5": [
        [200, running(5)],
        [200, action(5)],
      ],
    });
    const made = await reservedIp.create(context, { region: "FRA1", dropletId: 7 });
    expect(made).toEqual({
      id: "192.0.2.1",
      state: {
        region: "fra1",
        dropletId: 7,
        ipAddress: "192.0.2.1",
        reservedIpUrn: "do:reservedip:192.0.2.1",
      },
    });
    expect(calls[0]).toBe('POST reserved_ips {"region":"fra1"}');
    expect(calls).toContain('POST reserved_ips/192.0.2.1/actions {"type":"assign","droplet_id":7}');
  });

  it("leaves an assignment that is another resource's out of its state", async () => {
    const { context } = await play({ "GET reserved_ips/192.0.2.1": [200, assigned] });
    const found = await reservedIp.read(context, "192.0.2.1", { region: "fra1" });
    expect(found?.state).not.toHaveProperty("dropletId");
    expect((await reservedIp.read(context, "192.0.2.1", undefined))?.state.dropletId).toBe(7);
  });

  it("goes by the address itself where its action cannot be looked at", async () => {
    const { context } = await play({
      "POST reserved_ips/192.0.2.1/actions": [201, running(5)],
      "GET reserved_ips/192.0.2.1": [
        [200, assigned],
        [200, addressAnswer()],
      ],
    });
    const after = await reservedIp.update(
      context,
      "192.0.2.1",
      { region: "fra1", dropletId: 7 },
      { region: "fra1" },
    );
    expect(after.dropletId).toBeUndefined();
  });

  it("is given back although nobody had it any more", async () => {
    const { context, calls } = await play({
      "POST reserved_ips/192.0.2.1/actions": [422, { message: "not assigned" }],
      "DELETE reserved_ips/192.0.2.1": [204],
    });
    await reservedIp.delete(context, "192.0.2.1", { region: "fra1", dropletId: 7 });
    expect(calls.at(-1)).toBe("DELETE reserved_ips/192.0.2.1");
  });

  it("is replaced for another region only", () => {
    const inputs = { region: "fra1", dropletId: 7 };
    expect(diff(reservedIp.inputs, inputs, { ...inputs, region: "ams3" }).replaces).toEqual(["region"]);
    expect(diff(reservedIp.inputs, inputs, { ...inputs, dropletId: 8 })).toMatchObject({
      changed: ["dropletId"],
      replaces: [],
    });
  });
});

describe("a ReservedIpAssignment", () => {
  const pair = { ipAddress: "192.0.2.1", dropletId: 7 };
  const script: Script = {
    "POST reserved_ips/192.0.2.1/actions": [201, running(5)],
    "GET reserved_ips/192.0.2.1/actions/5": [200, action(5)],
  };

  it("assigns and looks whether that is so", async () => {
    const { context } = await play({ ...script, "GET reserved_ips/192.0.2.1": [200, assigned] });
    const made = await reservedIpAssignment.create(context, pair);
    expect(made.id).toMatch(/^7-192\.0\.2\.1-\d{18}[0-9a-f]{8}$/);
  });

  it("takes the address only from its own Droplet", async () => {
    const { context, calls } = await play({
      ...script,
      "GET reserved_ips/192.0.2.1": [
        [200, addressAnswer({ id: 8 })],
        [200, addressAnswer()],
        [200, assigned],
      ],
    });
    await reservedIpAssignment.delete(context, "x", pair);
    await reservedIpAssignment.delete(context, "x", pair);
    expect(calls).toHaveLength(2);
    await reservedIpAssignment.delete(context, "x", pair);
    expect(calls).toContain('POST reserved_ips/192.0.2.1/actions {"type":"unassign"}');
  });

  it("is imported by address and Droplet", async () => {
    const { context } = await play({ "GET reserved_ips/192.0.2.1": [200, assigned] });
    expect((await reservedIpAssignment.read(context, "192.0.2.1,7", undefined))?.state).toEqual(pair);
    await expect(reservedIpAssignment.read(context, "192.0.2.1", undefined)).rejects.toThrow(
      'the id "192.0.2.1" has to be the ipAddress and the dropletId joined by a comma',
    );
  });
});
