// What an alert says, to people and to programs.
import type { Deployment } from "../deployment.ts";
import { oneLine } from "../log.ts";
import { durationText, timeText } from "../words.ts";
import type { AlertState, OpenAlert } from "./alert-state.ts";

export interface AlertJson {
  /** One line; what chat services show. */
  text: string;
  deployment: string;
  url: string;
  time: string;
  alerts: {
    key: string;
    state: "wrong" | "over";
    severity: "warning" | "bad";
    title: string;
    why: string;
    next?: string;
    since: string;
  }[];
}

export interface AlertMessage {
  subject: string;
  text: string;
  json: AlertJson;
}

/** @param keys of the alerts that are told, all of them open */
export function messageFor(
  deployment: Deployment,
  state: AlertState,
  keys: string[],
  now: string,
): AlertMessage {
  const { name, publicUrl } = deployment;
  const told = keys.flatMap((key) => (state.open[key] ? [{ key, ...state.open[key] }] : []));
  const wrong = told.filter(({ over }) => over === undefined);
  const over = told.filter(({ over }) => over !== undefined);
  const subject = oneLine([...said("wrong", wrong), ...said("well again", over)].join("; "));
  const paragraphs = [
    ...wrong.map((alert) => wrongText(alert, now)),
    ...over.map(({ title, since }) => `${title}: well again (it began on ${timeText(since)})`),
    `${name}, ${publicUrl}, ${timeText(now)}`,
  ];
  return {
    subject: `[Atlas ${oneLine(name)}] ${subject}`,
    text: `${paragraphs.join("\n\n")}\n`,
    json: {
      text: `Atlas ${name}: ${subject}`,
      deployment: name,
      url: publicUrl,
      time: now,
      alerts: told.map(({ key, over, severity, title, why, next, since }) => ({
        key,
        state: over === undefined ? "wrong" : "over",
        severity,
        title,
        why,
        ...(next !== undefined && { next }),
        since,
      })),
    },
  };
}

/** wrong: Backup, Disk (data) */
const said = (what: string, alerts: OpenAlert[]): string[] =>
  alerts.length === 0 ? [] : [`${what}: ${alerts.map(({ title }) => title).join(", ")}`];

function wrongText({ title, severity, why, next, since }: OpenAlert, now: string): string {
  const ago = Date.parse(now) - Date.parse(since);
  return [
    `${title} (${severity}): ${why}`,
    ...(ago >= 60_000 ? [`since ${timeText(since)}, ${durationText(ago)}`] : []),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ].join("\n");
}
