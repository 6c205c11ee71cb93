import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { fingerprintOf } from "../../../sandbox/digitalocean/api/keys.ts";
import { openTwin, refusal } from "./opened-twin.ts";

const ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4jKdJ0uGZ3mGFfkPqAzS3yX9pYkH4xgQ2m1lWqX9Zx";

describe("SSH keys", () => {
  it("are known by id and by fingerprint", async () => {
    const twin = await openTwin();
    const { status, body } = await twin.post("/v2/account/keys", {
      name: "mine",
      public_key: `${ed25519} me@home\n`,
    });
    expect(status).toBe(201);
    const { id, fingerprint, public_key } = body.ssh_key;
    expect(public_key).toBe(`${ed25519} me@home\n`);
    expect(fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    for (const reference of [id, fingerprint]) {
      expect((await twin.get(`/v2/account/keys/${reference}`)).body.ssh_key).toMatchObject({
        id,
        name: "mine",
      });
      expect((await twin.put(`/v2/account/keys/${reference}`, { name: "mine" })).status).toBe(200);
    }
    expect(
      await twin.post("/v2/account/keys", { name: "again", public_key: `${ed25519} other` }),
    ).toMatchObject(refusal(422, "SSH Key is already in use on your account"));
    expect((await twin.post("/v2/account/keys", { name: "theirs", public_key: ed25519 }, "two")).status).toBe(
      201,
    );
    expect((await twin.get("/v2/account/keys")).body.ssh_keys).toHaveLength(1);
    expect((await twin.delete(`/v2/account/keys/${fingerprint}`)).status).toBe(204);
    expect((await twin.get(`/v2/account/keys/${id}`)).status).toBe(404);
  });

  it("have the fingerprint that ssh-keygen -l -E md5 gives", () => {
    const ecdsa =
      "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBN6Tk700BxykRLW2yTi+f4Xe3SzofL6wkIwZRbnC5r0zNo3qqY0R1isKX9KTz4w0emy8CG4NbutAb/3pLsRGN84=";
    expect(fingerprintOf(`${ecdsa} somebody`)).toBe("ea:7e:78:47:46:88:cf:43:91:90:08:76:5f:7d:0a:90");
  });

  it.each([
    "",
    "ssh-ed25519",
    "ssh-foo AAAA",
    "ssh-rsa !!!!",
    `ssh-rsa ${ed25519.split(" ")[1]}`,
    ed25519.slice(0, 40),
  ])("are no such thing: %j", async (public_key) => {
    const twin = await openTwin();
    expect(await twin.post("/v2/account/keys", { name: "x", public_key })).toMatchObject(
      refusal(422, /Key invalid/),
    );
  });
});

describe("tags", () => {
  it("count what they are on, in the spelling of their first use", async () => {
    const twin = await openTwin();
    expect((await twin.post("/v2/tags", { name: "env:Prod" })).body.tag.name).toBe("env:Prod");
    expect((await twin.post("/v2/tags", { name: "ENV:PROD" })).body.tag.name).toBe("env:Prod");
    const droplet = await twin.droplet({ tags: ["env:prod", "new"] });
    expect(droplet.tags).toEqual(["env:Prod", "new"]);
    const volume = await twin.volume();
    const resources = [{ resource_id: volume.id, resource_type: "volume" }];
    expect((await twin.post("/v2/tags/env:prod/resources", { resources })).status).toBe(204);
    expect((await twin.get("/v2/tags/env%3Aprod")).body.tag.resources).toMatchObject({
      count: 2,
      droplets: { count: 1, last_tagged_uri: expect.stringContaining(String(droplet.id)) },
      volumes: { count: 1 },
      images: { count: 0 },
    });
    expect((await twin.delete("/v2/tags/env:prod/resources", { resources })).status).toBe(204);
    expect((await twin.get("/v2/tags")).body.tags.map(({ name }: { name: string }) => name)).toEqual([
      "env:Prod",
      "new",
    ]);
    expect((await twin.delete("/v2/tags/env:prod")).status).toBe(204);
    expect((await twin.get(`/v2/droplets/${droplet.id}`)).body.droplet.tags).toEqual(["new"]);
  });

  it("are refused with other characters, and on what is not there", async () => {
    const twin = await openTwin();
    for (const name of ["", "a b", "a.b", "ä", "x".repeat(256), 7])
      expect((await twin.post("/v2/tags", { name })).status).toBe(422);
    const resources = [{ resource_id: "1", resource_type: "droplet" }];
    expect((await twin.post("/v2/tags/none/resources", { resources })).status).toBe(404);
    await twin.post("/v2/tags", { name: "some" });
    expect((await twin.post("/v2/tags/some/resources", { resources })).status).toBe(404);
    expect((await twin.post("/v2/tags/some/resources", {})).status).toBe(422);
  });
});

describe("projects", () => {
  it("hold what is moved to them; the rest is in the default one", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    const urn = `do:droplet:${id}`;
    const main = (await twin.get("/v2/projects/default")).body.project;
    expect(main).toMatchObject({ is_default: true, owner_uuid: expect.any(String) });
    const created = await twin.post("/v2/projects", {
      name: "atlas",
      purpose: "CMMS",
      environment: "production",
    });
    expect(created).toMatchObject({
      status: 201,
      body: { project: { purpose: "Other: CMMS", environment: "Production", is_default: false } },
    });
    const path = `/v2/projects/${created.body.project.id}`;
    const urns = async (project: string) =>
      (await twin.get(`${project}/resources`)).body.resources.map(
        (resource: { urn: string }) => resource.urn,
      );
    expect(await urns("/v2/projects/default")).toEqual([urn]);
    const moved = await twin.post(`${path}/resources`, { resources: [urn, "do:volume:nope"] });
    expect(moved).toMatchObject({
      status: 200,
      body: {
        resources: [
          { urn, status: "assigned" },
          { urn: "do:volume:nope", status: "not_found" },
        ],
      },
    });
    expect(await urns(path)).toEqual([urn]);
    expect(await urns("/v2/projects/default")).toEqual([]);
    expect(await twin.delete(path)).toMatchObject(refusal(412, "cannot delete a project with resources"));
    await twin.post("/v2/projects/default/resources", { resources: [urn] });
    expect((await twin.delete(path)).status).toBe(204);
    expect((await twin.delete("/v2/projects/default")).status).toBe(412);
    expect((await twin.post("/v2/projects/default/resources", { resources: ["droplet 1"] })).status).toBe(
      422,
    );
  });

  it("change in parts or as a whole, and one is the default", async () => {
    const twin = await openTwin();
    const { id } = await twin.droplet();
    const { project } = (await twin.post("/v2/projects", { name: "atlas", purpose: "IoT" })).body;
    const path = `/v2/projects/${project.id}`;
    const patch = (body: object) => twin.call("PATCH", path, body);
    expect((await patch({ description: "d" })).body.project).toMatchObject({
      description: "d",
      name: "atlas",
      purpose: "IoT",
    });
    expect((await twin.put(path, { name: "b" })).status).toBe(422);
    expect((await patch({ name: "first-project" })).status).toBe(409);
    expect((await patch({ environment: "Moon" })).status).toBe(422);
    expect((await patch({ is_default: true })).body.project.is_default).toBe(true);
    const { projects } = (await twin.get("/v2/projects")).body;
    expect(projects.filter((one: { is_default: boolean }) => one.is_default)).toHaveLength(1);
    const former = projects.find((one: { name: string }) => one.name === "first-project");
    expect((await twin.get(`/v2/projects/${former.id}/resources`)).body.resources).toMatchObject([
      { urn: `do:droplet:${id}` },
    ]);
    expect((await patch({ is_default: false })).status).toBe(422);
  });
});

describe("domains", () => {
  it("have records, a zone file, and answers for a name server", async () => {
    const twin = await openTwin();
    const created = await twin.post("/v2/domains", { name: "Example.com", ip_address: "127.77.1.2" });
    expect(created.status).toBe(201);
    expect(created.body.domain).toMatchObject({ name: "example.com", ttl: 1800 });
    expect(created.body.domain.zone_file).toContain("example.com. 1800 IN A 127.77.1.2");
    const records = "/v2/domains/example.com/records";
    const add = async (body: object) => {
      const answer = await twin.post(records, body);
      expect(answer).toMatchObject({ status: 201 });
      return answer.body.domain_record;
    };
    const www = await add({ type: "CNAME", name: "www", data: "@" });
    expect(www).toMatchObject({ name: "www", data: "@", ttl: 1800, priority: null });
    const a = await add({ type: "A", name: "app.example.com.", data: "127.77.1.3", ttl: 60 });
    expect(a.name).toBe("app");
    await add({ type: "TXT", name: "_acme-challenge.app", data: 'v="1"' });
    await add({ type: "CAA", name: "@", data: "letsencrypt.org.", flags: 0, tag: "issue" });
    await add({ type: "MX", name: "@", data: "mail.example.net.", priority: 10 });
    await add({
      type: "SRV",
      name: "_sip._tcp",
      data: "sip.example.net.",
      priority: 1,
      weight: 2,
      port: 5060,
    });
    await add({ type: "A", name: "*.wild", data: "127.77.1.4" });
    const answer = (name: string, type: string) => twin.lookup(name, type).map(({ data }) => data);
    expect(answer("app.example.com", "A")).toEqual(["127.77.1.3"]);
    expect(answer("APP.example.com.", "A")).toEqual(["127.77.1.3"]);
    expect(answer("app.example.com", "AAAA")).toEqual([]);
    expect(answer("www.example.com", "CNAME")).toEqual(["example.com."]);
    expect(answer("_acme-challenge.app.example.com", "TXT")).toEqual(['v="1"']);
    expect(answer("example.com", "CAA")).toEqual(['0 issue "letsencrypt.org"']);
    expect(answer("example.com", "MX")).toEqual(["10 mail.example.net."]);
    expect(answer("_sip._tcp.example.com", "SRV")).toEqual(["1 2 5060 sip.example.net."]);
    expect(answer("example.com", "NS")).toHaveLength(3);
    expect(answer("example.com", "SOA")[0]).toMatch(/^\S+\. \S+\. \d+ \d+ \d+ \d+ \d+$/);
    expect(answer("x.y.wild.example.com", "A")).toEqual(["127.77.1.4"]);
    expect(answer("nothing.example.com", "A")).toEqual([]);
    expect(answer("badexample.com", "A")).toEqual([]);
    expect(answer("app.example.com", "ANY")).toEqual(["127.77.1.3"]);
    expect((await twin.put(`${records}/${a.id}`, { data: "127.77.1.9" })).body.domain_record).toMatchObject({
      name: "app",
      data: "127.77.1.9",
      ttl: 60,
    });
    expect(answer("app.example.com", "A")).toEqual(["127.77.1.9"]);
    expect((await twin.get(`${records}?name=app.example.com&type=A`)).body.domain_records).toHaveLength(1);
    expect((await twin.get(`${records}/${a.id}`)).body.domain_record.id).toBe(a.id);
    expect((await twin.delete(`${records}/${a.id}`)).status).toBe(204);
    expect((await twin.get(`${records}/${a.id}`)).status).toBe(404);
    expect((await twin.delete("/v2/domains/example.com")).status).toBe(204);
    expect(answer("www.example.com", "CNAME")).toEqual([]);
  });

  it.each([
    [{ type: "A", name: "x", data: "1.2.3" }, /IPv4/],
    [{ type: "AAAA", name: "x", data: "127.0.0.1" }, /IPv6/],
    [{ type: "CNAME", name: "x", data: "example.org" }, "Data needs to end with a dot (.)"],
    [{ type: "CNAME", name: "@", data: "example.org." }, /CNAME records cannot share a name/],
    [{ type: "NS", data: "ns1.example.org" }, "Data needs to end with a dot (.)"],
    [{ type: "MX", data: "mail.example.org." }, /Priority can't be blank/],
    [{ type: "SRV", name: "_a._tcp", data: "x.org.", priority: 1, weight: 1 }, /Port can't be blank/],
    [{ type: "CAA", name: "@", data: "letsencrypt.org", flags: 0 }, /Tag/],
    [{ type: "CAA", name: "@", data: "letsencrypt.org", flags: 256, tag: "issue" }, /Flags/],
    [{ type: "A", name: "x y", data: "1.2.3.4" }, /hostname characters/],
    [{ type: "A", name: "x.other.com.", data: "1.2.3.4" }, /not within/],
    [{ type: "A", data: "1.2.3.4" }, "Name can't be blank"],
    [{ type: "A", name: "x" }, "Data can't be blank"],
    [{ type: "A", name: "x", data: "1.2.3.4", ttl: 5 }, /at least 30/],
    [{ type: "A", name: "@", data: "127.77.1.2" }, "Record already exists"],
    [{ type: "PTR", name: "x", data: "y." }, /Type must be one of/],
    [{ type: "SOA", name: "@", data: "1" }, /SOA/],
  ])("refuse the record %j", async (record, message) => {
    const twin = await openTwin();
    await twin.post("/v2/domains", { name: "example.com", ip_address: "127.77.1.2" });
    expect(await twin.post("/v2/domains/example.com/records", record)).toMatchObject(refusal(422, message));
  });

  it("are one account's, and have proper names", async () => {
    const twin = await openTwin();
    await twin.post("/v2/domains", { name: "example.com" });
    expect(await twin.post("/v2/domains", { name: "example.com" }, "two")).toMatchObject(
      refusal(422, "Name already exists"),
    );
    for (const name of ["", "com", "a b.com", "-a.com", "a..com", `${"x".repeat(64)}.com`])
      expect((await twin.post("/v2/domains", { name })).status).toBe(422);
    expect((await twin.post("/v2/domains", { name: "b.com", ip_address: "::1" })).status).toBe(422);
    expect((await twin.get("/v2/domains/example.com", "two")).status).toBe(404);
  });
});

describe("alert policies", () => {
  const policy = {
    type: "v1/insights/droplet/cpu",
    description: "busy",
    compare: "GreaterThan",
    value: 90,
    window: "5m",
    entities: [],
    tags: ["web"],
    alerts: { email: ["me@example.com"], slack: null },
    enabled: true,
  };

  it("are made, changed and deleted", async () => {
    const twin = await openTwin();
    const { status, body } = await twin.post("/v2/monitoring/alerts", policy);
    expect(status).toBe(200);
    expect(body.policy).toMatchObject({
      uuid: expect.any(String),
      alerts: { email: ["me@example.com"], slack: [] },
    });
    const path = `/v2/monitoring/alerts/${body.policy.uuid}`;
    expect((await twin.put(path, { ...policy, value: 50 })).body.policy.value).toBe(50);
    expect((await twin.get("/v2/monitoring/alerts")).body.policies).toHaveLength(1);
    expect((await twin.get(path)).body.policy.value).toBe(50);
    expect((await twin.delete(path)).status).toBe(204);
    expect((await twin.get(path)).status).toBe(404);
  });

  it.each([
    { type: "v1/insights/droplet/mood" },
    { compare: "Equals" },
    { window: "2m" },
    { description: "" },
    { value: "much" },
    { alerts: undefined },
    { alerts: { email: [] } },
    { alerts: { email: ["nobody"] } },
    { entities: ["1"] },
  ])("are refused: %j", async (wrong) => {
    const twin = await openTwin();
    expect((await twin.post("/v2/monitoring/alerts", { ...policy, ...wrong })).status).toBe(422);
  });
});

describe("uptime checks", () => {
  it("look at their target", async () => {
    const twin = await openTwin();
    const server = createServer((_, response) => response.writeHead(status).end());
    let status = 200;
    server.listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await expect.poll(() => server.listening).toBe(true);
    await twin.raw("PUT", "/_twin/dns/app.example.com", JSON.stringify({ address: "127.0.0.1" }));
    const target = `http://app.example.com:${(server.address() as AddressInfo).port}/up`;
    const created = await twin.post("/v2/uptime/checks", {
      name: "app",
      type: "http",
      target,
      regions: ["eu_west"],
    });
    expect(created).toMatchObject({
      status: 201,
      body: { check: { name: "app", target, enabled: true, regions: ["eu_west"] } },
    });
    const path = `/v2/uptime/checks/${created.body.check.id}`;
    const state = async () => (await twin.get(`${path}/state`)).body.state;
    expect(await state()).toMatchObject({ regions: { eu_west: { status: "UP" } }, previous_outage: {} });
    status = 503;
    expect((await state()).regions.eu_west.status).toBe("DOWN");
    twin.clock.now += 60_000;
    status = 200;
    expect(await state()).toMatchObject({
      regions: { eu_west: { status: "UP" } },
      previous_outage: { duration_seconds: 60 },
    });
    expect(
      (await twin.put(path, { name: "app", target: "https://nowhere.example.com", type: "https" })).status,
    ).toBe(200);
    expect((await state()).regions.eu_west.status).toBe("DOWN");
  });

  it("have alerts", async () => {
    const twin = await openTwin();
    const { check } = (await twin.post("/v2/uptime/checks", { name: "a", target: "https://example.com" }))
      .body;
    expect(check).toMatchObject({ type: "https", regions: ["us_east", "us_west", "eu_west", "se_asia"] });
    const alerts = `/v2/uptime/checks/${check.id}/alerts`;
    const body = {
      name: "down",
      type: "down_global",
      period: "2m",
      notifications: { email: ["me@example.com"], slack: [] },
    };
    const created = await twin.post(alerts, { ...body, comparison: "" });
    expect(created).toMatchObject({ status: 201, body: { alert: { ...body, id: expect.any(String) } } });
    const path = `${alerts}/${created.body.alert.id}`;
    expect((await twin.put(path, { ...body, period: "5m" })).body.alert.period).toBe("5m");
    expect((await twin.get(alerts)).body.alerts).toHaveLength(1);
    for (const wrong of [
      { type: "sad" },
      { period: "1s" },
      { notifications: {} },
      { type: "latency" },
      { name: "" },
    ])
      expect((await twin.post(alerts, { ...body, ...wrong })).status).toBe(422);
    expect((await twin.delete(path)).status).toBe(204);
    expect((await twin.get(path)).status).toBe(404);
    expect((await twin.delete(`/v2/uptime/checks/${check.id}`)).status).toBe(204);
    for (const wrong of [
      { name: "a" },
      { name: "a", target: "example.com" },
      { name: "a", target: "https://x", regions: ["mars"] },
    ])
      expect((await twin.post("/v2/uptime/checks", wrong)).status).toBe(422);
  });
});

describe("the catalogue", () => {
  it("has sizes, regions and images that fit each other", async () => {
    const twin = await openTwin();
    const { sizes } = (await twin.get("/v2/sizes?per_page=200")).body;
    const { regions } = (await twin.get("/v2/regions?per_page=200")).body;
    const { images } = (await twin.get("/v2/images?type=distribution&per_page=200")).body;
    expect(sizes.find(({ slug }: { slug: string }) => slug === "s-2vcpu-4gb")).toMatchObject({
      memory: 4096,
      vcpus: 2,
      disk: 80,
      transfer: 4,
      price_monthly: 24,
      price_hourly: 0.03571,
      available: true,
      regions: expect.arrayContaining(["fra1", "nyc3"]),
    });
    for (const region of regions)
      for (const slug of region.sizes)
        expect(sizes.find((size: { slug: string }) => size.slug === slug).regions).toContain(region.slug);
    expect(images.map(({ slug }: { slug: string }) => slug)).toEqual(
      expect.arrayContaining(["debian-12-x64", "debian-13-x64", "ubuntu-24-04-x64"]),
    );
    expect((await twin.get(`/v2/images/${images[0].id}`)).body.image.slug).toBe(images[0].slug);
    expect((await twin.get("/v2/images?private=true")).body.images).toEqual([]);
    expect((await twin.get("/v2/images/nope")).status).toBe(404);
  });
});
