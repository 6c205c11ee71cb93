import type { ContainerCreateOptions, HostConfig } from "dockerode";
import type { Props } from "../../bridge/schema.ts";
import { isSet } from "../../bridge/values.ts";
import { nanoseconds } from "../durations.ts";
import { amount, fields, flag, given, labelMap, objects, text, textMap, texts } from "../props.ts";
import { renderDevices, renderMounts, renderPorts, renderVolumes } from "./render-parts.ts";

/** A container's inputs as the body of the engine's create call. */
export function containerBody(inputs: Props): ContainerCreateOptions {
  const command = texts(inputs.command);
  if (command.includes("")) throw new Error("values for command may not be empty");
  const volumes = renderVolumes(objects(inputs.volumes));
  const ports = renderPorts(objects(inputs.ports));

  return {
    ...given({
      Hostname: text(inputs.hostname),
      Domainname: text(inputs.domainname),
      User: text(inputs.user),
      Env: texts(inputs.envs),
      Cmd: command,
      Entrypoint: texts(inputs.entrypoints),
      WorkingDir: text(inputs.workingDir),
      Labels: labelMap(inputs.labels),
      ExposedPorts: ports.exposed,
      Volumes: volumes.mountPoints,
      Healthcheck: isSet(inputs.healthcheck) ? healthcheck(fields(inputs.healthcheck)) : undefined,
      StopSignal: text(inputs.stopSignal),
      StopTimeout: amount(inputs.stopTimeout),
      platform: text(inputs.platform),
    }),
    name: text(inputs.name),
    Image: text(inputs.image),
    Tty: flag(inputs.tty),
    OpenStdin: flag(inputs.stdinOpen),
    HostConfig: {
      ...given({ PortBindings: ports.bindings, Binds: volumes.binds, VolumesFrom: volumes.from }),
      ...hostConfig(inputs),
    },
  };
}

/** What the engine can change on a container that exists. */
export function updateBody(inputs: Props): object {
  return {
    RestartPolicy: restartPolicy(inputs),
    Memory: megabytes(inputs, "memory"),
    CpuShares: amount(inputs.cpuShares),
    CpusetCpus: text(inputs.cpuSet),
    ...given({
      MemorySwap: megabytes(inputs, "memorySwap"),
      MemoryReservation: megabytes(inputs, "memoryReservation"),
      CpuPeriod: amount(inputs.cpuPeriod),
      CpuQuota: amount(inputs.cpuQuota),
    }),
  };
}

export const UPDATED_BY_ENGINE = [
  "restart",
  "maxRetryCount",
  "cpuShares",
  "cpuSet",
  "cpuPeriod",
  "cpuQuota",
  "memory",
  "memorySwap",
  "memoryReservation",
];

function hostConfig(inputs: Props): HostConfig {
  const capabilities = fields(inputs.capabilities);
  const devices = renderDevices(inputs);
  return {
    ...given({
      Mounts: renderMounts(objects(inputs.mounts)),
      Tmpfs: textMap(inputs.tmpfs),
      ExtraHosts: objects(inputs.hosts).map(({ host, ip }) => `${text(host)}:${text(ip)}`),
      Ulimits: objects(inputs.ulimits).map(({ name, soft, hard }) => ({
        Name: text(name),
        Soft: amount(soft),
        Hard: amount(hard),
      })),
      CapAdd: texts(capabilities.adds),
      CapDrop: texts(capabilities.drops),
      Dns: texts(inputs.dns),
      DnsOptions: texts(inputs.dnsOpts),
      DnsSearch: texts(inputs.dnsSearches),
      SecurityOpt: texts(inputs.securityOpts),
      Memory: megabytes(inputs, "memory"),
      MemorySwap: megabytes(inputs, "memorySwap"),
      MemoryReservation: megabytes(inputs, "memoryReservation"),
      ShmSize: megabytes(inputs, "shmSize"),
      NanoCpus: Math.round(Number(text(inputs.cpus)) * 1e9),
      CpuShares: amount(inputs.cpuShares),
      CpusetCpus: text(inputs.cpuSet),
      NetworkMode: text(inputs.networkMode),
      UsernsMode: text(inputs.usernsMode),
      PidMode: text(inputs.pidMode),
      IpcMode: text(inputs.ipcMode),
      CgroupnsMode: text(inputs.cgroupnsMode) as "host" | "private" | "",
      CgroupParent: text(inputs.cgroupParent),
      Sysctls: textMap(inputs.sysctls),
      StorageOpt: textMap(inputs.storageOpts),
      GroupAdd: texts(inputs.groupAdds),
      Runtime: text(inputs.runtime),
      ...devices,
    }),
    // The engine refuses cpus together with the pair it stands for.
    ...(text(inputs.cpus) === ""
      ? given({ CpuPeriod: amount(inputs.cpuPeriod), CpuQuota: amount(inputs.cpuQuota) })
      : {}),
    ...(isSet(inputs.init) ? { Init: flag(inputs.init) } : {}),
    Privileged: flag(inputs.privileged),
    PublishAllPorts: flag(inputs.publishAllPorts),
    ReadonlyRootfs: flag(inputs.readOnly),
    AutoRemove: flag(inputs.rm),
    RestartPolicy: restartPolicy(inputs),
    LogConfig: { Type: text(inputs.logDriver), Config: textMap(inputs.logOpts) },
  };
}

function restartPolicy(inputs: Props) {
  return { Name: text(inputs.restart), MaximumRetryCount: amount(inputs.maxRetryCount) };
}

/** -1 means no limit and stays. */
function megabytes(inputs: Props, key: string): number {
  const size = amount(inputs[key]);
  return size > 0 ? size * 1024 * 1024 : size;
}

function healthcheck(check: Props) {
  return {
    Test: texts(check.tests),
    Interval: nanoseconds(text(check.interval)),
    Timeout: nanoseconds(text(check.timeout)),
    StartPeriod: nanoseconds(text(check.startPeriod)),
    Retries: amount(check.retries),
    // Engines before 25 do not know it and refuse nothing: an unset one is left out all the same.
    ...given({ StartInterval: nanoseconds(text(check.startInterval)) }),
  };
}
