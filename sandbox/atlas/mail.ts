import { createTransport, type Transporter } from "nodemailer";
import type { MailSettings, SmtpSettings } from "./env.ts";
import { ApiError } from "./http/api-error.ts";
import type { Letter } from "./letters.ts";

const CONNECT_MS = 5_000;
/** The original's brand, where nobody has set another. */
const BRAND = "Atlas CMMS";

/** Returns once the mail server has taken the letter; fails the caller as the original's mail sender does. */
export async function deliver(mail: MailSettings, { to, subject, html }: Letter): Promise<void> {
  const { enabled, smtp } = mail;
  if (!enabled || smtp === undefined) return;
  const from = { name: BRAND, address: smtp.from };
  await overSmtp(smtp, (transport) => transport.sendMail({ from, to, subject, html }));
}

export function requireMail(mail: MailSettings): void {
  if (mail.enabled) return;
  throw new ApiError(406, "Please enable mails and configure SMTP in the environment variables");
}

/** Whether the mail part of the deep health check is up: the server is there and lets us in. */
export async function mailIsHealthy({ healthCheck, smtp }: MailSettings): Promise<boolean> {
  if (!healthCheck || smtp === undefined) return true;
  return await overSmtp(smtp, (transport) => transport.verify()).catch(() => false);
}

/** A connection of its own for each letter, with sign-in unless it is switched off. */
async function overSmtp<T>(smtp: SmtpSettings, use: (transport: Transporter) => Promise<T>): Promise<T> {
  const { host, port, tls, signIn, user, password } = smtp;
  if (signIn && user === "") throw notSignedIn();
  const transport = createTransport({
    host,
    port,
    // Otherwise by STARTTLS, where the server offers it.
    secure: tls,
    // The original trusts SMTP_HOST whatever certificate it shows (`ssl.trust`).
    tls: { rejectUnauthorized: false },
    ...(signIn && { auth: { user, pass: password } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
  });
  try {
    return await use(transport);
  } catch (fault) {
    throw refusal(fault, smtp);
  } finally {
    transport.close();
  }
}

const notSignedIn = (): ApiError => new ApiError(500, "Authentication failed");

function refusal(fault: unknown, { host, port }: SmtpSettings): ApiError {
  const code = fault instanceof Error && "code" in fault ? fault.code : undefined;
  if (code === "EAUTH" || code === "ENOAUTH") return notSignedIn();
  if (code === "EENVELOPE" || code === "EMESSAGE") {
    const said = fault instanceof Error ? fault.message : "";
    return new ApiError(500, `Failed messages: jakarta.mail.SendFailedException: ${said}`, { cause: fault });
  }
  return new ApiError(
    500,
    "Mail server connection failed. Failed messages: org.eclipse.angus.mail.util.MailConnectException: " +
      `Couldn't connect to host, port: ${host}, ${port}; timeout -1`,
    { cause: fault },
  );
}
