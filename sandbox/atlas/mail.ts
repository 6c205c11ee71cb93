import { connect } from "node:net";
import type { MailSettings } from "./env.ts";
import { ApiError } from "./http/api-error.ts";

const CONNECT_MS = 5_000;

/**
 * Sends nothing: an SMTP server that accepts a connection counts as delivery, one that does not fails the caller as the
 * original's mail sender does.
 */
export async function deliver(mail: MailSettings): Promise<void> {
  if (!mail.enabled || mail.smtp === undefined) return;
  if (await isReachable(mail.smtp)) return;
  const { host, port } = mail.smtp;
  throw new ApiError(
    500,
    "Mail server connection failed. Failed messages: org.eclipse.angus.mail.util.MailConnectException: " +
      `Couldn't connect to host, port: ${host}, ${port}; timeout -1`,
  );
}

export function requireMail(mail: MailSettings): void {
  if (mail.enabled) return;
  throw new ApiError(406, "Please enable mails and configure SMTP in the environment variables");
}

/** Whether the mail part of the deep health check is up. */
export async function mailIsHealthy(mail: MailSettings): Promise<boolean> {
  return !mail.healthCheck || mail.smtp === undefined || (await isReachable(mail.smtp));
}

function isReachable({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const finish = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once("connect", () => finish(true));
    socket.once("timeout", () => finish(false));
    socket.once("error", () => finish(false));
  });
}
