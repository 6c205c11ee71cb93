// The condition in Prometheus' text form. A registry of its own for each scrape: what is gone leaves no series behind.
import { Gauge, Registry } from "prom-client";
import { actNames } from "../results.ts";
import { type Condition, type Fact, type Observation, verdicts } from "./condition.ts";

interface Metric {
  name: string;
  help: string;
  samples: [labels: Record<string, string>, value: number | undefined][];
}

export const metricsType = Registry.PROMETHEUS_CONTENT_TYPE;

/** @param now in UTC: ages are those of the scrape, not of the look */
export async function metricsText(condition: Condition, now: string): Promise<string> {
  const registry = new Registry();
  for (const { name, help, samples } of [...ofParts(condition), ...ofFacts(condition.observation, now)]) {
    const known = samples.flatMap(([labels, value]) => (value === undefined ? [] : [{ labels, value }]));
    if (known.length === 0) continue;
    const gauge = new Gauge({
      name: `atlas_${name}`,
      help,
      labelNames: Object.keys(known[0]?.labels ?? {}),
      registers: [registry],
    });
    for (const { labels, value } of known) gauge.set(labels, value);
  }
  return registry.metrics();
}

const ofParts = ({ parts, verdict }: Condition): Metric[] => [
  {
    name: "verdict",
    help: "The worst of all parts: 0 ok, 1 warning, 2 bad",
    samples: [[{}, verdicts.indexOf(verdict)]],
  },
  {
    name: "part_verdict",
    help: "Of each part: 0 ok, 1 warning, 2 bad",
    samples: parts.map(({ id, verdict }) => [{ part: id }, verdicts.indexOf(verdict)]),
  },
];

function ofFacts(observation: Observation, now: string): Metric[] {
  const age = (time: string | undefined) =>
    time === undefined ? undefined : Math.max(0, Date.parse(now) - Date.parse(time)) / 1000;
  return [
    gauge("look_age_seconds", "Since the look that these figures are of", age(observation.time)),
    gauge("look_duration_seconds", "That the look took", observation.seconds),
    ...ofContainers(observation),
    ...ofDisks(observation),
    gauge(
      "certificate_days_left",
      "Until the certificate of the public name expires; negative once it has",
      figureOf(
        observation.certificate,
        ({ expiresAt }) => (Date.parse(expiresAt) - Date.parse(now)) / 86_400_000,
      ),
    ),
    ...ofSets(observation, age),
    ...ofActs(observation, age),
    ...ofAtlas(observation, age),
    gauge(
      "database_bytes",
      "That the database takes",
      figureOf(observation.databaseBytes, (bytes) => bytes),
    ),
    gauge(
      "objects",
      "Files in the object store",
      figureOf(observation.objects, ({ count }) => count),
    ),
    gauge(
      "objects_bytes",
      "That the files take",
      figureOf(observation.objects, ({ bytes }) => bytes),
    ),
    ofChannels(observation),
  ];
}

const gauge = (name: string, help: string, value: number | undefined): Metric => ({
  name,
  help,
  samples: [[{}, value]],
});

const figureOf = <T>(fact: Fact<T> | undefined, figure: (value: T) => number | undefined) =>
  fact && "value" in fact ? figure(fact.value) : undefined;

function ofContainers({ containers }: Observation): Metric[] {
  const all = "value" in containers ? containers.value : [];
  const each = (
    name: string,
    help: string,
    figure: (one: (typeof all)[number]) => number | undefined,
  ): Metric => ({ name, help, samples: all.map((one) => [{ service: one.service }, figure(one)]) });
  return [
    gauge("docker_up", "1 where the engine answers", "value" in containers ? 1 : 0),
    each("container_running", "1 where it runs", ({ status }) => Number(status === "running")),
    each("container_healthy", "1 where it runs and its health check passes", ({ status, health }) =>
      Number(status === "running" && health === "healthy"),
    ),
    each("container_restarts", "By Docker, since the container was made", ({ restarts }) => restarts),
    each("container_memory_bytes", "In use", ({ memoryBytes }) => memoryBytes),
    each("container_memory_limit_bytes", "0 without a limit", ({ memoryLimitBytes }) => memoryLimitBytes),
    {
      name: "container_info",
      help: "1, with the image that it runs",
      samples: all.filter(({ image }) => image !== "").map(({ service, image }) => [{ service, image }, 1]),
    },
  ];
}

function ofDisks({ disks }: Observation): Metric[] {
  const all = disks.flatMap(({ fact }) => ("value" in fact ? [fact.value] : []));
  const each = (name: string, help: string, figure: (one: (typeof all)[number]) => number): Metric => ({
    name,
    help,
    samples: all.map((one) => [{ disk: one.name, path: one.path }, figure(one)]),
  });
  return [
    each("disk_size_bytes", "Of the file system", ({ sizeBytes }) => sizeBytes),
    each("disk_used_bytes", "In use", ({ usedBytes }) => usedBytes),
    each("disk_free_bytes", "Free for anybody", ({ freeBytes }) => freeBytes),
    each("disk_inodes", "Of the file system; 0 where it counts none", ({ inodes }) => inodes),
    each("disk_inodes_free", "Free", ({ inodesFree }) => inodesFree),
  ];
}

type Age = (time: string | undefined) => number | undefined;

function ofSets({ local, remote }: Observation, age: Age): Metric[] {
  const places = [["local", local] as const, ...(remote ? [["remote", remote] as const] : [])];
  return [
    {
      name: "backup_storage_up",
      help: "1 where the sets can be read",
      samples: places.map(([place, fact]) => [{ place }, Number("value" in fact)]),
    },
    {
      name: "backup_sets",
      help: "Finished sets",
      samples: places.map(([place, fact]) => [{ place }, figureOf(fact, ({ count }) => count)]),
    },
    {
      name: "backup_age_seconds",
      help: "Of the newest set",
      samples: places.map(([place, fact]) => [
        { place },
        figureOf(fact, ({ newest }) => age(newest?.createdAt)),
      ]),
    },
    {
      name: "backup_bytes",
      help: "Of the newest set",
      samples: places.map(([place, fact]) => [{ place }, figureOf(fact, ({ newest }) => newest?.bytes)]),
    },
  ];
}

function ofActs({ records }: Observation, age: Age): Metric[] {
  const results = "value" in records ? records.value.results : {};
  const done = actNames.flatMap((act) => (results[act] ? [{ act, ...results[act] }] : []));
  const each = (name: string, help: string, figure: (one: (typeof done)[number]) => number | undefined) => ({
    name,
    help,
    samples: done.map((one): [{ act: string }, number | undefined] => [{ act: one.act }, figure(one)]),
  });
  return [
    each("act_ok", "1 where the last one succeeded", ({ last }) => Number(last.ok)),
    each("act_age_seconds", "Since the last one ended", ({ last }) => age(last.time)),
    each("act_ok_age_seconds", "Since the last one that succeeded ended", ({ lastOk }) => age(lastOk?.time)),
    each("act_duration_seconds", "That the last one took", ({ last }) => last.seconds),
  ];
}

function ofAtlas({ atlas }: Observation, age: Age): Metric[] {
  const calls = "value" in atlas ? atlas.value.calls : [];
  return [
    gauge(
      "probe_age_seconds",
      "Since Atlas was asked, through the proxy",
      figureOf(atlas, ({ time }) => age(time)),
    ),
    {
      name: "probe_ok",
      help: "1 where the call was answered with 200",
      samples: calls.map(({ name, status }) => [{ call: name }, Number(status === 200)]),
    },
    {
      name: "probe_status",
      help: "Of the answer; 0 where there was none",
      samples: calls.map(({ name, status = 0 }) => [{ call: name }, status]),
    },
    {
      name: "probe_seconds",
      help: "Until the call was answered or given up",
      samples: calls.map(({ name, seconds }) => [{ call: name }, seconds]),
    },
  ];
}

const ofChannels = ({ records }: Observation): Metric => ({
  name: "alert_channel_ok",
  help: "1 where the last alert was taken",
  samples: Object.entries("value" in records ? records.value.channels : {}).map(([channel, state]) => [
    { channel },
    Number(state.error === undefined),
  ]),
});
