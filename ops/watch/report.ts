// What stands in every report of a condition, in words; the terminal and the page lay it out.
import { actNames } from "../results.ts";
import { durationText, timeText } from "../words.ts";
import type { Condition, Observation, Verdict } from "./condition.ts";

/** all is well; or 1 bad, 2 warnings */
export function summary({ parts }: Condition): string {
  const count = (verdict: Verdict) => parts.filter((part) => part.verdict === verdict).length;
  const [bad, warnings] = [count("bad"), count("warning")];
  const said = [
    ...(bad > 0 ? [`${bad} bad`] : []),
    ...(warnings > 0 ? [`${warnings} warning${warnings === 1 ? "" : "s"}`] : []),
  ];
  return said.length === 0 ? "all is well" : said.join(", ");
}

export interface Table {
  title: string;
  columns: string[];
  rows: string[][];
}

/** Without those that have no rows. */
export function tables({ observation }: Condition): Table[] {
  return [lastResults(observation), lastActs(observation)].filter(({ rows }) => rows.length > 0);
}

function lastResults({ records }: Observation): Table {
  const results = "value" in records ? records.value.results : {};
  const rows = actNames.flatMap((act) => {
    const last = results[act]?.last;
    if (!last) return [];
    const took = durationText(last.seconds * 1000);
    return [[act, last.ok ? "ok" : "failed", timeText(last.time), took, last.id ?? "", last.error ?? ""]];
  });
  return { title: "Last results", columns: ["What", "Result", "When", "Took", "Set", "Why"], rows };
}

function lastActs({ records }: Observation): Table {
  const acts = "value" in records ? records.value.acts : [];
  const rows = acts.map(({ time, act, subject = "", result, seconds, user, host }) => [
    timeText(time),
    act,
    result,
    durationText(seconds * 1000),
    subject,
    `${user}@${host}`,
  ]);
  return { title: "Who did what", columns: ["When", "Act", "Result", "Took", "What", "Who"], rows };
}
