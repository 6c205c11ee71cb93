// A droplet as a container of this machine's engine: systemd as its first process, and power that can be cut.
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { docker } from "../../../components/hosts/docker-cli.ts";
import type { DropletSpec } from "../machines.ts";
import { makeCgroup, removeCgroup } from "./cgroup.ts";
import { until } from "./until.ts";

/** Where a droplet's parts are found. */
export interface Place {
  network: string;
  /** Where control groups are made. */
  cgroups: string;
}

export interface Host extends Place {
  image: string;
  /** Where the firmware of the droplets lies, by their ids. */
  firmware: string;
}

export interface Running {
  /** Of init, as this machine counts. */
  pid: number;
  address: string;
}

/** What systemd, a firewall and containers inside need: --privileged wants all, and a sandbox may lack one itself. */
const capabilities =
  "SYS_ADMIN NET_ADMIN SYS_PTRACE SYS_CHROOT MKNOD SYS_NICE SYS_MODULE DAC_READ_SEARCH LINUX_IMMUTABLE IPC_LOCK SYSLOG AUDIT_CONTROL SYS_BOOT SYS_TIME SYS_RAWIO".split(
    " ",
  );
/** That one; without it ext4 does not grow while it is mounted, and limits cannot be raised. */
const resourceCapability = { name: "SYS_RESOURCE", bit: 24n };
const label = "org.atlas-cmms.sandbox.droplet-of";

const bootSeconds = 60;
/** As long as a provider waits before it gives up on a machine's own way down. */
const shutdownSeconds = 90;

/** How init ends: by the kernel's signal for a power-off or a reboot inside a process namespace. */
export const exitCodes = { poweredOff: 130, reboots: 129 };
/** systemd's own signals, as the power button and Ctrl-Alt-Del. */
const buttons = { poweroff: "RTMIN+4", reboot: "RTMIN+5" };

export const nameOf = ({ network }: Place, id: number): string => `${network}-droplet-${id}`;
export const idOf = (name: string): number => Number(name.split("-").at(-1));
const cgroupOf = (place: Place, id: number): string => path.join(place.cgroups, nameOf(place, id));
export const firmwareOf = (host: Host, id: number): string => path.join(host.firmware, String(id));

/** Does not start it. */
export async function createContainer(host: Host, spec: DropletSpec): Promise<void> {
  const name = nameOf(host, spec.id);
  await docker([
    "create",
    "--tty",
    ...["--name", name, "--network", host.network, "--label", `${label}=${host.network}`],
    ...sizeOptions(spec),
    ...["--volume", `${name}:/var/lib/docker`],
    ...["--volume", `${firmwareOf(host, spec.id)}:/firmware`],
    ...["--volume", `${cgroupOf(host, spec.id)}:/firmware/cgroup`],
    ...["--tmpfs", "/run:exec,mode=755", "--tmpfs", "/tmp:exec,mode=1777"],
    ...["seccomp", "apparmor", "systempaths"].flatMap((kind) => ["--security-opt", `${kind}=unconfined`]),
    ...availableCapabilities().flatMap((capability) => ["--cap-add", capability]),
    ...["--device-cgroup-rule", "a *:* rwm"],
    ...["--env", "container=docker"],
    ...["--log-opt", "max-size=10m"],
    ...["--entrypoint", "/bin/sh", host.image, "/firmware/start"],
  ]);
}

function availableCapabilities(): string[] {
  const { name, bit } = resourceCapability;
  const mine = /^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${mine}`) >> bit) & 1n ? [...capabilities, name] : capabilities;
}

/** This machine may have fewer processors than the droplet is sold with. */
const sizeOptions = ({ memoryMiB, vcpus }: { memoryMiB: number; vcpus: number }): string[] => [
  ...["--memory", `${memoryMiB}m`, "--memory-swap", "-1"],
  ...["--cpus", String(Math.min(vcpus, availableParallelism()))],
];

export async function resizeContainer(
  host: Host,
  id: number,
  size: { memoryMiB: number; vcpus: number },
): Promise<void> {
  await docker(["update", ...sizeOptions(size), nameOf(host, id)]);
}

/** Names of all containers that belong to droplets of this network. */
export async function containersOf({ network }: Pick<Place, "network">): Promise<string[]> {
  const list = ["ps", "--all", "--filter", `label=${label}=${network}`, "--format", "{{.Names}}"];
  return (await docker(list)).split("\n").filter(Boolean);
}

/** Undefined while it is off; the exit code says how it went off. */
export async function look(host: Host, id: number): Promise<{ running?: Running; exitCode: number }> {
  const [state] = JSON.parse(await docker(["container", "inspect", nameOf(host, id)]));
  const { Running: on, Pid: pid, ExitCode: exitCode } = state.State;
  if (!on) return { exitCode };
  return { running: { pid, address: state.NetworkSettings.Networks[host.network].IPAddress }, exitCode };
}

/**
 * Switches it on and waits until its init runs.
 * @throws Error with the end of its console
 */
export async function boot(host: Host, id: number): Promise<Running> {
  await makeCgroup(cgroupOf(host, id));
  await docker(["start", nameOf(host, id)], { timeoutMs: 120_000 });
  let running: Running | undefined;
  const booted = await until(async () => {
    running = (await look(host, id)).running;
    return !running || existsSync(`/proc/${running.pid}/root/run/systemd/private`);
  }, bootSeconds);
  if (!booted || !running)
    throw new Error(
      `Droplet ${id} ${running ? `did not boot within ${bootSeconds} s` : "went off while it booted"}. The end of its console:\n${await consoleOf(host, id)}`,
    );
  return running;
}

const consoleOf = (host: Host, id: number): Promise<string> =>
  docker(["logs", "--tail", "30", nameOf(host, id)], { bothOutputs: true });

/** Nothing is unmounted or written any more. */
export async function cutPower(host: Host, id: number): Promise<void> {
  const { running } = await look(host, id);
  if (!running) return;
  await docker(["kill", nameOf(host, id)]).catch(async (error: unknown) => {
    // It may have gone off by itself in between.
    if ((await look(host, id)).running) throw error;
  });
  await awaitOff(host, id, 30);
}

/**
 * Asks the droplet to go down in order.
 * @throws Error when it does not in time; it runs on then
 */
export async function press(host: Host, id: number, button: keyof typeof buttons): Promise<void> {
  const { running } = await look(host, id);
  if (!running) return;
  await docker(["kill", "--signal", buttons[button], nameOf(host, id)]);
  await awaitOff(host, id, shutdownSeconds);
}

async function awaitOff(host: Host, id: number, seconds: number): Promise<void> {
  const off = await until(async () => !(await look(host, id)).running, seconds);
  if (!off)
    throw new Error(
      `Droplet ${id} still runs ${seconds} s after it was told to go down. The end of its console:\n${await consoleOf(host, id)}`,
    );
}

/** Runs a shell script, given as text, in a droplet that runs; returns what it says. */
export const runInside = (host: Host, id: number, script: string, args: string[]): Promise<string> =>
  docker(["exec", "--interactive", nameOf(host, id), "/bin/sh", "-s", "--", ...args], {
    input: script,
    bothOutputs: true,
    timeoutMs: 120_000,
  });

/** With its disk. */
export async function removeContainer(place: Place, id: number): Promise<void> {
  const name = nameOf(place, id);
  await docker(["rm", "--force", "--volumes", name], { timeoutMs: 60_000 }).catch(ignoreMissing);
  await docker(["volume", "rm", name]).catch(ignoreMissing);
  await removeCgroup(cgroupOf(place, id));
}

function ignoreMissing(error: Error): void {
  if (!/no such (container|volume)/i.test(error.message)) throw error;
}
