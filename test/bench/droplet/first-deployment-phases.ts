// Where the time of a first deployment on a droplet goes.
//
// Needed is what anybody waits for who sets this up by hand as fast as the parties allow:
//   API              resources of DigitalOcean that the machine cannot be without, as the engine saw each begin and end:
//                    network, tag, firewall, volume, key, droplet, attachment. Their provider's pauses between looks
//                    count, being the provider's; addresses, DNS, alerts and project do not: nothing waits for them
//   boot             from the machine's first process to the last stage of its cloud-init
//   packages         cloud-init's module that installs them
//   images           from the order to pull until the engine has the last one
//   start            from the first network that compose makes until the last container of the release runs
//   backend's boot   from its container's start to the line in its log that says so; migrations lie within
//   proxy            from its container's creation to its certificate
//   smoke            the checks themselves, one after the other, by their own clocks
// They overlap (a machine boots before the provider has noticed); what counts is the time that their union covers.
//
// Ours is all the rest, from the start of `pulumi up` to its end, also where it does work that is needed in some form:
// the engine and the program, our first-boot script, handing over the host key, sending the release, noticing that
// containers are healthy, setting Atlas up (whose requests, four of them with a slow hash, stand beside it). That the overhead is counted too high rather than too low is meant.
import type { Phase, Step } from "../phases.ts";
import { type Interval, length, union, without } from "./intervals.ts";
import type { MachineRecord } from "./machine-record.ts";

export interface Evidence extends Interval {
  /** Of the engine, in milliseconds since the epoch like all other times. */
  steps: Step[];
  machine: MachineRecord;
  /** The requests of the smoke checks. */
  smoke: Interval;
}

export interface Phases {
  needed: Phase[];
  /** Each without what of it is needed. */
  ours: { name: string; milliseconds: number }[];
  total: number;
  /** Milliseconds that are not needed. */
  overhead: number;
  /** Overhead for each second that is needed. */
  overheadShare: number;
}

/** The last part of a resource's type. */
const machineNeeds = new Set(["Vpc", "Tag", "Firewall", "Volume", "SshKey", "Droplet", "VolumeAttachment"]);

export function phasesOfFirstDeployment(evidence: Evidence): Phases {
  const needed = neededPhases(evidence);
  const covered = needed.flatMap(({ parts }) => parts);
  const own = ownPhases(evidence);
  const overhead = length(without(evidence, covered));
  const total = evidence.end - evidence.begin;
  const rest = without(evidence, [...covered, ...own]);
  return {
    needed: needed.map(({ name, parts }) => spanOf(name, parts)),
    ours: [
      ...own.map((phase) => ({ name: phase.name, milliseconds: length(without(phase, covered)) })),
      { name: "in between", milliseconds: length(rest) },
    ],
    total,
    overhead,
    overheadShare: overhead / (total - overhead),
  };
}

function neededPhases({ steps, machine, smoke }: Evidence): { name: string; parts: Interval[] }[] {
  const { booted, packages, pulled, networksMade, released, backend, proxy } = machine;
  const resources = steps.filter(
    ({ type }) => type.startsWith("digitalocean:") && machineNeeds.has(type.split(":").at(-1) ?? ""),
  );
  return [
    { name: "API", parts: spansOf(resources) },
    { name: "boot", parts: [{ begin: booted, end: machine.lastStage }] },
    { name: "packages", parts: [packages] },
    { name: "images", parts: [pulled] },
    { name: "start of containers", parts: [{ begin: networksMade, end: released.started }] },
    { name: "backend's boot", parts: [{ begin: backend.started, end: backend.ready }] },
    { name: "- of it migrations", parts: [backend.migrations] },
    { name: "proxy and certificate", parts: [proxy] },
    { name: "smoke", parts: [smoke] },
  ];
}

function ownPhases({ begin, end, steps, machine, smoke }: Evidence): Phase[] {
  const firstCall = Math.min(
    ...steps
      .filter(({ type, kind }) => type.startsWith("digitalocean:") && kind === "begin")
      .map(({ at }) => at),
  );
  const prepared = endOf(steps, "Machine");
  const releaseEnd = endOf(steps, "Command");
  return [
    { name: "engine and program", begin, end: firstCall },
    { name: "first-boot script", ...machine.script },
    { name: "machine handed over", begin: machine.script.end, end: prepared },
    { name: "release sent", begin: prepared, end: machine.pulled.begin },
    { name: "probes of the containers", begin: machine.backend.ready, end: machine.released.healthy },
    { name: "end of the release", begin: machine.released.healthy, end: releaseEnd },
    { name: "bootstrap", begin: releaseEnd, end: machine.proxy.begin },
    { name: "- of it requests to Atlas", ...machine.setUp },
    { name: "end of the engine", begin: smoke.end, end },
  ];
}

/** From each resource's begin to its end. */
function spansOf(steps: Step[]): Interval[] {
  return steps
    .filter(({ kind }) => kind === "begin")
    .map(({ name, type, at }) => {
      const end = steps.find((step) => step.kind === "end" && step.name === name && step.type === type);
      return { begin: at, end: end?.at ?? at };
    });
}

/** @param kind last part of a resource's type; there is one of it */
function endOf(steps: Step[], kind: string): number {
  const step = steps.find((found) => found.kind === "end" && found.type.endsWith(`:${kind}`));
  if (!step) throw new Error(`the engine told of no ${kind} that it had made`);
  return step.at;
}

function spanOf(name: string, parts: Interval[]): Phase {
  const joined = union(parts);
  const begin = joined[0]?.begin ?? 0;
  return { name, begin, end: joined.at(-1)?.end ?? begin };
}
