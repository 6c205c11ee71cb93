import type { ContainerInspectInfo } from "dockerode";
import type { Props, Value } from "../../bridge/schema.ts";
import { isSet, isZero } from "../../bridge/values.ts";
import { durationText } from "../durations.ts";
import { containerInputs } from "./schema.ts";
import {
  devicesState,
  hostsState,
  mountsState,
  networksState,
  portsState,
  ulimitsState,
} from "./state-parts.ts";

/** What the engine answers and dockerode's types do not know. */
interface UntypedConfig {
  StopSignal?: string;
  StopTimeout?: number;
}

/** A container as just made: what the program gave stands, and the engine fills in the rest. */
export function createdState(found: ContainerInspectInfo, inputs: Props): Props {
  const seen = { ...unasked(observed(found)), ...unfilled };
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => isSet(value)));
  return { ...seen, ...given, ...decidedByEngine(found, inputs) };
}

/** A container as a refresh finds it: what can be seen counts, what cannot stays as it was known. */
export function refreshedState(found: ContainerInspectInfo, known: Props): Props {
  return { ...unfilled, ...known, ...observed(found), ...decidedByEngine(found, known) };
}

/** An import knows nothing beforehand; what cannot be seen is taken to be as by default. */
export function importedState(found: ContainerInspectInfo): Props {
  const defaults: Props = {};
  for (const [key, spec] of Object.entries(containerInputs))
    if (spec.default !== undefined) defaults[key] = spec.default;
  return refreshedState(found, defaults);
}

/** On creation the original shows an empty list or map that nobody asked for as null, and only a refresh as empty. */
function unasked(seen: Props): Props {
  return Object.fromEntries(
    Object.entries(seen).map(([key, value]) => {
      const spec = containerInputs[key];
      if (spec === undefined || spec.computed || !isZero(value)) return [key, value];
      const isPlain = spec.type === "map" || (spec.type === "set" && spec.item.type !== "object");
      return [key, isPlain ? null : value];
    }),
  );
}

/** Computed by the schema's word, yet never read back. */
const unfilled: Props = { envs: [], labels: [] };

function decidedByEngine(found: ContainerInspectInfo, wanted: Props): Props {
  const { State: state } = found;
  const settings: { Bridge?: string } & ContainerInspectInfo["NetworkSettings"] = found.NetworkSettings;
  const isStopped = !state.Running && wanted.start !== false;
  return {
    // A container that should run and does not shows as a change of mustRun; the next update starts it.
    mustRun: isStopped ? false : (wanted.mustRun ?? true),
    exitCode: state.Running ? null : state.ExitCode,
    ports: portsState(found),
    networkDatas: networksState(settings?.Networks),
    bridge: settings?.Bridge ?? "",
    containerLogs: wanted.containerLogs ?? null,
  };
}

function observed(found: ContainerInspectInfo): Props {
  const { HostConfig: host } = found;
  const config: UntypedConfig & ContainerInspectInfo["Config"] = found.Config;
  const list = (value: unknown): Value => (Array.isArray(value) ? (value as string[]) : []);
  const map = (value: unknown): Value => (value ?? {}) as Record<string, string>;
  return {
    capabilities: capabilitiesState(host.CapAdd, host.CapDrop),
    cgroupParent: host.CgroupParent ?? "",
    command: list(config.Cmd),
    cpuPeriod: host.CpuPeriod ?? 0,
    cpuQuota: host.CpuQuota ?? 0,
    cpuSet: host.CpusetCpus ?? "",
    cpuShares: host.CpuShares ?? 0,
    devices: devicesState(host.Devices),
    dns: list(host.Dns),
    dnsOpts: list(host.DnsOptions),
    dnsSearches: list(host.DnsSearch),
    domainname: config.Domainname ?? "",
    entrypoints: list(config.Entrypoint),
    groupAdds: list(host.GroupAdd),
    healthcheck: healthcheckState(config.Healthcheck),
    hostname: config.Hostname ?? "",
    hosts: hostsState(host.ExtraHosts),
    // The name or id the container was made with, not what it stands for now.
    image: config.Image,
    init: host.Init ?? false,
    ipcMode: host.IpcMode ?? "",
    logDriver: host.LogConfig?.Type ?? "",
    logOpts: map(host.LogConfig?.Config),
    maxRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    memory: megabytes(host.Memory),
    memoryReservation: megabytes(host.MemoryReservation),
    memorySwap: megabytes(host.MemorySwap),
    mounts: mountsState(host.Mounts),
    name: found.Name.replace(/^\/+/, ""),
    networkMode: host.NetworkMode ?? "",
    pidMode: host.PidMode ?? "",
    privileged: host.Privileged ?? false,
    publishAllPorts: host.PublishAllPorts ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    restart: host.RestartPolicy?.Name || "no",
    rm: host.AutoRemove ?? false,
    runtime: host.Runtime ?? "",
    securityOpts: list(host.SecurityOpt),
    shmSize: megabytes(host.ShmSize),
    stdinOpen: config.OpenStdin ?? false,
    stopSignal: config.StopSignal ?? "",
    stopTimeout: config.StopTimeout ?? null,
    storageOpts: map(host.StorageOpt),
    sysctls: map(host.Sysctls),
    tmpfs: map(host.Tmpfs),
    tty: config.Tty ?? false,
    ulimits: ulimitsState(host.Ulimits),
    user: config.User ?? "",
    usernsMode: host.UsernsMode ?? "",
    workingDir: config.WorkingDir ?? "",
  };
}

function megabytes(bytes: number | undefined): number {
  if (bytes === undefined) return 0;
  return bytes > 0 ? Math.floor(bytes / 1024 / 1024) : bytes;
}

function capabilitiesState(adds: unknown, drops: unknown): Value {
  const added = Array.isArray(adds) ? adds.map(capabilityName) : [];
  const dropped = Array.isArray(drops) ? drops.map(capabilityName) : [];
  return added.length + dropped.length > 0 ? { adds: added, drops: dropped } : null;
}

/** A refresh finds NET_ADMIN as CAP_NET_ADMIN; the program that wrote the short form then replaces. */
function capabilityName(name: unknown): string {
  const upper = String(name).toUpperCase();
  return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

function healthcheckState(check: ContainerInspectInfo["Config"]["Healthcheck"] | undefined): Value {
  if (!check) return null;
  const { Test = [], Interval = 0, Timeout = 0, StartPeriod = 0, Retries = 0 } = check;
  return {
    tests: Test,
    interval: durationText(Interval),
    timeout: durationText(Timeout),
    startPeriod: durationText(StartPeriod),
    startInterval: durationText(("StartInterval" in check && Number(check.StartInterval)) || 0),
    retries: Retries,
  };
}
