// Backups, drills and smoke checks: what came of the last one, and how long ago that is.
import type { ActRecord, Results } from "../results.ts";
import { bytesText, counted, durationText, timeText } from "../words.ts";
import type { Judgement, Observation, Part, SetsFacts } from "./condition.ts";
import { thresholds } from "./thresholds.ts";

interface Seen {
  observation: Observation;
  results: Results;
  /** For commands. */
  stack: string;
}

/** Sets on this machine. */
export function judgedBackup(seen: Seen): Part {
  const head = { kind: "backup", id: "backup", title: "Backup" } as const;
  const { local: fact } = seen.observation;
  if ("error" in fact) return { ...head, verdict: "bad", why: `the sets cannot be read: ${fact.error}` };
  return { ...head, ...judgedSets("backup", fact.value, seen) };
}

/** Sets on the remote storage. */
export function judgedRemote(seen: Seen): Part[] {
  const head = { kind: "remote", id: "remote", title: "Remote backup" } as const;
  const { remote: fact } = seen.observation;
  if (!fact) return [];
  if ("error" in fact) return [{ ...head, verdict: "bad", why: `cannot be looked at: ${fact.error}` }];
  return [{ ...head, ...judgedSets("upload", fact.value, seen) }];
}

function judgedSets(act: "backup" | "upload", sets: SetsFacts, seen: Seen): Judgement {
  const { observation, results, stack } = seen;
  const next = `scripts/backup ${stack}`;
  const record = results[act];
  if (record?.last.ok === false) return { verdict: "bad", why: failure(record), next };
  const age = Date.parse(observation.time) - Date.parse(sets.newest?.createdAt ?? observation.since);
  const late = age > thresholds.backupMs;
  if (!sets.newest) return { verdict: late ? "bad" : "warning", why: "no set yet", next };
  const why = `${durationText(age)} old, ${bytesText(sets.newest.bytes)}, ${counted(sets.count, "set")}`;
  return late ? { verdict: "bad", why: `overdue: ${why}`, next } : { verdict: "ok", why };
}

export function judgedDrill({ results, observation: { time, since }, stack }: Seen): Part {
  const head = { kind: "drill", id: "drill", title: "Restore drill" } as const;
  const next = `scripts/drill ${stack}`;
  const record = results.drill;
  if (record?.last.ok === false) return { ...head, verdict: "bad", why: failure(record), next };
  const last = record?.last;
  const age = Date.parse(time) - Date.parse(last?.time ?? since);
  const late = age > thresholds.drillMs;
  if (!last) return { ...head, verdict: late ? "bad" : "warning", why: "none yet", next };
  const dataAge = last.figures?.dataAgeSeconds;
  const data = dataAge === undefined ? "" : `, with data ${durationText(dataAge * 1000)} old`;
  const why = `passed ${durationText(age)} ago in ${durationText(last.seconds * 1000)}${data}`;
  return late ? { ...head, verdict: "bad", why: `overdue: ${why}`, next } : { ...head, verdict: "ok", why };
}

export function judgedSmoke({ results, observation: { time }, stack }: Seen): Part {
  const head = { kind: "smoke", id: "smoke", title: "Smoke checks" } as const;
  const next = `scripts/smoke ${stack}`;
  const record = results.smoke;
  if (!record) return { ...head, verdict: "warning", why: "none recorded yet", next };
  const { last } = record;
  if (!last.ok) return { ...head, verdict: "bad", why: failure(record), next };
  const age = durationText(Date.parse(time) - Date.parse(last.time));
  return { ...head, verdict: "ok", why: `passed ${age} ago in ${durationText(last.seconds * 1000)}` };
}

function failure({ last, lastOk }: ActRecord): string {
  const before = lastOk ? `; the last good one was on ${timeText(lastOk.time)}` : "";
  return `failed on ${timeText(last.time)}: ${last.error ?? "no reason was recorded"}${before}`;
}
