// Who has to know is told: once when something goes wrong, again after a day, and once when it is well again.
import { masked } from "../../components/secrets/mask.ts";
import type { Deployment } from "../deployment.ts";
import { type Log, messageOf, oneLine, secretsOf } from "../log.ts";
import { type AlertMessage, messageFor } from "./alert-message.ts";
import {
  type Alert,
  type AlertState,
  type ChannelName,
  changeAlertState,
  dueTo,
  tidy,
  withAlert,
  withCondition,
  withFailure,
  withTold,
  withTry,
} from "./alert-state.ts";
import type { Condition } from "./condition.ts";
import { sendMail } from "./mail.ts";
import { postJson } from "./webhook.ts";

export type { Alert } from "./alert-state.ts";

export interface AlertOptions {
  log: Log;
  signal?: AbortSignal;
  /** In UTC; the clock's, where it is missing. */
  now?: string;
  /** PEM, of authorities that the mail server's certificate may be of, besides the usual ones. */
  ca?: string;
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
  for (const { name, send } of channels) {
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
    const outcome = await attempt(() => send(messageFor(deployment, state, keys, now)), deployment);
    if (outcome) log.error(`the alert by ${name} was not sent: ${outcome.error}`, { alerts: keys });
    else log.info(`alert sent by ${name}`, { alerts: keys });
    state = changeAlertState(
      deployment,
      (before) =>
        outcome
          ? withFailure(before, name, { ...outcome, now })
          : tidy(withTold(before, name, keys, now), names),
      log,
    );
  }
}

/** Why it failed, if it did. */
async function attempt(
  send: () => Promise<unknown>,
  deployment: Deployment,
): Promise<{ error: string } | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    return { error: oneLine(masked(messageOf(error), secretsOf(deployment))) };
  }
}

interface Channel {
  name: ChannelName;
  send(message: AlertMessage): Promise<unknown>;
}

function channelsOf({ alerts: { webhook, mail } }: Deployment, { signal, ca }: AlertOptions): Channel[] {
  const channels: Channel[] = [];
  if (webhook !== undefined)
    channels.push({
      name: "webhook",
      send: ({ json }) => postJson(webhook, json, { ...(signal && { signal }) }),
    });
  if (mail)
    channels.push({
      name: "mail",
      send: ({ subject, text }) =>
        sendMail(mail.server, { to: mail.to, subject, text }, { ...(ca !== undefined && { ca }) }),
    });
  return channels;
}
