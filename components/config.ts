// The one place that reads configuration: stack file or environment in, typed values or a list of faults out.
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type ServiceName, serviceNames } from "./services/service.ts";

export const secretNames = ["database", "storage", "jwt", "admin", "superAdmin"] as const;
export type SecretName = (typeof secretNames)[number];

export interface AtlasConfig {
  publicUrl: URL;
  adminEmail: string;
  /** Set only where the operator keeps the password; otherwise it is generated. */
  adminPassword: string | undefined;
  organization: string;
  /** 0 = not published. */
  postgresPort: number;
  storage: boolean;
  images: Partial<Record<ServiceName, string>>;
  imageMirror: string;
  /** MiB. */
  memory: Partial<Record<ServiceName, number>>;
  backendEnv: Record<string, string>;
  frontendEnv: Record<string, string>;
  /** True where a value of the map was stored encrypted: then all its values are treated as secrets. */
  secretEnv: { backend: boolean; frontend: boolean };
  rotate: Partial<Record<SecretName, number>>;
  smoke: "on-change" | "always";
  namePrefix: string;
}

/** One wrong key: what is wrong with which value, and the command that mends it. */
export interface Fault {
  key: string;
  value: string;
  reason: string;
  mend: string;
}

export class ConfigFaults extends Error {
  override name = "ConfigFaults";
  readonly faults: Fault[];
  constructor(faults: Fault[]) {
    const lines = faults.map((f) => `  ${f.key} = ${f.value}\n    ${f.reason}\n    mend: ${f.mend}`);
    super(`${faults.length} configuration ${faults.length === 1 ? "fault" : "faults"}\n${lines.join("\n")}`);
    this.faults = faults;
  }
}

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
  host === "localhost" || host.endsWith(".localhost") || /^127\./.test(host) || host === "[::1]";
const isAddress = (host: string) => /^[0-9.]+$/.test(host) || host.startsWith("[");

/** True when only this machine can reach the URL. */
export const isLoopback = (url: URL): boolean => isLoopbackName(url.hostname);

const publicUrl = z.string().transform((text, context) => {
  const fail = (reason: string) => {
    context.addIssue({ code: "custom", message: reason });
    return z.NEVER;
  };
  if (!URL.canParse(text) || !/^https?:\/\//.test(text))
    return fail("is not a URL that begins with http:// or https://");
  const url = new URL(text);
  if (url.pathname !== "/" || url.search || url.hash || url.username)
    return fail("must be scheme, name and port only, without path, query or credentials");
  if (url.protocol === "https:")
    return fail("https is not offered on local Docker, which holds no certificate: use http");
  if (isAddress(url.hostname) && !isLoopbackName(url.hostname))
    return fail(
      "must hold a name, not a bare address: Atlas founds its first organisation only under a name that its container can resolve to itself; give the machine a name in DNS or in the hosts files",
    );
  return url;
});

const flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** Objects reach the program as JSON text; a value set with --path may be a number or a boolean there. */
const jsonObject = <T extends z.ZodType>(shape: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text === "" ? "{}" : text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "must be an object: set single entries with --path" });
        return z.NEVER;
      }
    })
    .pipe(shape);
const scalarText = z
  .union([z.string(), z.number(), z.boolean()], "must be a text, a number or a boolean")
  .transform(String);
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
        else if (reserved[name])
          context.addIssue({
            code: "custom",
            path: [name],
            message: `is not yours to set: ${reserved[name]}`,
          });
      }
    });
/** An object with some of these entries, all of one kind, and no others. */
const entries = <Name extends string, T extends z.ZodType>(names: readonly Name[], value: T) =>
  jsonObject(
    z.strictObject(
      Object.fromEntries(names.map((name) => [name, value.optional()])) as Record<Name, z.ZodOptional<T>>,
      "must be an object: set single entries with --path",
    ),
  );
const imageReference = z
  .string()
  .regex(/^[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?$/, "is not an image reference")
  .refine(
    (image) => /[:@][^/]*$/.test(image) && !/:latest$/.test(image),
    "must be pinned by a version or a digest, not by latest",
  );

const schema = z.strictObject({
  publicUrl: publicUrl.prefault("http://localhost:8080"),
  adminEmail: z
    .string()
    .regex(/^[^@\s,]+@[^@\s,]+$/, "must be the e-mail address of the first administrator")
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
      /^$|^[a-z0-9][\w.:/-]*[a-z0-9]$/i,
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
});

const keys = Object.keys(schema.shape);
const variableName = (key: string) => `ATLAS_CONFIG_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`;

/** Where the raw values come from. Keys are without the `atlas:` prefix. */
export interface RawConfig {
  values: Record<string, string>;
  /** Keys whose value, or part of it, is stored encrypted. */
  secretKeys: ReadonlySet<string>;
  stack: string;
}

/**
 * Validates a stack's configuration.
 * @throws ConfigFaults naming every wrong key, its value (never a secret one) and the command that mends it
 */
export function parseConfig({ values, secretKeys, stack }: RawConfig): AtlasConfig {
  const result = schema.safeParse(values);
  const faults = result.success
    ? []
    : result.error.issues.flatMap((issue) => toFaults(issue, values, secretKeys));
  if (result.success) faults.push(...conflicts(result.data, secretKeys));
  if (!result.success || faults.length > 0) throw new ConfigFaults(faults);
  return {
    ...result.data,
    namePrefix: result.data.namePrefix || `atlas-${stack}`,
    secretEnv: { backend: secretKeys.has("backendEnv"), frontend: secretKeys.has("frontendEnv") },
  };
}

/** Faults that no key shows by itself. */
function conflicts(config: z.output<typeof schema>, secretKeys: ReadonlySet<string>): Fault[] {
  const faults: Fault[] = [];
  if (config.adminPassword && !secretKeys.has("adminPassword"))
    faults.push({
      key: "atlas:adminPassword",
      value: "[secret]",
      reason: "is stored in the clear",
      mend: "pulumi config set --secret atlas:adminPassword",
    });
  const mail = config.backendEnv;
  if (
    mail.ENABLE_EMAIL_NOTIFICATIONS === "true" &&
    !mail.SMTP_HOST &&
    !/sendgrid/i.test(mail.MAIL_TYPE ?? "")
  )
    faults.push({
      key: "atlas:backendEnv.ENABLE_EMAIL_NOTIFICATIONS",
      value: "true",
      reason: "without a mail server Atlas refuses work orders that notify somebody",
      mend: "pulumi config set --path atlas:backendEnv.SMTP_HOST mail.plant.example",
    });
  if (config.postgresPort !== 0 && config.postgresPort === Number(config.publicUrl.port || 80))
    faults.push({
      key: "atlas:postgresPort",
      value: String(config.postgresPort),
      reason: "is the port of atlas:publicUrl as well",
      mend: "pulumi config set atlas:postgresPort 5433",
    });
  return faults;
}

const examples: Record<string, string> = {
  publicUrl: "http://localhost:8080",
  adminEmail: "you@plant.example",
  postgresPort: "5433",
  storage: "true",
  smoke: "on-change",
  organization: "'My organisation'",
  imageMirror: "registry.plant.example:5000",
  namePrefix: "atlas-dev",
};

function toFaults(
  issue: z.core.$ZodIssue,
  values: Record<string, string>,
  secretKeys: ReadonlySet<string>,
): Fault[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((name) => unknownKey([...issue.path.map(String), name], values));
  const path = issue.path.map(String);
  const [top = ""] = path;
  const key = `atlas:${path.join(".")}`;
  const secret = secretKeys.has(top) || top === "adminPassword";
  const value = secret ? "[secret]" : (valueAt(path, values) ?? "(not set)");
  return [{ key, value, reason: issue.message, mend: mendFor(path, issue, secret) }];
}

function mendFor(path: string[], issue: z.core.$ZodIssue, secret: boolean): string {
  const [top = "", ...rest] = path;
  if (rest.length === 0 && issue.message.includes("--path")) return `pulumi config rm atlas:${top}`;
  if (rest.length === 0 && secret) return `pulumi config set --secret atlas:${top}`;
  if (rest.length === 0) return `pulumi config set atlas:${top} ${examples[top] ?? "VALUE"}`;
  if (top.endsWith("Env")) return `pulumi config rm --path atlas:${path.join(".")}`;
  return `pulumi config set --path atlas:${path.join(".")} ${top === "memory" ? "1024" : top === "rotate" ? "1" : "IMAGE:VERSION"}`;
}

function unknownKey(path: string[], values: Record<string, string>): Fault {
  const known = path.length === 1 ? keys : path[0] === "rotate" ? [...secretNames] : [...serviceNames];
  return {
    key: `atlas:${path.join(".")}`,
    // A mistyped key may hold a secret: its value is not for the screen.
    value: valueAt(path, values) === undefined ? "(not set)" : "(a value)",
    reason: `is not a key of this project; known here: ${known.join(", ")}`,
    mend: `pulumi config rm ${path.length > 1 ? "--path " : ""}atlas:${path.join(".")}`,
  };
}

function valueAt(path: string[], values: Record<string, string>): string | undefined {
  const [top = "", ...rest] = path;
  if (rest.length === 0) return values[top];
  let node: unknown = JSON.parse(values[top] || "{}");
  for (const part of rest) node = (node as Record<string, unknown> | undefined)?.[part];
  return node === undefined ? undefined : typeof node === "object" ? JSON.stringify(node) : String(node);
}

/**
 * Reads the current stack's configuration. A variable such as ATLAS_CONFIG_PUBLIC_URL overrides `atlas:publicUrl`
 * for one run; objects are given there as JSON.
 * @throws pulumi.RunError with all faults
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): AtlasConfig {
  const values: Record<string, string> = {};
  // The engine tells here which keys hold encrypted values; the SDK has no public call for it.
  const encrypted = JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
  const secretKeys = new Set(encrypted.map((key) => key.replace(/^atlas:/, "")));
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    if (!key.startsWith("atlas:")) continue;
    values[key.slice("atlas:".length)] = value;
  }
  for (const key of keys) {
    const override = env[variableName(key)];
    if (override === undefined) continue;
    values[key] = override;
    if (key === "adminPassword") secretKeys.add(key);
  }
  try {
    return parseConfig({ values, secretKeys, stack: pulumi.getStack() });
  } catch (error) {
    if (error instanceof ConfigFaults)
      throw new pulumi.RunError(`stack ${pulumi.getStack()}: ${error.message}`);
    throw error;
  }
}
