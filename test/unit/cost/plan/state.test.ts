import { describe, expect, test } from "vitest";
import { readState } from "../../../../components/cost/plan/state.ts";
import { unknown } from "../../../../components/cost/resource.ts";
import { stateOf } from "./recordings.ts";

const droplet = {
  urn: "urn:pulumi:live::shop::example:web:Tier$digitalocean:index/droplet:Droplet::web::0",
  type: "digitalocean:index/droplet:Droplet",
  custom: true,
  id: "400000001",
  inputs: { size: "s-1vcpu-1gb" },
  outputs: { size: "s-1vcpu-1gb", priceMonthly: 6, ipv6: false },
};
const exported = (...resources: object[]) => ({ version: 3, deployment: { resources } });
const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

describe("a state has", () => {
  test("its resources by type and name, with their inputs and none of their outputs", () => {
    expect(readState(exported(droplet))).toEqual([
      {
        type: "digitalocean:index/droplet:Droplet",
        name: "web::0",
        urn: droplet.urn,
        inputs: { size: "s-1vcpu-1gb" },
        uses: {},
        protect: false,
      },
    ]);
  });

  test("no components, no providers, and nothing that others manage", () => {
    const resources = readState(stateOf("components"));
    expect(resources).toHaveLength(10);
    for (const { type, name } of resources) {
      expect(type).toMatch(/^digitalocean:index/);
      expect(name).not.toBe("shared-bastion");
    }
  });

  test("what is still to be deleted, and not what is deleted already", () => {
    const names = readState(stateOf("interrupted")).map(({ name }) => name);
    expect(names.filter((name) => name === "worker")).toHaveLength(2);
    expect(names).not.toContain("scratch");
  });

  test.each([
    [{ ...signature, ciphertext: "v1:abc" }, unknown],
    [{ ...signature, plaintext: '"s-2vcpu-2gb"' }, "s-2vcpu-2gb"],
    [{ plan: { ...signature, plaintext: "[4]" } }, { plan: [4] }],
    [
      [{ ...signature, ciphertext: "v1:abc" }, 1],
      [unknown, 1],
    ],
  ])("a secret %j as %j", (input, size) => {
    expect(readState(exported({ ...droplet, inputs: { size: input } }))[0]?.inputs).toEqual({ size });
  });

  test("nothing where the stack is new", () => {
    expect(readState({ version: 3, deployment: { manifest: {} } })).toEqual([]);
  });

  test("version 4 as well as 3", () => {
    expect(readState({ ...exported(droplet), version: 4 })).toHaveLength(1);
  });
});

test.each([
  [{ version: 3, checkpoint: { latest: {} } }, /file of Pulumi's backend.*pulumi stack export/],
  [{ version: 2, deployment: {} }, /not what pulumi stack export prints.*version/s],
  [{ steps: [], duration: 1 }, /not what pulumi stack export prints.*deployment/s],
  [
    exported({ ...droplet, custom: "yes" }),
    /deployment\.resources\[0\]\.custom must be true or false, and is "yes"/,
  ],
  [
    exported(droplet, { ...droplet, type: undefined }),
    /resources\[1\]\.type must be a text, and is undefined/,
  ],
])("%j is refused", (json, message) => {
  expect(() => readState(json)).toThrow(message);
});
