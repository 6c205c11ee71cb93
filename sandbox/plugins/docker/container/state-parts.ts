import type { ContainerInspectInfo, HostConfig } from "dockerode";
import type { Props, Value } from "../../bridge/schema.ts";
import { labelList } from "../props.ts";

/** The parts of the engine's answer that have another shape in the state. */

type Bindings = Record<string, { HostIp?: string; HostPort?: string }[] | null> | null | undefined;

/** A stopped container publishes nothing; what it will publish again is in its configuration. */
export function portsState(found: ContainerInspectInfo): Value {
  const published: Bindings = found.NetworkSettings?.Ports;
  const live = listPorts(published);
  return live.length > 0 ? live : listPorts(found.HostConfig.PortBindings);
}

function listPorts(bindings: Bindings): Props[] {
  return Object.entries(bindings ?? {})
    .flatMap(([port, published]) => {
      const [internal = "", protocol = "tcp"] = port.split("/");
      return (published ?? []).map(({ HostIp, HostPort }) => ({
        internal: Number(internal),
        external: Number(HostPort ?? 0),
        ip: HostIp || "0.0.0.0",
        protocol,
      }));
    })
    .sort((a, b) => a.internal - b.internal);
}

export function networksState(
  networks: ContainerInspectInfo["NetworkSettings"]["Networks"] | undefined,
): Value {
  return Object.entries(networks ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, network]) => ({
      networkName: name,
      ipAddress: network.IPAddress,
      ipPrefixLength: network.IPPrefixLen,
      gateway: network.Gateway,
      globalIpv6Address: network.GlobalIPv6Address,
      globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
      ipv6Gateway: network.IPv6Gateway,
      macAddress: network.MacAddress,
    }));
}

export function hostsState(hosts: unknown): Value {
  const lines = Array.isArray(hosts) ? (hosts as string[]) : [];
  return lines.map((line) => {
    const colon = line.indexOf(":");
    return { host: line.slice(0, colon), ip: line.slice(colon + 1) };
  });
}

export function ulimitsState(ulimits: HostConfig["Ulimits"]): Value {
  return (ulimits ?? []).map((limit: { Name?: string; Soft?: number; Hard?: number }) => ({
    name: limit.Name ?? "",
    soft: limit.Soft ?? 0,
    hard: limit.Hard ?? 0,
  }));
}

export function devicesState(devices: HostConfig["Devices"]): Value {
  return ((devices ?? []) as Record<string, string>[]).map((device) => ({
    hostPath: device.PathOnHost ?? "",
    containerPath: device.PathInContainer ?? "",
    permissions: device.CgroupPermissions ?? "",
  }));
}

export function mountsState(mounts: HostConfig["Mounts"]): Value {
  return (mounts ?? []).map((mount) => {
    const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = mount;
    return {
      type: mount.Type,
      target: mount.Target,
      source: mount.Source ?? "",
      readOnly: mount.ReadOnly ?? false,
      bindOptions: bind ? { propagation: bind.Propagation } : null,
      tmpfsOptions: tmpfs ? { sizeBytes: tmpfs.SizeBytes ?? 0, mode: tmpfs.Mode ?? 0 } : null,
      volumeOptions: volume
        ? {
            noCopy: volume.NoCopy ?? false,
            labels: labelList(volume.Labels),
            driverName: volume.DriverConfig?.Name ?? "",
            driverOptions: volume.DriverConfig?.Options ?? {},
          }
        : null,
    };
  });
}
