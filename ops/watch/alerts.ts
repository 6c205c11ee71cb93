// Who has to know is told: once when something goes wrong, again after a day, and once when it is well again.
import { masked } from "../../components/secrets/mask.ts";
import type { Deployment } from "../deployment.ts";
import { type Log, oneLine, secretsOf } from "../log.ts";
import { messageFor } from "./alert-message.ts";
import {
  type Alert,
  type AlertState,
  changeAlertState,
  dueTo,
  tidy,
  withAlert,
  withCondition,
  withFailure,
  withTold,
  withTry,
} from "./alert-state.ts";
import { type ChannelOptions, channelsOf, failureOf } from "./channels.ts";
import type { Condition } from "./condition.ts";

export type { Alert } from "./alert-state.ts";

export interface AlertOptions extends ChannelOptions {
  log: Log;
  /** In UTC; the clock's, where it is missing. */
  now?: string;
}

/**
 * For an act that has failed, once its result is recorded: its key is that of the part of a condition that it is about
 * (backup, remote, drill), so that a later look tells when it is well again. A channel that fails is told by log and
 * status, and is no error here.
 */
export async function raise(deployment: Deployment, alert: Alert, options: AlertOptions): Promise<void> {
  const { now = new Date().toISOString() } = options;
  const why = oneLine(masked(alert.why, secretsOf(deployment)));
  await deliver(deployment, (state) => withAlert(state, { ...alert, why }, now), { ...options, now });
}

/** For each look: alerts of what is wrong, and of what is well again. */
export async function alertOn(
  deployment: Deployment,
  condition: Condition,
  options: AlertOptions,
): Promise<void> {
  const { now = condition.observation.time } = options;
  await deliver(deployment, (state) => withCondition(state, condition), { ...options, now });
}

async function deliver(
  deployment: Deployment,
  change: (state: AlertState) => AlertState,
  options: AlertOptions & { now: string },
): Promise<void> {
  const { log, now } = options;
  const channels = channelsOf(deployment, options);
  const names = channels.map(({ name }) => name);
  let state = changeAlertState(deployment, (before) => tidy(change(before), names), log);
  for (const channel of channels) {
    const { name } = channel;
    let keys: string[] = [];
    // Looked up and marked in one: another process that comes now finds that somebody is at it.
    state = changeAlertState(
      deployment,
      (before) => {
        keys = dueTo(name, before, now);
        return withTry(before, name, keys, now);
      },
      log,
    );
    if (keys.length === 0) continue;
    const error = await failureOf(channel, messageFor(deployment, state, keys, now), deployment);
    if (error !== undefined) log.error(`the alert by ${name} was not sent: ${error}`, { alerts: keys });
    else log.info(`alert sent by ${name}`, { alerts: keys });
    state = changeAlertState(
      deployment,
      (before) =>
        error === undefined
          ? tidy(withTold(before, name, keys, now), names)
          : withFailure(before, name, { error, now }),
      log,
    );
  }
}
