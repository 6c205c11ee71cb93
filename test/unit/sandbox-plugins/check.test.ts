import { describe, expect, it } from "vitest";
import { checkInputs, type Naming } from "../../../sandbox/plugins/bridge/check.ts";
import type { Props } from "../../../sandbox/plugins/bridge/schema.ts";
import { UNKNOWN } from "../../../sandbox/plugins/bridge/values.ts";
import { containerInputs } from "../../../sandbox/plugins/docker/container/schema.ts";

const naming: Naming = { resource: "web", seed: new Uint8Array([1, 2, 3]) };
const check = (news: Props, olds?: Props, how = naming) => checkInputs(containerInputs, news, olds, how);

describe("defaults", () => {
  it("fills in what the program left out and notes it", () => {
    const { inputs, failures } = check({ image: "a", name: "n", restart: "always" });
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({
      attach: false,
      mustRun: true,
      networkMode: "bridge",
      removeVolumes: true,
      restart: "always",
      start: true,
      waitTimeout: 60,
      containerReadRefreshTimeoutMilliseconds: 15000,
    });
    expect(inputs.__defaults).toContain("mustRun");
    expect(inputs.__defaults).not.toContain("restart");
  });

  it("fills in nested defaults and leaves unknown values alone", () => {
    const { inputs } = check({ image: UNKNOWN, ports: [{ internal: 80 }, UNKNOWN] });
    expect(inputs.image).toBe(UNKNOWN);
    expect(inputs.ports).toEqual([
      { internal: 80, ip: "0.0.0.0", protocol: "tcp", __defaults: ["ip", "protocol"] },
      UNKNOWN,
    ]);
  });
});

describe("the generated name", () => {
  it("is the resource's with seven hex digits, the same for the same seed", () => {
    const name = check({ image: "a" }).inputs.name;
    expect(name).toMatch(/^web-[0-9a-f]{7}$/);
    expect(check({ image: "a" }).inputs.name).toBe(name);
    expect(check({ image: "a" }, undefined, { ...naming, seed: new Uint8Array([9]) }).inputs.name).not.toBe(
      name,
    );
  });

  it("stays what it was, also when it was given by hand before", () => {
    expect(check({ image: "a" }, { name: "web-0000000" }).inputs.name).toBe("web-0000000");
    expect(check({ image: "a" }, { name: "by-hand" }).inputs.name).toBe("by-hand");
  });

  it("follows the project's autonaming", () => {
    const proposed = { name: "dev-web", mode: "enforce" as const };
    expect(check({ image: "a" }, undefined, { ...naming, proposed }).inputs.name).toBe("dev-web");
    const disabled = { name: "", mode: "disable" as const };
    expect(check({ image: "a" }, undefined, { ...naming, proposed: disabled }).inputs.name).toBeUndefined();
  });
});

describe("failures", () => {
  it("tells of all of them at once, with the place", () => {
    const reasons = check({ nosuch: 1, restart: "sometimes", ports: [{ external: 80 }] }).failures.map(
      (f) => f.reason,
    );
    expect(reasons).toEqual([
      `Unsupported argument. An argument named "nosuch" is not expected here.. Examine values at 'web.nosuch'.`,
      `"sometimes" doesn't match pattern: ^(no|on-failure|always|unless-stopped)$. Examine values at 'web.restart'.`,
      `Missing required argument. The argument "internal" is required, but no definition was found.. Examine values at 'web.ports[0].internal'.`,
      `Missing required argument. The argument "image" is required, but no definition was found.. Examine values at 'web.image'.`,
    ]);
  });

  it("takes a number written as text, and refuses what is none", () => {
    expect(check({ image: "a", memory: "64", init: "true", user: 1000 }).inputs).toMatchObject({
      memory: 64,
      init: true,
      user: "1000",
    });
    expect(check({ image: "a", memory: "much" }).failures).toHaveLength(1);
    expect(check({ image: "a", envs: "A=1" }).failures).toHaveLength(1);
  });
});
