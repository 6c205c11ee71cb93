// Whether an alert would reach anybody, tried before there is one.
import type { Deployment } from "../deployment.ts";
import { type Log, oneLine } from "../log.ts";
import type { AlertMessage } from "./alert-message.ts";
import { changeAlertState, withFailure, withTold } from "./alert-state.ts";
import { type Channel, type ChannelOptions, channelsOf, failureOf } from "./channels.ts";

export interface AlertTestOptions extends ChannelOptions {
  log: Log;
  /** In UTC; the clock's, where it is missing. */
  now?: string;
}

/**
 * Sends a test alert by every channel, and keeps what came of it for status.
 * @returns a line for each channel, and whether all of them have accepted it
 * @throws Error with the commands that make one, where there is none
 */
export async function testAlerts(
  deployment: Deployment,
  options: AlertTestOptions,
): Promise<{ text: string; ok: boolean }> {
  const { log, now = new Date().toISOString() } = options;
  const channels = channelsOf(deployment, options);
  if (channels.length === 0) throw new Error(noChannel(deployment));
  const outcomes: { channel: Channel; error: string | undefined }[] = [];
  for (const channel of channels)
    outcomes.push({ channel, error: await tried(channel, deployment, { log, now }) });
  const ok = outcomes.every(({ error }) => error === undefined);
  const lines = outcomes.map(({ channel: { name, to }, error }) =>
    error === undefined ? `${name}: accepted, to ${to}` : `${name}: NOT ACCEPTED: ${error}`,
  );
  return { text: [...lines, ok ? arrival : mending(deployment)].join("\n"), ok };
}

/** Why it was not accepted, if it was not. */
async function tried(
  channel: Channel,
  deployment: Deployment,
  { log, now }: { log: Log; now: string },
): Promise<string | undefined> {
  const { name } = channel;
  const error = await failureOf(channel, testMessage(deployment, now), deployment);
  changeAlertState(
    deployment,
    (state) =>
      error === undefined ? withTold(state, name, [], now) : withFailure(state, name, { error, now }),
    log,
  );
  return error;
}

/** It tells of no alert, so that a program which reads the JSON wakes nobody. */
function testMessage({ name, publicUrl }: Deployment, now: string): AlertMessage {
  return {
    subject: `[Atlas ${oneLine(name)}] test alert`,
    text: `Nothing is wrong: this is a test. Alerts of this deployment arrive where you read it.\n\n${name}, ${publicUrl}\n`,
    json: {
      text: `Atlas ${name}: test alert, nothing is wrong`,
      deployment: name,
      url: publicUrl,
      time: now,
      alerts: [],
    },
  };
}

const arrival = "next: look whether it has arrived; a mail may lie in the spam folder";

const mending = ({ name }: Deployment): string =>
  `next: mend atlas:alertWebhook, or SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PWD and SMTP_FROM in atlas:backendEnv; scripts/up ${name}; scripts/alert-test ${name}`;

const noChannel = ({ name }: Deployment): string =>
  [
    "no channel is configured: nobody is told of an alert",
    `next: scripts/pulumi config set --secret atlas:alertWebhook https://chat.plant.example/hooks/... --stack ${name}`,
    "or, for mail, ENABLE_EMAIL_NOTIFICATIONS true and SMTP_HOST in atlas:backendEnv",
    `then scripts/up ${name}`,
  ].join("; ");
