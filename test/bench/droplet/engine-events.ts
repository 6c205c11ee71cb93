// What a droplet's Docker engine remembers having done.
import type { Interval } from "./intervals.ts";

/** A line of shell on the machine -> what it wrote. */
export type Shell = (line: string) => Promise<string>;

export interface EngineEvent {
  Action: string;
  Actor: { Attributes: { name?: string; execID?: string } };
  /** Milliseconds since the epoch. */
  at: number;
}

export async function engineEvents(ssh: Shell): Promise<EngineEvent[]> {
  const kinds = ["pull", "health_status", "exec_start", "exec_die"].map((kind) => `--filter event=${kind}`);
  const lines = await ssh(`docker events --since 24h --until 0s ${kinds.join(" ")} --format '{{json .}}'`);
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Omit<EngineEvent, "at"> & { timeNano: number })
    .map(({ timeNano, ...event }) => ({ ...event, at: Math.round(timeNano / 1e6) }));
}

export const lastPull = (events: EngineEvent[]): number =>
  lastOf(
    "image pulled",
    events.filter(({ Action }) => Action === "pull"),
  );

/** When the last of some containers was found healthy for the first time. */
export function allHealthy(events: EngineEvent[], containers: string[]): number {
  const firsts = containers.flatMap(
    (container) =>
      events.find(
        ({ Action, Actor }) => Action === "health_status: healthy" && Actor.Attributes.name === container,
      ) ?? [],
  );
  return lastOf("container found healthy", firsts);
}

/** While the private door to a container was in use (private-door.ts): each connection is a command in it. */
export function privateDoorUse(events: EngineEvent[], container: string, until: number): Interval {
  const opened = events.filter(
    ({ Action, Actor, at }) =>
      Action.startsWith("exec_start:") &&
      Action.includes("cat <&3") &&
      Actor.Attributes.name === container &&
      at < until,
  );
  const commands = new Set(opened.map(({ Actor }) => Actor.Attributes.execID));
  const closed = events.filter(
    ({ Action, Actor }) => Action === "exec_die" && commands.has(Actor.Attributes.execID),
  );
  return { begin: opened[0]?.at ?? until, end: lastOf("private door closed", closed) };
}

function lastOf(what: string, events: EngineEvent[]): number {
  if (events.length === 0) throw new Error(`the droplet's engine remembers no ${what}`);
  return Math.max(...events.map(({ at }) => at));
}
