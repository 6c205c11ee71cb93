import type { HostConfig, MountSettings } from "dockerode";
import type { Props } from "../../bridge/schema.ts";
import { isSet } from "../../bridge/values.ts";
import { amount, fields, flag, given, labelMap, objects, text, textMap, texts } from "../props.ts";

export function renderPorts(ports: Props[]) {
  const exposed: Record<string, Record<string, never>> = {};
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const key = `${amount(port.internal)}/${text(port.protocol) || "tcp"}`;
    exposed[key] = {};
    bindings[key] ??= [];
    bindings[key].push({ HostIp: text(port.ip), HostPort: String(amount(port.external)) });
  }
  return { exposed, bindings };
}

export function renderVolumes(volumes: Props[]) {
  const mountPoints: Record<string, Record<string, never>> = {};
  const binds: string[] = [];
  const from: string[] = [];
  for (const volume of volumes) {
    const container = text(volume.fromContainer);
    const path = text(volume.containerPath);
    const source = text(volume.volumeName) || text(volume.hostPath);
    if (container === "" && path === "")
      throw new Error("Unable to parse volumes: volume entry without container path or source container");
    if (container !== "" && path !== "")
      throw new Error("Unable to parse volumes: both a container and a path specified in a volume entry");

    if (container !== "") from.push(container);
    else mountPoints[path] = {};
    if (container === "" && source !== "") binds.push(`${source}:${path}:${volumeMode(volume)}`);
  }
  return { mountPoints, binds, from };
}

function volumeMode(volume: Props): string {
  const relabel = text(volume.selinuxRelabel);
  return (flag(volume.readOnly) ? "ro" : "rw") + (relabel === "" ? "" : `,${relabel}`);
}

export function renderMounts(mounts: Props[]): MountSettings[] {
  return mounts.map((mount) => {
    const bind = fields(mount.bindOptions);
    const volume = fields(mount.volumeOptions);
    const tmpfs = fields(mount.tmpfsOptions);
    return {
      Type: text(mount.type),
      Target: text(mount.target),
      Source: text(mount.source),
      ReadOnly: flag(mount.readOnly),
      ...(isSet(mount.bindOptions) ? { BindOptions: { Propagation: text(bind.propagation) } } : {}),
      ...(isSet(mount.volumeOptions) ? { VolumeOptions: volumeOptions(volume) } : {}),
      ...(isSet(mount.tmpfsOptions)
        ? { TmpfsOptions: { SizeBytes: amount(tmpfs.sizeBytes), Mode: amount(tmpfs.mode) } }
        : {}),
    } as MountSettings;
  });
}

function volumeOptions(options: Props) {
  return {
    NoCopy: flag(options.noCopy),
    Labels: labelMap(options.labels),
    DriverConfig: { Name: text(options.driverName), Options: textMap(options.driverOptions) },
    Subpath: text(options.subpath),
  };
}

export function renderDevices(inputs: Props): Partial<HostConfig> {
  const throttle = (key: string) =>
    objects(inputs[key]).map(({ path, rate }) => ({ Path: text(path), Rate: amount(rate) }));
  return {
    Devices: objects(inputs.devices).map((device) => ({
      PathOnHost: text(device.hostPath),
      PathInContainer: text(device.containerPath) || text(device.hostPath),
      CgroupPermissions: text(device.permissions) || "rwm",
    })),
    DeviceCgroupRules: texts(inputs.deviceCgroupRules),
    DeviceRequests: [...objects(inputs.deviceRequests).map(deviceRequest), ...gpuRequests(text(inputs.gpus))],
    BlkioDeviceReadBps: throttle("deviceReadBps"),
    BlkioDeviceReadIOps: throttle("deviceReadIops"),
    BlkioDeviceWriteBps: throttle("deviceWriteBps"),
    BlkioDeviceWriteIOps: throttle("deviceWriteIops"),
  };
}

function deviceRequest(request: Props) {
  const capabilities = texts(request.capabilities);
  return given({
    Driver: text(request.driver),
    Count: amount(request.count),
    DeviceIDs: texts(request.deviceIds),
    Capabilities: capabilities.length > 0 ? [capabilities] : [],
    Options: textMap(request.options),
  });
}

function gpuRequests(gpus: string) {
  if (gpus === "") return [];
  const devices = gpus.startsWith("device=") ? gpus.slice("device=".length).split(",") : [];
  return [{ ...(devices.length > 0 ? { DeviceIDs: devices } : { Count: -1 }), Capabilities: [["gpu"]] }];
}

/** How a container joins one of its networks. */
export function renderEndpoint(network: Props) {
  return given({
    Aliases: texts(network.aliases),
    MacAddress: text(network.macAddress),
    GwPriority: amount(network.gwPriority),
    DriverOpts: Object.fromEntries(
      texts(network.driverOpts).map((option) => {
        const [key = "", ...rest] = option.split("=");
        return [key, rest.join("=")];
      }),
    ),
    IPAMConfig: given({
      IPv4Address: text(network.ipv4Address),
      IPv6Address: text(network.ipv6Address),
      LinkLocalIPs: texts(network.linkLocalIps),
    }),
  });
}
