import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  importedInputs,
  plannedCreate,
  plannedUpdate,
  refreshedInputs,
} from "../../../sandbox/plugins/bridge/outputs.ts";
import { UNKNOWN } from "../../../sandbox/plugins/bridge/values.ts";
import { container } from "../../../sandbox/plugins/docker/container/container.ts";
import { docker } from "../../../sandbox/plugins/docker/provider.ts";

const sdk = new URL("../../../node_modules/@pulumi/docker/", import.meta.url);

/** The SDK's own words: state for all properties, args for those a program may set. */
function sdkProperties(file: string) {
  const source = readFileSync(new URL(`${file}.js`, sdk), "utf8");
  const names = (of: string) =>
    [...source.matchAll(new RegExp(`resourceInputs\\["(\\w+)"\\] = ${of}\\?\\.`, "g"))].map(
      ([, name]) => name ?? "",
    );
  return { all: names("state").sort(), inputs: names("args").sort() };
}

describe("the unchanged SDK", () => {
  it.each(["container", "network", "volume", "remoteImage"])("%s has these properties", (file) => {
    const capital = file.charAt(0).toUpperCase() + file.slice(1);
    const resource = docker.resources[`docker:index/${file}:${capital}`];
    const { all, inputs } = sdkProperties(file);
    expect(Object.keys(resource?.inputs ?? {}).sort()).toEqual(inputs);
    expect(Object.keys({ ...resource?.inputs, ...resource?.outputs }).sort()).toEqual(all);
  });

  it("decides the version", () => {
    const { version } = JSON.parse(readFileSync(new URL("package.json", sdk), "utf8"));
    expect(docker.version).toBe(version);
  });
});

describe("a preview", () => {
  const inputs = {
    name: "web-1234567",
    image: UNKNOWN,
    mustRun: true,
    ports: [{ internal: 80, ip: "0.0.0.0" }],
  };

  it("of a creation knows inputs and defaults, and nothing that the engine fills in", () => {
    const planned = plannedCreate(container, { ...inputs, __defaults: ["mustRun"] });
    expect(planned).toMatchObject({
      name: "web-1234567",
      image: UNKNOWN,
      mustRun: true,
      cpus: null,
      mounts: [],
    });
    const unknown = Object.keys(planned).filter((key) => planned[key] === UNKNOWN);
    expect(unknown.sort()).toEqual(
      `bridge command containerLogs entrypoints envs exitCode healthcheck hostname image init ipcMode labels
       logDriver networkDatas platform runtime securityOpts shmSize stopSignal stopTimeout`.split(/\s+/),
    );
    expect(planned.ports).toEqual([{ internal: 80, ip: "0.0.0.0", protocol: null, external: UNKNOWN }]);
    expect(planned).not.toHaveProperty("__defaults");
  });

  it("of an update keeps what the engine filled in", () => {
    const state = {
      name: "web",
      image: "a",
      memory: 64,
      hostname: "0123456789ab",
      envs: ["A=1"],
      dns: ["1.1.1.1"],
    };
    const planned = plannedUpdate(container, state, { name: "web", image: "a", memory: 96 });
    expect(planned).toMatchObject({ memory: 96, hostname: "0123456789ab", envs: ["A=1"], dns: null });
  });

  it("shows environment variables sorted by value", () => {
    expect(plannedCreate(container, { envs: ["B=1", "A=2", "a=0"] }).envs).toEqual(["A=2", "B=1", "a=0"]);
  });
});

describe("a refresh", () => {
  it("changes the inputs only where the object differs", () => {
    const inputs = {
      mustRun: true,
      ports: [{ internal: 80 }],
      healthcheck: { tests: ["a"], interval: "60s" },
    };
    const state = {
      mustRun: false,
      ports: [{ internal: 80, external: 32768 }],
      healthcheck: { tests: ["a"], interval: "1m0s" },
    };
    expect(refreshedInputs(container.inputs, inputs, state)).toEqual({ ...inputs, mustRun: false });
  });
});

describe("an import", () => {
  it("takes what is not as it would be anyway", () => {
    const state = {
      name: "web",
      image: "a",
      mustRun: true,
      memory: 0,
      dns: [],
      restart: "always",
      bridge: "",
    };
    expect(importedInputs(container.inputs, state)).toEqual({
      __defaults: [],
      name: "web",
      image: "a",
      restart: "always",
    });
  });
});
