import { describe, expect, it } from "vitest";
import { checkInputs } from "../../../sandbox/plugins/bridge/check.ts";
import { diff, nameForcesDeleteFirst } from "../../../sandbox/plugins/bridge/diff.ts";
import { complete } from "../../../sandbox/plugins/bridge/outputs.ts";
import type { Props, Value } from "../../../sandbox/plugins/bridge/schema.ts";
import { UNKNOWN, withoutNotes } from "../../../sandbox/plugins/bridge/values.ts";
import { container } from "../../../sandbox/plugins/docker/container/container.ts";
import { network } from "../../../sandbox/plugins/docker/network.ts";
import { remoteImage } from "../../../sandbox/plugins/docker/remote-image.ts";
import { volume } from "../../../sandbox/plugins/docker/volume.ts";

type Shape = Pick<typeof container, "inputs" | "outputs">;

const inputsOf = (shape: Shape, news: Props) =>
  checkInputs(shape.inputs, { name: "web", ...news }, undefined, {
    resource: "web",
    seed: new Uint8Array([1]),
  }).inputs;
const stateOf = (shape: Shape, news: Props) => complete(shape, withoutNotes(inputsOf(shape, news)));
const change = (shape: Shape, before: Props, after: Props, ignored: string[] = []) =>
  diff(shape.inputs, stateOf(shape, before), inputsOf(shape, after), ignored);
const container_ = (before: Props, after: Props, ignored: string[] = []) =>
  change(container, { image: "a", ...before }, { image: "a", ...after }, ignored);

const REPLACES: Record<string, [before: Value, after: Value]> = {
  name: ["one", "two"],
  image: ["one", "two"],
  command: [["a"], ["b"]],
  entrypoints: [["a"], ["b"]],
  envs: [["A=1"], ["A=2"]],
  ports: [[{ internal: 80 }], [{ internal: 81 }]],
  labels: [[{ label: "a", value: "1" }], [{ label: "a", value: "2" }]],
  networksAdvanced: [[{ name: "a" }], [{ name: "a", aliases: ["b"] }]],
  networkMode: ["bridge", "host"],
  uploads: [[{ file: "/a", content: "1" }], [{ file: "/a", content: "2" }]],
  volumes: [[{ volumeName: "a", containerPath: "/a" }], [{ volumeName: "b", containerPath: "/a" }]],
  mounts: [[{ type: "tmpfs", target: "/a" }], []],
  cpus: ["0.5", "1"],
  user: ["a", "b"],
  workingDir: ["/a", "/b"],
  hostname: ["a", "b"],
  dns: [["1.1.1.1"], ["9.9.9.9"]],
  hosts: [[{ host: "a", ip: "10.0.0.1" }], [{ host: "a", ip: "10.0.0.2" }]],
  capabilities: [{ adds: ["CAP_CHOWN"] }, { adds: ["CAP_KILL"] }],
  ulimits: [[{ name: "nofile", soft: 1, hard: 2 }], [{ name: "nofile", soft: 2, hard: 2 }]],
  logOpts: [{ "max-size": "1m" }, { "max-size": "2m" }],
  shmSize: [64, 32],
  stopSignal: ["SIGTERM", "SIGINT"],
  stopTimeout: [1, 2],
  tty: [false, true],
  privileged: [false, true],
  readOnly: [false, true],
};

const UPDATES: Record<string, [before: Value, after: Value]> = {
  healthcheck: [{ tests: ["CMD", "a"] }, { tests: ["CMD", "b"] }],
  restart: ["no", "always"],
  maxRetryCount: [1, 2],
  memory: [64, 128],
  memorySwap: [128, 256],
  cpuShares: [1, 2],
  wait: [false, true],
  waitTimeout: [60, 90],
  mustRun: [false, true],
  start: [false, true],
  rm: [false, true],
  attach: [false, true],
  logs: [false, true],
  destroyGraceSeconds: [1, 2],
  removeVolumes: [true, false],
  init: [false, true],
  tmpfs: [{ "/run": "" }, { "/run": "size=1m" }],
};

describe("a container's changes", () => {
  it.each(Object.entries(REPLACES))("%s replaces", (key, [before, after]) => {
    expect(container_({ [key]: before }, { [key]: after })).toMatchObject({
      changed: [key],
      replaces: [key],
    });
    expect(container_({ [key]: before }, { [key]: before }).changed).toEqual([]);
  });

  it.each(Object.entries(UPDATES))("%s updates", (key, [before, after]) => {
    expect(container_({ [key]: before }, { [key]: after })).toMatchObject({ changed: [key], replaces: [] });
  });

  it.each(["envs", "labels", "command", "healthcheck"])("leaving out %s is none", (key) => {
    const [before] = REPLACES[key] ?? UPDATES[key] ?? [];
    expect(container_({ [key]: before ?? null }, {}).changed).toEqual([]);
  });

  it("leaving out what the engine does not fill in is one", () => {
    expect(container_({ memorySwap: 128 }, {}).detailed).toEqual({
      memorySwap: { kind: "delete", replace: false },
    });
    expect(container_({ dns: ["1.1.1.1"] }, {}).detailed).toEqual({ dns: { kind: "delete", replace: true } });
  });
});

describe("what is the same", () => {
  it("knows no order in sets", () => {
    const labels = [
      { label: "a", value: "1" },
      { label: "b", value: "2" },
    ];
    const uploads = [
      { file: "/a", content: "1" },
      { file: "/b", content: "2" },
    ];
    const before = { envs: ["B=1", "A=2"], labels, uploads };
    const after = { envs: ["A=2", "B=1"], labels: labels.toReversed(), uploads: uploads.toReversed() };
    expect(container_(before, after).changed).toEqual([]);
  });

  it("takes the external port that the engine chose, and the order it lists ports in", () => {
    const wanted = inputsOf(container, {
      image: "a",
      ports: [{ internal: 8080 }, { internal: 80, external: 8000 }],
    });
    const state = stateOf(container, {
      image: "a",
      ports: [
        { internal: 80, external: 8000 },
        { internal: 8080, external: 32768 },
      ],
    });
    expect(diff(container.inputs, state, wanted).changed).toEqual([]);
  });

  it("takes 60s for 1m0s", () => {
    const spelt = (interval: string) => ({ healthcheck: { tests: ["CMD", "a"], interval } });
    expect(container_(spelt("1m0s"), spelt("60s")).changed).toEqual([]);
    expect(container_(spelt("1m0s"), spelt("61s")).changed).toEqual(["healthcheck"]);
  });

  it("takes unset, null and empty for one", () => {
    const state = { ...stateOf(container, { image: "a" }), dns: [], sysctls: {}, user: "", memory: 0 };
    expect(
      diff(container.inputs, state, inputsOf(container, { image: "a", dns: [], sysctls: {} })).changed,
    ).toEqual([]);
  });

  it("leaves out what the program ignores, and no more", () => {
    const port = (external: number) => ({ ports: [{ internal: 80, external }] });
    expect(container_({ memory: 1 }, { memory: 2 }, ["memory"]).changed).toEqual([]);
    expect(container_({ memory: 1 }, { memory: 2 }, ["mem"]).changed).toEqual(["memory"]);
    expect(container_(port(1), port(2), ["ports"]).changed).toEqual([]);
    expect(container_(port(1), port(2), ["ports[*].external"]).changed).toEqual([]);
    expect(container_(port(1), port(2), ["ports[0].ip"]).changed).toEqual(["ports"]);
  });
});

describe("the details", () => {
  it("name the place", () => {
    const paths = (before: Props, after: Props) => Object.keys(container_(before, after).detailed);
    expect(paths({ command: ["a", "b"] }, { command: ["a", "c", "d"] })).toEqual([
      "command[1]",
      "command[2]",
    ]);
    expect(paths({ logOpts: { "max-size": "1m" } }, { logOpts: { "max-file": "3" } })).toEqual([
      'logOpts["max-file"]',
      'logOpts["max-size"]',
    ]);
    expect(paths({ labels: [{ label: "a", value: "1" }] }, { labels: [{ label: "a", value: "2" }] })).toEqual(
      ["labels[0].value"],
    );
  });

  it("count a value that is not known yet as a change", () => {
    expect(container_({}, { image: UNKNOWN }).detailed).toEqual({ image: { kind: "update", replace: true } });
    expect(container_({ envs: ["A=1"] }, { envs: ["A=1", UNKNOWN] }).detailed).toEqual({
      "envs[1]": { kind: "add", replace: true },
    });
  });
});

describe("the other resources", () => {
  it.each(Object.keys(network.inputs).filter((key) => key !== "name"))("network: %s replaces", (key) => {
    expect(network.inputs[key]?.forceNew).toBe(true);
  });
  it.each(Object.keys(volume.inputs))("volume: %s replaces", (key) => {
    expect(volume.inputs[key]?.forceNew).toBe(true);
  });
  it("remote image: the flags update, all else replaces", () => {
    const updates = Object.keys(remoteImage.inputs).filter((key) => !remoteImage.inputs[key]?.forceNew);
    expect(updates).toEqual(["forceRemove", "keepLocally"]);
  });
  it("takes the pool the engine gave a network for no change", () => {
    const state = {
      ...stateOf(network, {}),
      ipamConfigs: [{ subnet: "172.18.0.0/16", gateway: "172.18.0.1" }],
    };
    expect(diff(network.inputs, state, inputsOf(network, {})).changed).toEqual([]);
  });
});

describe("deleting first", () => {
  it("is for names given by hand that stay the same", () => {
    const first = (old: Props, news: Props) => nameForcesDeleteFirst(volume.inputs, old, news);
    expect(first({ name: "a" }, { name: "a", __defaults: [] })).toBe(true);
    expect(first({ name: "a" }, { name: "b", __defaults: [] })).toBe(false);
    expect(first({ name: "a" }, { name: "a", __defaults: ["name"] })).toBe(false);
  });
});
