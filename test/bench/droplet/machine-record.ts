// What a droplet itself knows of when things happened on it, right after a deployment: its events are forgotten in time.
import { currentRelease } from "../../../components/hosts/droplet/paths.ts";
import { allHealthy, engineEvents, lastPull, privateDoorUse, type Shell } from "./engine-events.ts";
import type { Interval } from "./intervals.ts";

/** All in milliseconds since the epoch. */
export interface MachineRecord {
  /** Its first process. */
  booted: number;
  /** Begin of cloud-init's last stage, and the two modules of it that take time. */
  lastStage: number;
  packages: Interval;
  script: Interval;
  pulled: Interval;
  networksMade: number;
  /** Its last container to start, and the last to be found healthy for the first time. */
  released: { started: number; healthy: number };
  backend: Boot;
  /** The requests by which the bootstrap sets Atlas up, through its private door. */
  setUp: Interval;
  /** From its creation to its certificate. */
  proxy: Interval;
}

/** A start of the backend. */
export interface Boot {
  started: number;
  ready: number;
  /** Of no length where there was nothing to do. */
  migrations: Interval;
}

export async function machineRecord(ssh: Shell, namePrefix: string): Promise<MachineRecord> {
  const container = (service: string) => `${namePrefix}-${service}`;
  const events = await engineEvents(ssh);
  const cloudInit: CloudInitEvent[] = JSON.parse(await ssh("cloud-init analyze dump"));
  const running = await Promise.all(
    ["postgres", "backend", "frontend"].map((name) => started(ssh, container(name))),
  );
  const proxyMade = Date.parse(await ssh(`docker inspect --format '{{.Created}}' ${container("ingress")}`));
  return {
    booted: await firstProcess(ssh),
    lastStage: cloudInitModule(cloudInit, /^modules-final$/).begin,
    packages: cloudInitModule(cloudInit, /package.update.upgrade.install$/),
    script: cloudInitModule(cloudInit, /scripts.user$/),
    pulled: {
      begin: await born(ssh, `${currentRelease}/log`),
      end: lastPull(events),
    },
    networksMade: await firstNetwork(ssh, namePrefix),
    released: {
      started: Math.max(...running.map(({ at }) => at)),
      healthy: allHealthy(
        events,
        running.map(({ name }) => name),
      ),
    },
    backend: await backendBoot(ssh, container("backend")),
    setUp: privateDoorUse(events, container("backend"), proxyMade),
    proxy: {
      begin: proxyMade,
      end: lineTime(
        await ssh(`docker logs --timestamps ${container("ingress")} 2>&1`),
        "certificate obtained successfully",
      ),
    },
  };
}

/** Of the container that runs now. */
export async function backendBoot(ssh: Shell, container: string): Promise<Boot> {
  const log = await ssh(`docker logs --timestamps ${container} 2>&1`);
  const lines = log.split("\n");
  const first = lines.findIndex((line) => line.includes("Running Changeset"));
  const after = lines[lines.findLastIndex((line) => line.includes("Running Changeset")) + 1];
  const ready = lineTime(log, "Started ApiApplication in");
  return {
    started: (await started(ssh, container)).at,
    ready,
    migrations: {
      begin: first < 0 ? ready : timeOf(lines[first]),
      end: first < 0 || after === undefined ? ready : timeOf(after),
    },
  };
}

async function started(ssh: Shell, name: string): Promise<{ name: string; at: number }> {
  return { name, at: Date.parse(await ssh(`docker inspect --format '{{.State.StartedAt}}' ${name}`)) };
}

/** Microseconds as systemd tells them, after a letter for their type. */
async function firstProcess(ssh: Shell): Promise<number> {
  const manager = "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager";
  return Number((await ssh(`busctl get-property ${manager} UserspaceTimestamp`)).split(" ")[1]) / 1000;
}

interface CloudInitEvent {
  name: string;
  event_type: "start" | "finish";
  /** Seconds since the epoch. */
  timestamp: number;
}

/** From a module's first begin to its last end. */
function cloudInitModule(events: CloudInitEvent[], name: RegExp): Interval {
  const own = events.filter((event) => name.test(event.name));
  const begin = own.find(({ event_type }) => event_type === "start");
  const end = own.findLast(({ event_type }) => event_type === "finish");
  if (!begin || !end) throw new Error(`cloud-init's record tells nothing of ${name}`);
  return { begin: begin.timestamp * 1000, end: end.timestamp * 1000 };
}

const born = async (ssh: Shell, file: string): Promise<number> =>
  Number(await ssh(`stat --dereference --format %.3W ${file}`)) * 1000;

async function firstNetwork(ssh: Shell, namePrefix: string): Promise<number> {
  const times = await ssh(
    `docker network inspect --format '{{json .Created}}' $(docker network ls --quiet --filter name=^${namePrefix}-)`,
  );
  return Math.min(...times.split("\n").map((time) => Date.parse(JSON.parse(time))));
}

/** @throws Error when no line has the words */
function lineTime(log: string, words: string): number {
  const line = log.split("\n").find((candidate) => candidate.includes(words));
  if (!line) throw new Error(`no line of the log says "${words}"; its end:\n${log.slice(-1000)}`);
  return timeOf(line);
}

/** The engine puts the time before each line. */
const timeOf = (line = ""): number => Date.parse(line.split(" ")[0] ?? "");
