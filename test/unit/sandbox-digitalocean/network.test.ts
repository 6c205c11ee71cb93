import { describe, expect, it } from "vitest";
import { freeHost, freeRange, parseRange } from "../../../sandbox/digitalocean/api/network/ranges.ts";
import { openTwin, refusal } from "./opened-twin.ts";

describe("networks in CIDR form", () => {
  it("are read, or not", () => {
    expect(parseRange("10.1.16.0/20")).toEqual({ first: 0x0a011000, size: 4096, bits: 20 });
    for (const wrong of [
      "10.1.16.1/20",
      "10.1.16.0",
      "10.1.16.0/33",
      "10.1/16",
      "::/0",
      "x/1",
      "10.0.0.0/8/8",
    ])
      expect(parseRange(wrong)).toBeUndefined();
  });

  it("have room until they are full", () => {
    expect(freeRange([])).toBe("10.100.0.0/20");
    expect(freeRange(["10.100.0.0/20", "10.100.16.0/24"])).toBe("10.100.32.0/20");
    expect(freeRange(["10.0.0.0/8"])).toBeUndefined();
    expect(freeHost("10.1.0.0/29", ["10.1.0.2", "10.1.0.4"])).toBe("10.1.0.3");
    expect(freeHost("10.1.0.0/30", ["10.1.0.2"])).toBeUndefined();
  });
});

describe("VPCs", () => {
  it("are made, changed and deleted", async () => {
    const twin = await openTwin();
    await twin.post("/v2/vpcs", { name: "first", region: "fra1" });
    const { status, body } = await twin.post("/v2/vpcs", {
      name: "own",
      region: "fra1",
      ip_range: "10.10.10.0/24",
    });
    expect(status).toBe(201);
    const { id } = body.vpc;
    expect(body.vpc).toMatchObject({
      urn: `do:vpc:${id}`,
      ip_range: "10.10.10.0/24",
      default: false,
      description: "",
    });
    expect((await twin.put(`/v2/vpcs/${id}`, { name: "mine", description: "d" })).body.vpc).toMatchObject({
      name: "mine",
      description: "d",
    });
    expect((await twin.put(`/v2/vpcs/${id}`, { description: "d" })).status).toBe(422);
    expect((await twin.call("PATCH", `/v2/vpcs/${id}`, { description: "e" })).body.vpc).toMatchObject({
      name: "mine",
      description: "e",
    });
    const droplet = await twin.droplet({ vpc_uuid: id });
    expect(droplet.networks.v4[1]).toMatchObject({
      ip_address: "10.10.10.2",
      netmask: "255.255.255.0",
      gateway: "10.10.10.1",
    });
    expect((await twin.get(`/v2/vpcs/${id}/members`)).body.members).toMatchObject([
      { urn: `do:droplet:${droplet.id}`, name: "web" },
    ]);
    expect(await twin.delete(`/v2/vpcs/${id}`)).toMatchObject(
      refusal(403, "Can not delete VPC with members", "forbidden"),
    );
    await twin.delete(`/v2/droplets/${droplet.id}`);
    await twin.gone(`/v2/droplets/${droplet.id}`);
    expect((await twin.delete(`/v2/vpcs/${id}`)).status).toBe(204);
    expect((await twin.get(`/v2/vpcs/${id}`)).status).toBe(404);
  });

  it.each([
    [{ name: "a b" }, 422, /name may contain/],
    [{ name: "taken" }, 409, /already exists/],
    [{ region: "mars1" }, 422, "region is invalid"],
    [{ region: undefined }, 422, "region is required"],
    [{ ip_range: "10.0.0.0/15" }, 422, /larger than/],
    [{ ip_range: "10.0.0.0/29" }, 422, /smaller than/],
    [{ ip_range: "10.0.0.1/24" }, 422, /not a network/],
    [{ ip_range: "8.8.0.0/16" }, 422, /RFC 1918/],
    [{ ip_range: "10.244.1.0/24" }, 422, /reserved range/],
    [{ ip_range: "10.5.0.0/16" }, 422, /overlaps with another VPC network/],
    [{ description: "x".repeat(256) }, 422, /too long/],
  ])("are refused: %j", async (wrong, status, message) => {
    const twin = await openTwin();
    await twin.post("/v2/vpcs", { name: "taken", region: "fra1", ip_range: "10.5.1.0/24" });
    expect(await twin.post("/v2/vpcs", { name: "own", region: "fra1", ...wrong })).toMatchObject(
      refusal(status, message),
    );
  });

  it("have a default in each region, which stays", async () => {
    const twin = await openTwin();
    const droplet = await twin.droplet();
    const [vpc, ...others] = (await twin.get("/v2/vpcs")).body.vpcs;
    expect(others).toEqual([]);
    expect(vpc).toMatchObject({ id: droplet.vpc_uuid, name: "default-fra1", default: true, region: "fra1" });
    const made = (await twin.post("/v2/vpcs", { name: "first-of-nyc3", region: "nyc3" })).body.vpc;
    expect(made.default).toBe(true);
    expect(await twin.delete(`/v2/vpcs/${made.id}`)).toMatchObject(refusal(403, /default/, "forbidden"));
    expect((await twin.droplet({ region: "nyc3" })).vpc_uuid).toBe(made.id);
    expect(
      (
        await twin.post("/v2/droplets", {
          name: "x",
          region: "nyc3",
          size: "s-1vcpu-1gb",
          image: "debian-13-x64",
          vpc_uuid: vpc.id,
        })
      ).status,
    ).toBe(422);
  });

  it("can be full", async () => {
    const twin = await openTwin();
    const { id } = (await twin.post("/v2/vpcs", { name: "small", region: "fra1", ip_range: "10.9.0.0/28" }))
      .body.vpc;
    for (let n = 0; n < 13; n++) await twin.droplet({ vpc_uuid: id, name: `w${n}` });
    const one = { name: "x", region: "fra1", size: "s-1vcpu-1gb", image: "debian-13-x64", vpc_uuid: id };
    expect(await twin.post("/v2/droplets", one)).toMatchObject(refusal(422, /no free address left/));
  });
});

describe("reserved IPs", () => {
  it("move from droplet to droplet", async () => {
    const twin = await openTwin();
    const [one, two] = [await twin.droplet(), await twin.droplet({ name: "two" })];
    const created = await twin.post("/v2/reserved_ips", { region: "fra1" });
    expect(created).toMatchObject({
      status: 202,
      body: {
        reserved_ip: {
          droplet: null,
          locked: false,
          region: { slug: "fra1" },
          project_id: expect.any(String),
        },
      },
    });
    const { ip } = created.body.reserved_ip;
    expect(ip).toMatch(/^127\.77\.1\.\d+$/);
    const path = `/v2/reserved_ips/${ip}`;
    const act = async (body: object) => {
      const answer = await twin.post(`${path}/actions`, body);
      expect(answer.status).toBe(201);
      expect(answer.body.action).toMatchObject({ resource_type: "reserved_ip", status: "in-progress" });
      return await twin.ended(answer.body.action.id);
    };
    expect(await act({ type: "assign", droplet_id: one.id })).toMatchObject({
      type: "assign_ip",
      status: "completed",
    });
    expect((await twin.get(path)).body.reserved_ip.droplet).toMatchObject({ id: one.id, name: "web" });
    expect(twin.machines.addresses.get(ip)).toBe(one.id);
    await act({ type: "assign", droplet_id: two.id });
    expect(twin.machines.addresses.get(ip)).toBe(two.id);
    expect(await act({ type: "unassign" })).toMatchObject({ type: "unassign_ip" });
    expect(twin.machines.addresses.size).toBe(0);
    expect(await twin.post(`${path}/actions`, { type: "unassign" })).toMatchObject(
      refusal(422, /not assigned/),
    );
    const { actions } = (await twin.get(`${path}/actions`)).body;
    expect(actions).toHaveLength(3);
    expect((await twin.get(`${path}/actions/${actions[0].id}`)).status).toBe(200);
    expect((await twin.delete(path)).status).toBe(204);
    expect((await twin.get(path)).status).toBe(404);
  });

  it("are refused where they cannot be", async () => {
    const twin = await openTwin();
    const [one, far] = [await twin.droplet(), await twin.droplet({ region: "nyc3" })];
    for (const body of [{}, { region: "mars1" }, { droplet_id: 1 }, { region: "fra1", project_id: "x" }])
      expect((await twin.post("/v2/reserved_ips", body)).status).toBe(422);
    const { ip } = (await twin.post("/v2/reserved_ips", { region: "fra1" })).body.reserved_ip;
    const assign = (droplet_id: number) =>
      twin.post(`/v2/reserved_ips/${ip}/actions`, { type: "assign", droplet_id });
    expect(await assign(far.id)).toMatchObject(refusal(422, /cannot be assigned to a Droplet in nyc3/));
    expect(await assign(1)).toMatchObject(refusal(422, /does not exist/));
    const gate = Promise.withResolvers<void>();
    twin.machines.gate = gate.promise;
    const { action } = (await assign(one.id)).body;
    expect(await assign(one.id)).toMatchObject(refusal(422, /pending event/));
    expect((await twin.get(`/v2/reserved_ips/${ip}`)).body.reserved_ip.locked).toBe(true);
    gate.resolve();
    await twin.ended(action.id);
    expect(await twin.post("/v2/reserved_ips", { droplet_id: one.id })).toMatchObject(
      refusal(422, /already has a reserved IP/),
    );
    for (let n = 0; n < 4; n++) await twin.post("/v2/reserved_ips", { region: "fra1" });
    expect(await twin.post("/v2/reserved_ips", { region: "fra1" })).toMatchObject(refusal(422, /limit of 5/));
  });
});
