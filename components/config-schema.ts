// What each configuration key may hold: text in, typed value or the reason why not.
import { z } from "zod";
import { costSchema } from "./config-schema-cost.ts";
import { dropletSchema } from "./config-schema-droplet.ts";
import { operationsSchema } from "./config-schema-operations.ts";
import { entries, flag, integer, jsonObject, scalarText } from "./config-schema-parts.ts";
import { serviceNames } from "./services/service.ts";

export const secretNames = ["database", "storage", "jwt", "admin", "superAdmin", "hostKey"] as const;
export type SecretName = (typeof secretNames)[number];

/** Variables that follow from other keys or that keep the sign-up doors shut (docs/architecture.md). */
const derivedBackendVariables: Record<string, string> = {
  PUBLIC_API_URL: "it follows from atlas:publicUrl",
  PUBLIC_FRONT_URL: "it follows from atlas:publicUrl",
  PUBLIC_MINIO_ENDPOINT: "it follows from atlas:publicUrl",
  DB_URL: "the deployment brings its own database",
  DB_USER: "the deployment brings its own database",
  DB_PWD: "it is generated; raise atlas:rotate.database for a new one",
  JWT_SECRET_KEY: "it is generated; raise atlas:rotate.jwt for a new one",
  MINIO_ENDPOINT: "the deployment brings its own object store",
  MINIO_BUCKET: "the deployment brings its own object store",
  MINIO_ACCESS_KEY: "the deployment brings its own object store",
  MINIO_SECRET_KEY: "it is generated; raise atlas:rotate.storage for a new one",
  ALLOWED_ORGANIZATION_ADMINS:
    "it keeps strangers from founding organisations; it follows from atlas:adminEmail",
  INVITATION_VIA_EMAIL: "it keeps strangers from naming their own role",
  SINGLE_INGRESS: "the rate limiter counts clients by it, and there is exactly one proxy",
  SERVER_PORT: "the proxy expects 8080",
};

const isLoopbackName = (host: string) =>
  host === "localhost" || host.endsWith(".localhost") || host === "127.0.0.1";
const isAddress = (host: string) => /^[0-9.]+$/.test(host) || host.startsWith("[");

/** True when only this machine can reach the URL. */
export const isLoopback = (url: URL): boolean => isLoopbackName(url.hostname);

const publicUrl = z.string().transform((text, context): URL | undefined => {
  if (text === "") return undefined;
  const fail = (reason: string) => {
    context.addIssue({ code: "custom", message: reason });
    return z.NEVER;
  };
  if (!URL.canParse(text) || !/^https?:\/\//.test(text))
    return fail("is not a URL that begins with http:// or https://");
  const url = new URL(text);
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password || url.port === "0")
    return fail("must be scheme, name and port only, without path, query or credentials");
  if (url.protocol === "https:")
    return fail(
      "must begin with http://: local Docker holds no certificate, and a droplet gets its own for atlas:domain",
    );
  if (isAddress(url.hostname) && !isLoopbackName(url.hostname))
    return fail(
      "must hold a name, not a bare address: Atlas founds its first organisation only under a name that its container can resolve to itself; give the machine a name in DNS or in the hosts files",
    );
  return url;
});

const variables = (reserved: Record<string, string>) =>
  z
    .record(z.string(), scalarText, "must be an object: set single entries with --path")
    .superRefine((map, context) => {
      for (const name of Object.keys(map)) {
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
          context.addIssue({
            code: "custom",
            path: [name],
            message: "is not a name of an environment variable",
          });
        else if (Object.hasOwn(reserved, name))
          context.addIssue({
            code: "custom",
            path: [name],
            message: `is not yours to set: ${reserved[name]}`,
          });
      }
    });
const imageReference = z
  .string()
  .regex(/^[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?$/, "is not an image reference")
  .refine(
    (image) => /[:@][^/]*$/.test(image) && !/:latest$/.test(image),
    "must be pinned by a version or a digest, not by latest",
  );

/** Keys whose values are, or hold, secrets: only encrypted ones are taken. */
export const secretKeysOnly = ["adminPassword", "backupKey", "backupStorage"] as const;

/** By key, without the `atlas:` prefix; every key has a default, if only one that is refused. */
export const schema = {
  host: z.enum(["docker", "droplet"], "must be docker or droplet").prefault("docker"),
  publicUrl: publicUrl.prefault(""),
  adminEmail: z
    .string()
    .pipe(z.email("must be the e-mail address of the first administrator"))
    .transform((email) => email.toLowerCase())
    .prefault(""),
  adminPassword: z
    .union([
      z.literal(""),
      z
        .string()
        .min(12, "is too short: Atlas wants 12 to 128 characters")
        .max(128, "is too long: Atlas wants 12 to 128 characters"),
    ])
    .transform((text) => text || undefined)
    .prefault(""),
  organization: z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(255, "must have at most 255 characters")
    .prefault("My organisation"),
  postgresPort: integer(0, 65_535).prefault("5433"),
  storage: flag.prefault("true"),
  images: entries(serviceNames, imageReference).prefault(""),
  imageMirror: z
    .string()
    .regex(
      /^$|^(?!.*:\/\/)[a-z0-9][\w.:/-]*[a-z0-9]$/i,
      "must be a registry with an optional path, without scheme and without a slash at the end",
    )
    .prefault(""),
  memory: entries(serviceNames, scalarText.pipe(integer(32, 1_048_576))).prefault(""),
  backendEnv: jsonObject(variables(derivedBackendVariables)).prefault(""),
  frontendEnv: jsonObject(variables({ API_URL: "it follows from atlas:publicUrl" })).prefault(""),
  rotate: entries(secretNames, scalarText.pipe(integer(0, 1_000_000))).prefault(""),
  smoke: z.enum(["on-change", "always"], "must be on-change or always").prefault("on-change"),
  namePrefix: z
    .string()
    .regex(/^$|^[a-z0-9][a-z0-9-]*$/, "must be lower-case letters, digits and dashes")
    .prefault(""),
  ...costSchema,
  ...operationsSchema,
  ...dropletSchema,
};

export type Parsed = { [Key in keyof typeof schema]: z.output<(typeof schema)[Key]> };

/** The environment variable that overrides a key for one run. */
export const variableName = (key: string) => `ATLAS_CONFIG_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
