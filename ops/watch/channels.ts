// The ways by which people are told, as far as they are configured.
import { masked } from "../../components/secrets/mask.ts";
import type { Deployment } from "../deployment.ts";
import { messageOf, oneLine, secretsOf } from "../log.ts";
import type { AlertMessage } from "./alert-message.ts";
import type { ChannelName } from "./alert-state.ts";
import { sendMail } from "./mail.ts";
import { postJson } from "./webhook.ts";

export interface Channel {
  name: ChannelName;
  /** Where it leads, as far as it is no secret. */
  to: string;
  /** Resolves when it is accepted. */
  send(message: AlertMessage): Promise<unknown>;
}

export interface ChannelOptions {
  signal?: AbortSignal;
  /** PEM, of authorities that the mail server's certificate may be of, besides the usual ones. */
  ca?: string;
}

export function channelsOf(
  { alerts: { webhook, mail } }: Deployment,
  { signal, ca }: ChannelOptions,
): Channel[] {
  const channels: Channel[] = [];
  if (webhook !== undefined)
    channels.push({
      name: "webhook",
      to: new URL(webhook).origin,
      send: ({ json }) => postJson(webhook, json, { ...(signal && { signal }) }),
    });
  if (mail)
    channels.push({
      name: "mail",
      to: `${mail.to} by ${mail.server.host}:${mail.server.port}`,
      send: ({ subject, text }) =>
        sendMail(mail.server, { to: mail.to, subject, text }, { ...(ca !== undefined && { ca }) }),
    });
  return channels;
}

/** Why it failed, if it did: in one line, without secrets. */
export async function failureOf(
  { send }: Channel,
  message: AlertMessage,
  deployment: Deployment,
): Promise<string | undefined> {
  try {
    await send(message);
    return undefined;
  } catch (error) {
    return oneLine(masked(messageOf(error), secretsOf(deployment)));
  }
}
