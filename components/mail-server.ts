// The mail server that Atlas is told of, in its own environment variables.

/** Whether Atlas sends mail on its own, so that it depends on a mail server. Spring reads any case. */
export const notifiesByMail = (backendEnv: Record<string, string>): boolean =>
  /^true$/i.test(backendEnv.ENABLE_EMAIL_NOTIFICATIONS ?? "");

/** Undefined where Atlas sends no mail, or not through a server of its owner's. */
export const mailServerOf = (
  backendEnv: Record<string, string>,
): { host: string; port: string } | undefined =>
  notifiesByMail(backendEnv) && backendEnv.SMTP_HOST
    ? { host: backendEnv.SMTP_HOST, port: backendEnv.SMTP_PORT || "587" }
    : undefined;
