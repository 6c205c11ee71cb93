import * as pulumi from "@pulumi/pulumi";
import type { AtlasConfig } from "../config.ts";
import type { SecretName } from "../config-schema.ts";
import "./debug-messages.ts";
import { GeneratedSecret, type GeneratedSecretArgs } from "./generated-secret.ts";

/** The host key belongs to a droplet, which has it made. */
type AtlasSecret = Exclude<SecretName, "hostKey">;

const forms: Record<AtlasSecret, Omit<GeneratedSecretArgs, "rotation">> = {
  database: { form: "text", length: 32 },
  storage: { form: "text", length: 32 },
  // Standard base64 of 48 bytes: Atlas then signs with HS384; anything under 32 bytes or url-safe kills its start.
  jwt: { form: "base64", length: 48 },
  admin: { form: "text", length: 24 },
  superAdmin: { form: "text", length: 24 },
};

/** The deployment's secrets, one resource each, so that one can be renewed without the others. */
export function generateSecrets(
  name: string,
  config: AtlasConfig,
  opts: pulumi.CustomResourceOptions,
): Record<AtlasSecret | "backup" | "deploymentId", pulumi.Output<string>> {
  const make = (secret: AtlasSecret) =>
    new GeneratedSecret(
      `${name}-${secret.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-secret`,
      { ...forms[secret], rotation: config.rotate[secret] ?? 0 },
      opts,
    ).value;
  return {
    database: make("database"),
    storage: make("storage"),
    jwt: make("jwt"),
    admin: make("admin"),
    superAdmin: make("superAdmin"),
    // Never renewed: what it has encrypted could not be read any more.
    backup: new GeneratedSecret(`${name}-backup-key`, { form: "age", length: 32, rotation: 0 }, opts).value,
    // Not a secret: a name that no other deployment has, written on everything that belongs to this one.
    deploymentId: pulumi.unsecret(
      new GeneratedSecret(`${name}-deployment-id`, { form: "text", length: 12, rotation: 0 }, opts).value,
    ),
  };
}
