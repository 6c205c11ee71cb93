// Which alerts are open, who was told of them and when: file `alerts.json` in the deployment's folder. Pure but for the
// file itself.
import path from "node:path";
import { z } from "zod";
import type { Deployment } from "../deployment.ts";
import { changeJson, readJson } from "../json-file.ts";
import type { Log } from "../log.ts";
import { type Condition, type Part, partKinds } from "./condition.ts";
import { alerting, repeatMs } from "./thresholds.ts";

export const channelNames = ["webhook", "mail"] as const;
export type ChannelName = (typeof channelNames)[number];

const time = z.iso.datetime();
const severity = z.enum(["warning", "bad"]);
/** By channel. */
const times = z.partialRecord(z.enum(channelNames), time);

const alertSchema = z.strictObject({
  title: z.string(),
  severity,
  /** In one line, without secrets. */
  why: z.string(),
  next: z.string().optional(),
});

const openSchema = z.strictObject({
  ...alertSchema.shape,
  since: time,
  /** When each channel took it last, and of which severity it was. */
  told: z.partialRecord(z.enum(channelNames), z.strictObject({ time, severity })),
  /** When each channel was tried last: one that fails is not tried at every look. */
  tried: times,
  /** It is over, and who was told of it has not heard so yet. */
  over: time.optional(),
});

const stateSchema = z.strictObject({
  /** By key: the id of a part of a condition. */
  open: z.record(z.string(), openSchema),
  channels: z.partialRecord(z.enum(channelNames), z.strictObject({ time, error: z.string().optional() })),
});

export type Severity = z.output<typeof severity>;
export type Alert = z.output<typeof alertSchema> & { key: string };
export type OpenAlert = z.output<typeof openSchema>;
export type AlertState = z.output<typeof stateSchema>;

/** So long a channel that failed is left alone. */
const againMs = 5 * 60_000;

const fileOf = ({ folder }: Deployment) => path.join(folder, "alerts.json");
const initial: AlertState = { open: {}, channels: {} };

/** @throws Error where the file is not what this program writes */
export const alertState = (deployment: Deployment): AlertState =>
  readJson(fileOf(deployment), stateSchema, initial);

/** By folder: what could not be written. A full disk takes no state, and is what an alert is about. */
const unwritten = new Map<string, AlertState>();

/**
 * @returns the state as it is after the change
 * @throws Error where the file is not what this program writes
 */
export function changeAlertState(
  deployment: Deployment,
  change: (state: AlertState) => AlertState,
  log: Log,
): AlertState {
  const { folder } = deployment;
  const before = unwritten.get(folder);
  try {
    const after = changeJson(fileOf(deployment), stateSchema, initial, (now) => change(before ?? now));
    unwritten.delete(folder);
    return after;
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    log.error(`whom alerts were sent to is kept in memory only: ${error.message}`);
    const after = change(before ?? alertState(deployment));
    unwritten.set(folder, after);
    return after;
  }
}

/** The state with the alert in it; one that is open already keeps its beginning and who was told. */
export function withAlert(state: AlertState, { key, ...alert }: Alert, now: string): AlertState {
  const known = state.open[key];
  const kept = known ? { since: known.since, told: known.told, tried: known.tried } : undefined;
  const open = kept ?? { since: now, told: {}, tried: {} };
  return { ...state, open: { ...state.open, [key]: { ...alert, ...open } } };
}

/** The state with what a condition says: what is wrong is open, what is well again, or gone, is over. */
export function withCondition(state: AlertState, { parts, observation }: Condition): AlertState {
  const now = observation.time;
  const wrong = parts.flatMap(alertOf);
  const next = wrong.reduce((state, alert) => withAlert(state, alert, now), state);
  const open = Object.entries(next.open).map(([key, alert]): [string, OpenAlert] =>
    wrong.some((alert) => alert.key === key) ? [key, alert] : [key, { ...alert, over: alert.over ?? now }],
  );
  return { ...next, open: Object.fromEntries(open) };
}

function alertOf({ kind, id, title, verdict, why, next }: Part): Alert[] {
  const rule = alerting[kind];
  if (!rule || verdict === "ok" || (verdict === "warning" && rule.from === "bad")) return [];
  return [{ key: id, title, severity: verdict, why, ...(next !== undefined && { next }) }];
}

/** Keys of what a channel is to be told now: what is wrong, what has become worse, what still is wrong, what is over. */
export const dueTo = (channel: ChannelName, { open }: AlertState, now: string): string[] =>
  Object.keys(open).filter((key) => open[key] && isDue(key, open[key], channel, now));

function isDue(key: string, alert: OpenAlert, channel: ChannelName, now: string): boolean {
  const ago = (time: string) => Date.parse(now) - Date.parse(time);
  const told = alert.told[channel];
  const tried = alert.tried[channel];
  // It failed, or another process is at it.
  if (tried !== undefined && tried !== told?.time && ago(tried) < againMs) return false;
  if (alert.over !== undefined) return told !== undefined;
  if (!told) return ago(alert.since) >= patienceOf(key);
  return ago(told.time) >= repeatMs || (told.severity === "warning" && alert.severity === "bad");
}

const patienceOf = (key: string): number => {
  const kind = partKinds.find((kind) => kind === key.split("/")[0]);
  return (kind && alerting[kind]?.afterMs) ?? 0;
};

/** The state once a channel is about to be told of these. */
export const withTry = (state: AlertState, channel: ChannelName, keys: string[], now: string): AlertState =>
  changed(state, keys, (alert) => ({ ...alert, tried: { ...alert.tried, [channel]: now } }));

/** The state once the channel has been told; of what is over, it need not hear again. */
export function withTold(state: AlertState, channel: ChannelName, keys: string[], now: string): AlertState {
  const next = changed(state, keys, (alert) => {
    const { [channel]: _, ...others } = alert.told;
    const told =
      alert.over === undefined ? { ...others, [channel]: { time: now, severity: alert.severity } } : others;
    return { ...alert, told };
  });
  return { ...next, channels: { ...next.channels, [channel]: { time: now } } };
}

export const withFailure = (
  state: AlertState,
  channel: ChannelName,
  { error, now }: { error: string; now: string },
): AlertState => ({ ...state, channels: { ...state.channels, [channel]: { time: now, error } } });

function changed(state: AlertState, keys: string[], change: (alert: OpenAlert) => OpenAlert): AlertState {
  const open = Object.entries(state.open).map(([key, alert]) => [
    key,
    keys.includes(key) ? change(alert) : alert,
  ]);
  return { ...state, open: Object.fromEntries(open) };
}

/** Without channels that are no longer configured, and without what is over and nobody has to hear of any more. */
export function tidy(state: AlertState, configured: ChannelName[]): AlertState {
  const known = <T>(by: Partial<Record<ChannelName, T>>): Partial<Record<ChannelName, T>> =>
    Object.fromEntries(Object.entries(by).filter(([channel]) => configured.some((name) => name === channel)));
  const open = Object.entries(state.open)
    .map(([key, alert]): [string, OpenAlert] => [key, { ...alert, told: known(alert.told) }])
    .filter(([, { over, told }]) => over === undefined || Object.keys(told).length > 0);
  return { open: Object.fromEntries(open), channels: known(state.channels) };
}
