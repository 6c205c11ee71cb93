import { describe, expect, it } from "vitest";
import { checkInputs } from "../../../sandbox/plugins/bridge/check.ts";
import { diff } from "../../../sandbox/plugins/bridge/diff.ts";
import { plannedCreate, plannedUpdate } from "../../../sandbox/plugins/bridge/outputs.ts";
import { MadeButFailed, type Props } from "../../../sandbox/plugins/bridge/schema.ts";
import { UNKNOWN, withoutNotes } from "../../../sandbox/plugins/bridge/values.ts";
import { droplet as resource } from "../../../sandbox/plugins/digitalocean/droplet/droplet.ts";
import { sha1 } from "../../../sandbox/plugins/digitalocean/droplet/schema.ts";
import { dropletState, storedInputs } from "../../../sandbox/plugins/digitalocean/droplet/state.ts";
import { action, droplet, play, running } from "./digitalocean-api.ts";

const program: Props = {
  name: "web",
  image: "debian-13-x64",
  size: "s-1vcpu-1gb",
  region: "FRA1",
  monitoring: true,
  sshKeys: ["12", "aa:bb"],
  tags: ["atlas"],
  userData: "#cloud-config\n",
};
const seed = new Uint8Array([1]);
const check = (news: Props) => checkInputs(resource.inputs, news, undefined, { resource: "web", seed });
const inputs = (changes: Props = {}): Props => withoutNotes(check({ ...program, ...changes }).inputs);
const state = (changes: object = {}) => dropletState(droplet(changes).droplet, storedInputs(inputs()));
const bodyOf = (call: string | undefined) => JSON.parse(call?.replace(/^\S+ \S+ /, "") ?? "null");

describe("a Droplet's creation", () => {
  it("asks for what the program says and waits until it runs and has its address", async () => {
    const { context, calls } = await play({
      "POST droplets": [202, droplet({ status: "new" })],
      "GET droplets/7": [
        [404, {}],
        [200, droplet({ status: "new", locked: true, networks: {} })],
        [200, droplet({ status: "active", networks: { v4: [] } })],
        [200, droplet()],
      ],
    });
    const made = await resource.create(context, inputs({ dropletAgent: false }));
    expect(made.id).toBe("7");
    expect(made.state).toMatchObject({
      dropletUrn: "do:droplet:7",
      ipv4Address: "203.0.113.7",
      ipv4AddressPrivate: "10.0.0.7",
      priceMonthly: 6,
      region: "fra1",
      image: "debian-13-x64",
      userData: sha1("#cloud-config\n"),
      monitoring: true,
      ipv6: false,
      publicNetworking: true,
    });
    expect(calls.slice(1)).toEqual(Array.from({ length: 4 }, () => "GET droplets/7"));
    expect(bodyOf(calls[0])).toEqual({
      name: "web",
      region: "fra1",
      size: "s-1vcpu-1gb",
      image: "debian-13-x64",
      ssh_keys: [12, "aa:bb"],
      backups: false,
      ipv6: false,
      private_networking: false,
      monitoring: true,
      tags: ["atlas"],
      user_data: "#cloud-config\n",
      with_droplet_agent: false,
    });
  });

  it("that is refused leaves nothing, and says so in the API's words", async () => {
    const { context, url } = await play({
      "POST droplets": [422, { id: "unprocessable_entity", message: "bad size", request_id: "q" }],
    });
    const refused = await resource.create(context, inputs()).catch((cause: unknown) => cause);
    expect(refused).not.toBeInstanceOf(MadeButFailed);
    expect(String(refused)).toContain(
      `Error creating droplet: POST ${url}/v2/droplets: 422 (request "q") bad size`,
    );
  });

  it("that goes wrong later keeps the Droplet in the state", async () => {
    const { context } = await play({
      "POST droplets": [202, droplet({ status: "new" })],
      "GET droplets/7": [200, droplet({ status: "archive" })],
    });
    const failed = await resource.create(context, inputs()).catch((cause: unknown) => cause);
    if (!(failed instanceof MadeButFailed)) throw failed;
    expect(failed.made.id).toBe("7");
    expect(failed.made.state.userData).toBe(sha1("#cloud-config\n"));
    expect(failed.message).toBe(
      "Error waiting for droplet (7) to become ready: unexpected state 'archive', wanted target 'active'. last error: %!s(<nil>)",
    );
  });

  it("respects a time-out of the program's", async () => {
    const { context } = await play({
      "POST droplets": [202, droplet({ status: "new" })],
      "GET droplets/7": [200, droplet({ status: "new" })],
    });
    await expect(resource.create({ ...context, timeoutSeconds: 1 }, inputs())).rejects.toThrow(
      "timeout while waiting for state to become 'active' (last state: 'new', timeout: 1s)",
    );
  });

  it("wants backups for a backup policy", async () => {
    const { context, calls } = await play({});
    await expect(
      resource.create(context, inputs({ backupPolicy: { plan: "daily", hour: 0 } })),
    ).rejects.toThrow("backup_policy can only be set when backups are enabled");
    expect(calls).toEqual([]);
  });

  it("takes a private Droplet's own address for its readiness", async () => {
    const v4 = [{ ip_address: "10.0.0.7", type: "private" }];
    const { context } = await play({
      "POST droplets": [202, droplet()],
      "GET droplets/7": [200, droplet({ networks: { v4 } })],
    });
    const made = await resource.create(context, inputs({ publicNetworking: false }));
    expect(made.state).toMatchObject({ publicNetworking: false, ipv4Address: "" });
  });
});

describe("a Droplet's plan", () => {
  const changes = (news: Props, old: object = {}) => diff(resource.inputs, state(old), inputs(news));

  it("is empty when nothing changed, in whatever case", () => {
    expect(changes({})).toMatchObject({ changed: [] });
    expect(changes({ size: "S-1VCPU-1GB", tags: ["Atlas"] }).changed).toEqual([]);
  });

  it.each<[string, Props, object?]>([
    ["image", { image: "ubuntu-26-04-x64" }],
    ["region", { region: "ams3" }],
    ["sshKeys", { sshKeys: ["12"] }],
    ["userData", { userData: "#cloud-config\n\n" }],
    ["monitoring", { monitoring: false }],
    ["dropletAgent", { dropletAgent: true }],
    ["vpcUuid", { vpcUuid: "vpc-2" }],
    ["publicNetworking", { publicNetworking: false }],
    ["ipv6", { ipv6: false }, { features: ["ipv6", "monitoring"] }],
  ])("replaces it for another %s", (key, news, old) => {
    expect(changes(news, old)).toMatchObject({ changed: [key], replaces: [key] });
  });

  it.each<[string, Props]>([
    ["name", { name: "web2" }],
    ["size", { size: "s-2vcpu-4gb" }],
    ["backups", { backups: true }],
    ["ipv6", { ipv6: true }],
    ["tags", { tags: ["atlas", "prod"] }],
    ["volumeIds", { volumeIds: ["v"] }],
    ["gracefulShutdown", { gracefulShutdown: true }],
  ])("changes its %s in place", (key, news) => {
    expect(changes(news)).toMatchObject({ changed: [key], replaces: [] });
  });

  it("knows the inputs and the user data's hash before anything is made, and nothing else", () => {
    const planned = plannedCreate(resource, inputs());
    expect(planned).toMatchObject({
      userData: sha1("#cloud-config\n"),
      region: "fra1",
      ipv4Address: UNKNOWN,
      dropletUrn: UNKNOWN,
      priceMonthly: UNKNOWN,
      volumeIds: UNKNOWN,
      backups: false,
      dropletAgent: null,
    });
  });

  it("does not know the new IPv6 address beforehand", () => {
    expect(resource.unknownAfter?.(state(), inputs({ ipv6: true }))).toEqual(["ipv6Address"]);
    expect(resource.unknownAfter?.(state(), inputs())).toEqual([]);
  });

  it("refuses what the original's validators refuse", () => {
    const reasons = check({
      image: "",
      size: "s",
      backups: true,
      backupPolicy: { plan: "yearly", hour: 24 },
    }).failures.map(({ reason }) => reason);
    expect(reasons).toEqual([
      "image must not be empty. Examine values at 'web.image'.",
      `expected plan to be one of ["daily" "weekly"], got yearly. Examine values at 'web.backupPolicy.plan'.`,
      "expected hour to be in the range (0 - 20), got 24. Examine values at 'web.backupPolicy.hour'.",
    ]);
    expect(check({ size: "s" }).failures[0]?.reason).toContain('The argument "image" is required');
  });
});

describe("a Droplet's change", () => {
  const update = (context: Parameters<typeof resource.update>[0], news: Props, old: Props = state()) =>
    resource.update(context, "7", old, withoutNotes(plannedUpdate(resource, old, inputs(news))));

  it("of size powers off, resizes, and powers on", async () => {
    const { context, calls } = await play({
      "POST droplets/7/actions": [
        [201, running(1)],
        [201, running(2)],
        [201, running(3)],
      ],
      "GET droplets/7": [
        [200, droplet()],
        [200, droplet({ status: "off" })],
        [200, droplet({ status: "off" })],
        [200, droplet({ size: { slug: "s-2vcpu-4gb", price_monthly: 24, price_hourly: 0.03571 } })],
      ],
      "GET actions/2": [
        [200, running(2)],
        [200, action(2)],
      ],
    });
    const after = await update(context, { size: "s-2vcpu-4gb", resizeDisk: false });
    expect(after).toMatchObject({ size: "s-2vcpu-4gb", priceMonthly: 24, userData: sha1("#cloud-config\n") });
    expect(calls).toEqual([
      'POST droplets/7/actions {"type":"power_off"}',
      "GET droplets/7",
      "GET droplets/7",
      'POST droplets/7/actions {"type":"resize","size":"s-2vcpu-4gb","disk":false}',
      "GET actions/2",
      "GET actions/2",
      'POST droplets/7/actions {"type":"power_on"}',
      "GET droplets/7",
      "GET droplets/7",
      "GET droplets/7",
    ]);
  });

  it("that the API refuses after the power is off turns it on again and tells why", async () => {
    const { context, calls } = await play({
      "POST droplets/7/actions": [
        [201, running(1)],
        [422, { message: "no such size" }],
        [201, running(3)],
      ],
      "GET droplets/7": [
        [200, droplet({ status: "off" })],
        [200, droplet()],
      ],
    });
    await expect(update(context, { size: "huge" })).rejects.toThrow(
      /Error resizing droplet \(7\): .*422 no such size/,
    );
    expect(calls.at(-3)).toBe('POST droplets/7/actions {"type":"power_on"}');
  });

  it("with an errored action fails, and keeps what was reached", async () => {
    const { context } = await play({
      "POST droplets/7/actions": [201, running(5)],
      "GET actions/5": [200, action(5, { status: "errored" })],
      "GET droplets/7": [200, droplet()],
    });
    const failed = await update(context, { backups: true }).catch((cause: unknown) => cause);
    if (!(failed instanceof MadeButFailed)) throw failed;
    expect(failed.message).toContain(
      "Error waiting for backups to be enabled for droplet (7): unexpected state 'errored', wanted target 'completed'",
    );
    expect(failed.made.state).toMatchObject({ backups: false });
  });

  it("of name, IPv6, tags and volumes goes in the original's order", async () => {
    const done = droplet({ name: "web2", features: ["monitoring", "ipv6"], volume_ids: ["new"] });
    const { context, calls } = await play({
      "POST droplets/7/actions": [201, running(1)],
      "GET droplets/7": [200, done],
      "DELETE tags/atlas/resources": [204],
      "POST tags": [201, { tag: { name: "prod" } }],
      "POST tags/prod/resources": [204],
      "POST volumes/new/actions": [202, running(8)],
      "POST volumes/old/actions": [202, running(9)],
      "GET actions/8": [200, action(8)],
      "GET actions/9": [200, action(9)],
    });
    const old = state({ volume_ids: ["old"] });
    await update(context, { name: "web2", ipv6: true, tags: ["prod"], volumeIds: ["new"] }, old);
    const resources = '{"resources":[{"resource_id":"7","resource_type":"droplet"}]}';
    expect(calls).toEqual([
      'POST droplets/7/actions {"type":"rename","name":"web2"}',
      "GET droplets/7",
      'POST droplets/7/actions {"type":"enable_ipv6"}',
      "GET droplets/7",
      `DELETE tags/atlas/resources ${resources}`,
      'POST tags {"name":"prod"}',
      `POST tags/prod/resources ${resources}`,
      'POST volumes/new/actions {"type":"attach","droplet_id":7}',
      "GET actions/8",
      'POST volumes/old/actions {"type":"detach","droplet_id":7}',
      "GET actions/9",
      "GET droplets/7",
    ]);
  });

  it("of what is not the API's matter sends nothing but a look", async () => {
    const { context, calls } = await play({ "GET droplets/7": [200, droplet()] });
    expect(await update(context, { gracefulShutdown: true })).toMatchObject({ gracefulShutdown: true });
    expect(calls).toEqual(["GET droplets/7"]);
  });
});

describe("a Droplet's end", () => {
  it("waits for the lock, shuts down, detaches, deletes, and waits until it is gone", async () => {
    const { context, calls } = await play({
      "GET droplets/7": [
        [200, droplet({ locked: true, volume_ids: ["v"] })],
        [200, droplet({ volume_ids: ["v"] })],
        [200, droplet({ status: "off" })],
        [200, droplet({ status: "off" })],
        [404, {}],
      ],
      "POST droplets/7/actions": [201, running(1)],
      "POST volumes/v/actions": [202, running(2)],
      "GET actions/2": [200, action(2)],
      "DELETE droplets/7": [204],
    });
    await resource.delete(context, "7", { ...state(), gracefulShutdown: true });
    expect(calls).toEqual([
      "GET droplets/7",
      "GET droplets/7",
      'POST droplets/7/actions {"type":"shutdown"}',
      "GET droplets/7",
      'POST volumes/v/actions {"type":"detach","droplet_id":7}',
      "GET actions/2",
      "DELETE droplets/7",
      "GET droplets/7",
      "GET droplets/7",
    ]);
  });

  it("does not detach what was detached since the state was written", async () => {
    const { context, calls } = await play({
      "GET droplets/7": [
        [200, droplet()],
        [404, {}],
      ],
      "DELETE droplets/7": [204],
    });
    await resource.delete(context, "7", state({ volume_ids: ["v"] }));
    expect(calls).toEqual(["GET droplets/7", "DELETE droplets/7", "GET droplets/7"]);
  });

  it("of one that is gone already is an error, as with the original", async () => {
    const { context } = await play({});
    await expect(resource.delete(context, "7", state())).rejects.toThrow(
      "Error waiting for droplet to be unlocked for destroy (7): unexpected state 'Not Found', wanted target 'false'",
    );
  });
});

describe("a Droplet that is read", () => {
  it("keeps what the API does not tell, and shows drift in what it tells", async () => {
    const { context } = await play({ "GET droplets/7": [200, droplet({ tags: [], features: ["backups"] })] });
    const found = await resource.read(context, "7", { ...state(), image: "old-slug" });
    expect(found?.state).toMatchObject({ image: "old-slug", tags: [], backups: true, monitoring: false });
  });

  it("is gone when it is gone", async () => {
    const { context } = await play({});
    expect(await resource.read(context, "7", state())).toBeUndefined();
  });

  it("is imported by its number", async () => {
    const { context } = await play({ "GET droplets/7": [200, droplet({ image: { id: 99, slug: null } })] });
    const found = await resource.read(context, "7", undefined);
    expect(found?.state).toMatchObject({ image: "99", resizeDisk: true, name: "web" });
    await expect(resource.read(context, "web", undefined)).rejects.toThrow(
      'invalid droplet id: "web" is no number',
    );
  });
});
