// A first deployment on a droplet, from an empty account to green smoke checks, and what its time went into.
import type { SmokeReport } from "../../../components/smoke/report.ts";
import { median, seconds, table } from "../numbers.ts";
import type { DropletBed } from "./bed.ts";
import { type Phases, phasesOfFirstDeployment } from "./first-deployment-phases.ts";
import type { Interval } from "./intervals.ts";
import { machineRecord } from "./machine-record.ts";

export async function firstDeployment({ droplet, up, shell }: DropletBed): Promise<Phases & Interval> {
  const run = await up();
  const machine = await machineRecord(await shell(), droplet.stack.prefix);
  const { smoke } = await droplet.outputs();
  const phases = phasesOfFirstDeployment({ ...run, machine, smoke: requestsOf(smoke) });
  return { ...phases, begin: run.begin, end: run.end };
}

/** The checks follow each other; looking at the containers afterwards is none. */
function requestsOf({ time, checks }: SmokeReport): Interval {
  const begin = Date.parse(time);
  return { begin, end: begin + checks.reduce((sum, { milliseconds }) => sum + milliseconds, 0) };
}

/** Medians of the runs. */
export function reportFirstDeployment(runs: (Phases & Interval)[]): string {
  const total = median(runs.map((run) => run.total));
  const share = (milliseconds: number) => `${((milliseconds / total) * 100).toFixed(1)} %`;
  const row = (name: string, milliseconds: number, begin?: number) => [
    name,
    begin === undefined ? "" : seconds(begin),
    seconds(milliseconds),
    share(milliseconds),
  ];
  const needed = (runs[0]?.needed ?? []).map(({ name }) => {
    const all = runs.map(({ needed, begin }) => {
      const phase = needed.find((candidate) => candidate.name === name);
      return { at: (phase?.begin ?? begin) - begin, took: (phase?.end ?? 0) - (phase?.begin ?? 0) };
    });
    return row(name, median(all.map(({ took }) => took)), median(all.map(({ at }) => at)));
  });
  const ours = (runs[0]?.ours ?? []).map(({ name }) =>
    row(name, median(runs.map((run) => run.ours.find((part) => part.name === name)?.milliseconds ?? 0))),
  );
  const overhead = median(runs.map((run) => run.overhead));
  return `First deployment (medians of ${runs.length}; what is needed overlaps in part)
${table([
  ["needed", "begins at", "takes", "share"],
  ...needed,
  row("together", total - overhead),
  ["", "", "", ""],
  ["ours", "", "", ""],
  ...ours,
  row("together", overhead),
  ["", "", "", ""],
  row("pulumi up to smoke green", total),
])}
  overhead against what is needed: ${(median(runs.map((run) => run.overheadShare)) * 100).toFixed(1)} %`;
}
