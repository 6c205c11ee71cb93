import { readFileSync } from "node:fs";
import type { ContainerInspectInfo } from "dockerode";
import { describe, expect, it } from "vitest";
import { checkInputs } from "../../../sandbox/plugins/bridge/check.ts";
import { diff } from "../../../sandbox/plugins/bridge/diff.ts";
import { complete } from "../../../sandbox/plugins/bridge/outputs.ts";
import type { Props, Value } from "../../../sandbox/plugins/bridge/schema.ts";
import { withoutNotes } from "../../../sandbox/plugins/bridge/values.ts";
import { container } from "../../../sandbox/plugins/docker/container/container.ts";
import { containerBody, updateBody } from "../../../sandbox/plugins/docker/container/render.ts";
import { renderEndpoint } from "../../../sandbox/plugins/docker/container/render-parts.ts";
import {
  createdState,
  importedState,
  refreshedState,
} from "../../../sandbox/plugins/docker/container/state.ts";

const MB = 1024 * 1024;

/** What a serious deployment sets, and how Docker 20.10 answered for it. */
const program: Props = {
  name: "plugb-web",
  image: "sha256:1f59f2984d6adf751a1fdb5a4d923793388d099ff1913d95e13ffd905c1f9c82",
  command: ["sleep", "infinity"],
  envs: ["Z=1", "PASSWORD=secret", "NET=plugb-net"],
  labels: [
    { label: "app", value: "x" },
    { label: "aa", value: "y" },
  ],
  ports: [
    { internal: 8080, ip: "127.0.0.1" },
    { internal: 81, external: 18981, ip: "127.0.0.1" },
  ],
  networksAdvanced: [{ name: "plugb-net", aliases: ["web"] }],
  uploads: [{ file: "/etc/plugb/conf.txt", content: "hello\n", permissions: "0600" }],
  volumes: [{ volumeName: "plugb-data", containerPath: "/data" }],
  mounts: [{ type: "tmpfs", target: "/scratch", tmpfsOptions: { sizeBytes: MB, mode: 0o1777 } }],
  memory: 96,
  memorySwap: 128,
  cpus: "0.5",
  cpuShares: 512,
  user: "root",
  workingDir: "/tmp",
  hostname: "web",
  hosts: [{ host: "db", ip: "10.0.0.1" }],
  dns: ["1.1.1.1"],
  capabilities: { drops: ["ALL"], adds: ["CAP_NET_BIND_SERVICE"] },
  securityOpts: ["no-new-privileges"],
  ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
  logDriver: "json-file",
  logOpts: { "max-size": "10m" },
  shmSize: 32,
  stopSignal: "SIGTERM",
  stopTimeout: 5,
  init: true,
  restart: "unless-stopped",
  healthcheck: { tests: ["CMD", "true"], interval: "1s", retries: 3, timeout: "60s" },
  tmpfs: { "/run": "size=1m" },
  sysctls: { "net.core.somaxconn": "256" },
};

const checked = (news: Props) =>
  checkInputs(container.inputs, news, undefined, { resource: "web", seed: new Uint8Array([1]) }).inputs;
const bodyOf = (news: Props) => containerBody(withoutNotes(checked({ image: "a", name: "n", ...news })));
const hostOf = (news: Props) => bodyOf(news).HostConfig ?? {};
const changes = (state: Props, news = program) =>
  diff(container.inputs, complete(container, state), checked(news));

function inspected(): ContainerInspectInfo {
  return JSON.parse(readFileSync(new URL("fixtures/inspect.json", import.meta.url), "utf8"));
}

describe("the engine's create call", () => {
  it("carries what the program set", () => {
    expect(bodyOf(program)).toMatchObject({
      name: "plugb-web",
      Cmd: ["sleep", "infinity"],
      Env: ["Z=1", "PASSWORD=secret", "NET=plugb-net"],
      Labels: { app: "x", aa: "y" },
      User: "root",
      WorkingDir: "/tmp",
      Hostname: "web",
      StopSignal: "SIGTERM",
      StopTimeout: 5,
      Healthcheck: { Test: ["CMD", "true"], Interval: 1e9, Timeout: 60e9, Retries: 3, StartPeriod: 0 },
      ExposedPorts: { "8080/tcp": {}, "81/tcp": {} },
      Volumes: { "/data": {} },
      HostConfig: {
        PortBindings: {
          "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }],
          "81/tcp": [{ HostIp: "127.0.0.1", HostPort: "18981" }],
        },
        Binds: ["plugb-data:/data:rw"],
        Mounts: [{ Type: "tmpfs", Target: "/scratch", TmpfsOptions: { SizeBytes: MB, Mode: 0o1777 } }],
        Memory: 96 * MB,
        MemorySwap: 128 * MB,
        NanoCpus: 5e8,
        CpuShares: 512,
        ExtraHosts: ["db:10.0.0.1"],
        Dns: ["1.1.1.1"],
        CapAdd: ["CAP_NET_BIND_SERVICE"],
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 2048 }],
        LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
        ShmSize: 32 * MB,
        Init: true,
        RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
        Tmpfs: { "/run": "size=1m" },
        Sysctls: { "net.core.somaxconn": "256" },
        NetworkMode: "bridge",
      },
    });
  });

  it("leaves out what the program leaves to image and engine", () => {
    const body = bodyOf({});
    for (const key of ["Cmd", "Entrypoint", "Env", "Healthcheck", "StopTimeout", "Hostname", "User"])
      expect(body).not.toHaveProperty(key);
    for (const key of ["Init", "Memory", "MemorySwap", "NanoCpus", "PortBindings", "Mounts"])
      expect(body.HostConfig).not.toHaveProperty(key);
  });

  it("knows the rarer properties", () => {
    expect(
      hostOf({ memorySwap: -1, memoryReservation: 32, groupAdds: ["4"], pidMode: "host" }),
    ).toMatchObject({
      MemorySwap: -1,
      MemoryReservation: 32 * MB,
      GroupAdd: ["4"],
      PidMode: "host",
    });
    expect(hostOf({ cpus: "1.5", cpuQuota: 5000 })).not.toHaveProperty("CpuQuota");
    expect(hostOf({ cpuQuota: 5000 })).toMatchObject({ CpuQuota: 5000 });
    expect(hostOf({ gpus: "device=0,2" }).DeviceRequests).toEqual([
      { DeviceIDs: ["0", "2"], Capabilities: [["gpu"]] },
    ]);
    expect(hostOf({ devices: [{ hostPath: "/dev/fuse" }] }).Devices).toEqual([
      { PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm" },
    ]);
    expect(hostOf({ volumes: [{ hostPath: "/a", containerPath: "/b", readOnly: true }] }).Binds).toEqual([
      "/a:/b:ro",
    ]);
    expect(renderEndpoint({ name: "n", aliases: ["a"], ipv4Address: "10.0.0.9" })).toEqual({
      Aliases: ["a"],
      IPAMConfig: { IPv4Address: "10.0.0.9" },
    });
  });

  it("refuses what the original refuses", () => {
    expect(() => bodyOf({ command: ["a", ""] })).toThrow("values for command may not be empty");
    expect(() => bodyOf({ volumes: [{ volumeName: "a" }] })).toThrow("volume entry without container path");
  });
});

describe("the engine's update call", () => {
  it("sends the swap limit only when there is one", () => {
    expect(updateBody({ memory: 64, restart: "always" })).toEqual({
      Memory: 64 * MB,
      CpuShares: 0,
      CpusetCpus: "",
      RestartPolicy: { Name: "always", MaximumRetryCount: 0 },
    });
    expect(updateBody({ memory: 64, memorySwap: 128 })).toMatchObject({ MemorySwap: 128 * MB });
  });
});

describe("the state", () => {
  const inputs = withoutNotes(checked(program));

  it("as created shows no difference to the program", () => {
    expect(changes(createdState(inspected(), inputs)).changed).toEqual([]);
  });

  it("as refreshed shows none either", () => {
    expect(changes(refreshedState(inspected(), createdState(inspected(), inputs))).changed).toEqual([]);
  });

  it("carries every property and what the engine decided", () => {
    const state = complete(container, createdState(inspected(), inputs));
    expect(state).toMatchObject({
      bridge: "",
      exitCode: null,
      runtime: "runc",
      ipcMode: "private",
      envs: ["NET=plugb-net", "PASSWORD=secret", "Z=1"],
      devices: [],
      platform: null,
      __meta: '{"schema_version":"2"}',
    });
    expect((state.ports as Props[]).map(({ internal, ip }) => [internal, ip])).toEqual([
      [81, "127.0.0.1"],
      [8080, "127.0.0.1"],
    ]);
    const missing = Object.keys({ ...container.inputs, ...container.outputs }).filter(
      (key) => state[key] === undefined,
    );
    expect(missing).toEqual([]);
  });

  it("leaves unset lists null on creation and empty after a refresh", () => {
    const { dns, sysctls, ...rest } = inputs;
    expect([dns, sysctls]).not.toContain(undefined);
    const found = inspected();
    Object.assign(found.HostConfig, { Dns: [], Sysctls: null });
    const created = complete(container, createdState(found, rest));
    expect([created.dns, created.groupAdds, created.sysctls, created.storageOpts]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    const refreshed = refreshedState(found, created);
    expect([refreshed.dns, refreshed.groupAdds, refreshed.sysctls, refreshed.storageOpts]).toEqual([
      [],
      [],
      {},
      {},
    ]);
  });

  it("of a stopped container asks for a start, and keeps its ports", () => {
    const found = inspected();
    Object.assign(found.State, { Running: false, ExitCode: 143 });
    found.NetworkSettings.Ports = {};
    const state = refreshedState(found, createdState(inspected(), inputs));
    expect(state).toMatchObject({ mustRun: false, exitCode: 143 });
    expect(changes(state)).toMatchObject({ changed: ["mustRun"], replaces: [] });
  });

  it("of a container without swap limit shows the engine's", () => {
    const { memorySwap, ...rest } = program;
    const state = createdState(inspected(), withoutNotes(checked(rest)));
    expect(state.memorySwap).toBe(memorySwap);
    expect(changes(state, rest).detailed).toEqual({ memorySwap: { kind: "delete", replace: false } });
  });

  it("keeps a short capability name until a refresh finds the long one", () => {
    const short: Props = { ...program, capabilities: { adds: ["NET_BIND_SERVICE"], drops: ["ALL"] } };
    const created = createdState(inspected(), withoutNotes(checked(short)));
    expect(changes(created, short).changed).toEqual([]);
    expect(changes(refreshedState(inspected(), created), short).replaces).toEqual(["capabilities"]);
  });

  it("of an import is what can be seen, and defaults", () => {
    const state: Record<string, Value> = importedState(inspected());
    expect(state).toMatchObject({
      name: "plugb-web",
      memory: 96,
      mustRun: true,
      removeVolumes: true,
      wait: false,
    });
    expect(state).not.toHaveProperty("uploads");
  });
});
