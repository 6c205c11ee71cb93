// What is to be thought of what was seen: pure, so that every limit is a line in a table of tests.
import { containerOf, type Deployment } from "../deployment.ts";
import { bytesText, counted, timeText } from "../words.ts";
import {
  type Condition,
  type Fact,
  type Judgement,
  type Observation,
  type Part,
  type PartKind,
  type Records,
  worst,
} from "./condition.ts";
import { judgedBackup, judgedDrill, judgedRemote, judgedSmoke } from "./judge-acts.ts";
import { judgedAtlas, judgedCertificate, judgedContainer, judgedDisk } from "./judge-machine.ts";

export function judge(deployment: Deployment, observation: Observation): Condition {
  const { records, time, certificate, objects } = observation;
  const { results, channels } = "value" in records ? records.value : { results: {}, channels: {} };
  const seen = { observation, results, stack: deployment.name };
  const parts = [
    ...containers(observation),
    judged({ kind: "atlas", title: "Atlas" }, observation.atlas, "bad", (facts) =>
      judgedAtlas(facts, containerOf(deployment, "backend")),
    ),
    ...observation.disks.map(({ name, fact }) =>
      judged({ kind: "disk", which: name, title: `Disk (${name})` }, fact, "warning", judgedDisk),
    ),
    ...(certificate
      ? [
          judged({ kind: "certificate", title: "Certificate" }, certificate, "bad", (facts) =>
            judgedCertificate(facts, time, containerOf(deployment, "ingress")),
          ),
        ]
      : []),
    judgedBackup(seen),
    ...judgedRemote(seen),
    judgedDrill(seen),
    judgedSmoke(seen),
    judged({ kind: "database", title: "Database" }, observation.databaseBytes, "warning", (bytes) => ({
      verdict: "ok",
      why: bytesText(bytes),
    })),
    ...(objects
      ? [
          judged({ kind: "objects", title: "Files" }, objects, "warning", ({ count, bytes }) => ({
            verdict: "ok",
            why: `${counted(count, "object")}, ${bytesText(bytes)}`,
          })),
        ]
      : []),
    ...ownFiles(records),
    ...alertChannels(channels),
  ];
  const { name, publicUrl } = deployment;
  return { name, publicUrl, verdict: worst(parts), parts, observation };
}

/** @param unknown what it means when the fact is not known */
function judged<T>(
  { kind, which, title }: { kind: PartKind; which?: string; title: string },
  fact: Fact<T>,
  unknown: "warning" | "bad",
  judgement: (value: T) => Judgement,
): Part {
  const head = { kind, id: which === undefined ? kind : `${kind}/${which}`, title };
  return "value" in fact
    ? { ...head, ...judgement(fact.value) }
    : { ...head, verdict: unknown, why: fact.error };
}

function containers({ containers: fact, time }: Observation): Part[] {
  if ("error" in fact) {
    const next = "docker info; systemctl status docker";
    return [{ kind: "docker", id: "docker", title: "Docker", verdict: "bad", why: fact.error, next }];
  }
  return fact.value.map((facts) => ({
    kind: "container",
    id: `container/${facts.service}`,
    title: facts.service,
    ...judgedContainer(facts, time),
  }));
}

/** Without results nobody can say whether backups and drills succeed. */
const ownFiles = (records: Fact<Records>): Part[] =>
  "error" in records
    ? [{ kind: "records", id: "records", title: "Own records", verdict: "bad", why: records.error }]
    : [];

const alertChannels = (channels: Records["channels"]): Part[] =>
  Object.entries(channels).map(([name, { time, error }]) => ({
    kind: "channel",
    id: `channel/${name}`,
    title: `Alerts by ${name}`,
    ...(error === undefined
      ? { verdict: "ok", why: `last sent on ${timeText(time)}` }
      : { verdict: "warning", why: `failed on ${timeText(time)}: ${error}` }),
  }));
