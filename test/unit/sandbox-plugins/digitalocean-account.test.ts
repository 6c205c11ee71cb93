import { describe, expect, it } from "vitest";
import { diff } from "../../../sandbox/plugins/bridge/diff.ts";
import { invoke } from "../../../sandbox/plugins/bridge/invoke.ts";
import { MadeButFailed } from "../../../sandbox/plugins/bridge/schema.ts";
import { monitorAlert } from "../../../sandbox/plugins/digitalocean/monitor-alert.ts";
import { project } from "../../../sandbox/plugins/digitalocean/project.ts";
import { projectResources } from "../../../sandbox/plugins/digitalocean/project-resources.ts";
import { digitalocean } from "../../../sandbox/plugins/digitalocean/provider.ts";
import { uptimeAlert } from "../../../sandbox/plugins/digitalocean/uptime-alert.ts";
import { uptimeCheck } from "../../../sandbox/plugins/digitalocean/uptime-check.ts";
import { type Api, play } from "./digitalocean-api.ts";

const answer = (changes: object = {}) => ({
  project: {
    id: "p",
    name: "n",
    purpose: "Other: mine",
    description: "",
    environment: "Production",
    is_default: false,
    owner_id: 1,
    owner_uuid: "o",
    created_at: "t",
    updated_at: "t",
    ...changes,
  },
});
const members = (...urns: string[]) => ({ resources: urns.map((urn) => ({ urn })) });
const MEMBERS = "GET projects/p/resources?page=1&per_page=200";
const inputs = {
  name: "n",
  purpose: "mine",
  description: "",
  environment: "production",
  isDefault: false,
  resources: ["do:droplet:1"],
};

describe("a Project", () => {
  it("is made, given its members, and read", async () => {
    const { context, calls } = await play({
      "POST projects": [201, answer()],
      "POST projects/p/resources": [200, {}],
      "GET projects/p": [200, answer()],
      [MEMBERS]: [200, members("do:droplet:1")],
    });
    const made = await project.create(context, inputs);
    expect(made.state).toMatchObject({ purpose: "mine", resources: ["do:droplet:1"], ownerUuid: "o" });
    expect(calls).toEqual([
      'POST projects {"name":"n","purpose":"mine","environment":"production"}',
      'POST projects/p/resources {"resources":["do:droplet:1"]}',
      "GET projects/p",
      MEMBERS,
    ]);
    expect(diff(project.inputs, made.state, inputs).changed).toEqual([]);
  });

  it("whose members cannot be moved is kept", async () => {
    const { context } = await play({
      "POST projects": [201, answer()],
      "POST projects/p/resources": [422, { message: "bad" }],
    });
    await expect(project.create(context, inputs)).rejects.toBeInstanceOf(MadeButFailed);
  });

  it("gives what it no longer has to the default project", async () => {
    const { context, calls } = await play({
      "PATCH projects/p": [200, {}],
      "GET projects/default": [200, answer({ id: "d" })],
      "POST projects/d/resources": [200, {}],
      "POST projects/p/resources": [200, {}],
      "GET projects/p": [200, answer()],
      [MEMBERS]: [200, members("do:droplet:2")],
    });
    await project.update(context, "p", inputs, { ...inputs, resources: ["do:droplet:2"] });
    expect(calls.slice(1, 4)).toEqual([
      "GET projects/default",
      'POST projects/d/resources {"resources":["do:droplet:1"]}',
      'POST projects/p/resources {"resources":["do:droplet:2"]}',
    ]);
  });

  it("is deleted once its members have left", async () => {
    const { context, calls } = await play({
      "GET projects/default": [200, answer({ id: "d" })],
      "POST projects/d/resources": [200, {}],
      "DELETE projects/p": [[412, { message: "cannot delete a project with resources" }], [204]],
    });
    await project.delete(context, "p", inputs);
    expect(calls.filter((call) => call === "DELETE projects/p")).toHaveLength(2);
  });
});

describe("ProjectResources", () => {
  it("are moved in, seen as far as they are theirs, and moved out", async () => {
    const { context, calls } = await play({
      "GET projects/p": [200, answer()],
      "POST projects/p/resources": [200, {}],
      [MEMBERS]: [200, members("do:droplet:1", "do:volume:x")],
      "GET projects/default": [200, answer({ id: "d" })],
      "POST projects/d/resources": [200, {}],
    });
    const made = await projectResources.create(context, {
      project: "p",
      resources: ["do:droplet:1", "do:droplet:9"],
    });
    expect(made).toEqual({ id: "p", state: { project: "p", resources: ["do:droplet:1"] } });
    await projectResources.delete(context, "p", made.state);
    expect(calls.at(-1)).toBe('POST projects/d/resources {"resources":["do:droplet:1"]}');
  });
});

describe("monitoring", () => {
  it("makes alerts and checks that come back the same", async () => {
    const alert = {
      type: "v1/insights/droplet/cpu",
      description: "d",
      compare: "GreaterThan",
      value: 90,
      window: "5m",
      enabled: true,
      tags: ["a"],
      alerts: { emails: ["a@b.example"] },
    };
    const policy = { ...alert, uuid: "u", entities: [], alerts: { email: ["a@b.example"], slack: [] } };
    const check = {
      id: "c",
      name: "n",
      target: "https://x.example",
      type: "https",
      regions: ["us_east", "eu_west"],
      enabled: true,
    };
    const uptime = {
      name: "n",
      checkId: "c",
      type: "down",
      period: "2m",
      notifications: [{ emails: ["a@b.example"] }],
    };
    const { context, calls } = await play({
      "POST monitoring/alerts": [200, { policy }],
      "GET monitoring/alerts/u": [200, { policy }],
      "POST uptime/checks": [201, { check }],
      "GET uptime/checks/c": [200, { check }],
      "POST uptime/checks/c/alerts": [201, { alert: { id: "a" } }],
      "GET uptime/checks/c/alerts/a": [
        200,
        {
          alert: {
            id: "a",
            name: "n",
            type: "down",
            period: "2m",
            notifications: { email: ["a@b.example"] },
          },
        },
      ],
    });
    const [one, two, three] = [
      await monitorAlert.create(context, alert),
      await uptimeCheck.create(context, { ...check, regions: ["eu_west", "us_east"] }),
      await uptimeAlert.create(context, uptime),
    ];
    expect(diff(monitorAlert.inputs, one.state, alert).changed).toEqual([]);
    expect(
      diff(uptimeCheck.inputs, two.state, { ...check, regions: ["eu_west", "us_east"] }).changed,
    ).toEqual([]);
    expect(diff(uptimeAlert.inputs, three.state, uptime).changed).toEqual([]);
    expect(calls).toHaveLength(6);
    expect((await uptimeAlert.read(context, "c,a", undefined))?.id).toBe("a");
  });
});

describe("the functions", () => {
  const ask = ({ context }: Api, name: string, args = {}) => {
    const token = `digitalocean:index/${name}:${name}`;
    const asked = digitalocean.functions?.[token];
    if (asked === undefined) throw new Error(`no function ${name}`);
    return invoke(asked, context, token, args);
  };
  const size = (slug: string, vcpus: number, price_monthly: number) => ({
    slug,
    vcpus,
    price_monthly,
    price_hourly: 0.01,
    memory: 1024,
    disk: 25,
    transfer: 1,
    available: true,
    regions: ["fra1"],
  });

  it("filter and sort sizes", async () => {
    const api = await play({
      "GET sizes?page=1&per_page=200": [200, { sizes: [size("b", 1, 12), size("a", 1, 6), size("c", 2, 4)] }],
    });
    const { result } = await ask(api, "getSizes", {
      filters: [{ key: "vcpus", values: ["1"] }],
      sorts: [{ key: "price_monthly", direction: "asc" }],
    });
    expect(result.sizes).toMatchObject([{ slug: "a", priceMonthly: 6 }, { slug: "b" }]);
    const wrong = await ask(api, "getSizes", { filters: [{ key: "colour", values: [] }] });
    expect(wrong.failures[0]?.reason).toContain("expected key to be one of");
  });

  it("say what is looked for and not there", async () => {
    const api = await play({ "GET droplets?page=1&per_page=200": [200, { droplets: [] }] });
    await expect(ask(api, "getDroplet", { name: "web" })).rejects.toThrow("no droplet found with name web");
    await expect(ask(api, "getImage")).rejects.toThrow("one of `id`,`name`,`slug` must be specified");
    await expect(ask(api, "getDomain", { name: "x.example" })).rejects.toThrow("domain not found: x.example");
  });

  it("take the default project where none is named", async () => {
    const api = await play({ "GET projects/default": [200, answer()], [MEMBERS]: [200, members()] });
    expect((await ask(api, "getProject")).result).toMatchObject({ id: "p", name: "n", resources: [] });
  });
});
