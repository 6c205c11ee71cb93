// A deployment's operations, as configuration and secrets say.
import * as pulumi from "@pulumi/pulumi";
import type { AtlasConfig } from "../config.ts";
import { mailServerOf } from "../mail-server.ts";
import type { Settings } from "./operations.ts";

/** Atlas' mail server sends the alerts as well. */
export const settingsOf = (
  config: AtlasConfig,
  { stack, backupKey }: { stack: string; backupKey: pulumi.Input<string> },
): pulumi.Output<Settings> =>
  pulumi.output(backupKey).apply((key) => ({
    name: stack,
    namePrefix: config.namePrefix,
    publicUrl: config.publicUrl.origin,
    adminEmail: config.adminEmail,
    storage: config.storage,
    ...(config.backupStorage && { remote: config.backupStorage }),
    backupKey: key,
    keep: config.keepBackups,
    alerts: {
      ...(config.alertWebhook && { webhook: config.alertWebhook }),
      ...mailAlerts(config),
    },
  }));

function mailAlerts({ backendEnv: env, adminEmail, droplet }: AtlasConfig): Pick<Settings["alerts"], "mail"> {
  const atlas = mailServerOf(env);
  if (!atlas) return {};
  const user = env.SMTP_USER ?? "";
  const server = {
    host: atlas.host,
    port: Number(atlas.port),
    secure: Number(atlas.port) === 465,
    user,
    password: env.SMTP_PWD ?? "",
    from: env.SMTP_FROM || user || adminEmail,
  };
  return { mail: { to: droplet?.alertEmail ?? adminEmail, server } };
}
