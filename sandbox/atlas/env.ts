import { type IngressTrust, parseTrustedProxies } from "./http/client-ip.ts";
import type { Bandwidth } from "./http/rate-limit.ts";
import { type SigningKey, signingKey } from "./jwt-key.ts";
import { type Licence, readLicence } from "./licence.ts";
import { StartFailure } from "./start-failure.ts";

export interface Settings {
  port: number;
  address: string | undefined;
  database: DatabaseSettings;
  jwt: { key: SigningKey; lifeMs: number; refreshLifeMs: number };
  publicApiUrl: string;
  publicFrontUrl: string;
  passwords: { minLength: number; maxLength: number; refuseCommon: boolean };
  invitationViaEmail: boolean;
  allowedOrganizationAdmins: string[];
  mail: MailSettings;
  cors: boolean;
  rateLimits: RateLimitSettings;
  ingress: IngressTrust;
  minio: MinioSettings | undefined;
  licence: Licence;
  apiDocs: boolean;
  swaggerUi: boolean;
  knobs: Knobs;
}

export interface DatabaseSettings {
  host: string;
  port: number;
  name: string;
  user: string;
  password: string;
  ssl: false | { rejectUnauthorized: boolean };
  acquireTimeoutMs: number;
}

export interface MailSettings {
  enabled: boolean;
  healthCheck: boolean;
  /** Undefined where another service sends. */
  smtp: SmtpSettings | undefined;
}

export interface SmtpSettings {
  host: string;
  port: number;
  /** From the first byte; otherwise by STARTTLS, where the server offers it. */
  tls: boolean;
  signIn: boolean;
  user: string;
  password: string;
  /** An address alone. */
  from: string;
}

export interface RateLimitSettings {
  enabled: boolean;
  anonymous: Bandwidth[];
  authenticated: Bandwidth[];
  upload: Bandwidth[];
}

export interface MinioSettings {
  endpoint: string;
  /** What stands in place of `endpoint` in the addresses that people get. */
  publicEndpoint: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
}

export interface Knobs {
  bootMs: number;
  migrationMs: number;
  waitFactor: number;
}

type Environment = Record<string, string | undefined>;

/** Variables without a default, with the property value that the original fails to resolve without them. */
const REQUIRED: Record<string, string> = {
  DB_URL: "jdbc:postgresql://$" + "{DB_URL}",
  DB_USER: "$" + "{DB_USER}",
  DB_PWD: "$" + "{DB_PWD}",
  JWT_SECRET_KEY: "$" + "{JWT_SECRET_KEY}",
  PUBLIC_API_URL: "$" + "{PUBLIC_API_URL}",
  PUBLIC_FRONT_URL: "$" + "{PUBLIC_FRONT_URL}",
  STORAGE_TYPE: "$" + "{STORAGE_TYPE}",
  MAIL_RECIPIENTS: "$" + "{MAIL_RECIPIENTS}",
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function readKnobs(env: Environment): Knobs {
  return {
    bootMs: decimal(env, "STANDIN_BOOT_MS", 2500),
    migrationMs: decimal(env, "STANDIN_MIGRATION_MS", 2500),
    waitFactor: decimal(env, "STANDIN_WAIT_FACTOR", 1),
  };
}

/** Everything that the start reads from its environment; throws the first fault that the original would stop at. */
export function readSettings(env: Environment): Settings {
  refuseUnresolved(env);
  checkStorageType(text(env, "STORAGE_TYPE"));
  const knobs = readKnobs(env);
  return {
    port: integer(env, "SERVER_PORT", 8080),
    address: optional(env, "SERVER_ADDRESS"),
    database: databaseSettings(env, knobs.waitFactor),
    jwt: {
      key: signingKey(text(env, "JWT_SECRET_KEY")),
      lifeMs: integer(env, "JWT_EXPIRE_LENGTH", 1_800_000),
      refreshLifeMs: integer(env, "JWT_REFRESH_EXPIRE_LENGTH", 604_800_000),
    },
    publicApiUrl: text(env, "PUBLIC_API_URL"),
    publicFrontUrl: text(env, "PUBLIC_FRONT_URL"),
    passwords: {
      minLength: integer(env, "PASSWORD_MIN_LENGTH", 12),
      maxLength: integer(env, "PASSWORD_MAX_LENGTH", 128),
      refuseCommon: flag(env, "PASSWORD_CHECK_COMMON", true),
    },
    invitationViaEmail: flag(env, "INVITATION_VIA_EMAIL", false),
    allowedOrganizationAdmins: list(env, "ALLOWED_ORGANIZATION_ADMINS"),
    mail: mailSettings(env),
    cors: flag(env, "ENABLE_CORS", true),
    rateLimits: rateLimitSettings(env),
    ingress: {
      singleIngress: flag(env, "SINGLE_INGRESS", true),
      trustedProxies: parseTrustedProxies(text(env, "TRUSTED_PROXY_IPS")),
    },
    minio: minioSettings(env),
    licence: readLicence(text(env, "LICENSE_KEY"), list(env, "STANDIN_LICENSE")),
    apiDocs: flag(env, "SPRINGDOC_API_DOCS_ENABLED", true),
    swaggerUi: flag(env, "SPRINGDOC_SWAGGER_UI_ENABLED", true),
    knobs,
  };
}

function refuseUnresolved(env: Environment): void {
  for (const [name, value] of Object.entries(REQUIRED)) {
    if (env[name] === undefined) {
      throw new StartFailure(`Could not resolve placeholder '${name}' in value "${value}"`);
    }
  }
}

function checkStorageType(value: string): void {
  if (["minio", "gcp"].includes(value.toLowerCase())) return;
  throw new StartFailure(`No enum constant com.grash.model.enums.StorageType.${value}`);
}

const DB_URL = /^(\[[^\]]+\]|[^/?:\s]+)(?::(\d+))?\/([^/?]+)(?:\?(.*))?$/;

function databaseSettings(env: Environment, waitFactor: number): DatabaseSettings {
  const url = text(env, "DB_URL");
  const match = DB_URL.exec(url);
  if (!match)
    throw new StartFailure(
      `Driver org.postgresql.Driver claims to not accept jdbcUrl, jdbc:postgresql://${url}`,
    );
  const [, host = "", port, name = "", query] = match;
  const timeout = integer(env, "SPRING_DATASOURCE_HIKARI_CONNECTION_TIMEOUT", 30_000);
  return {
    host: host.replace(/^\[|\]$/g, ""),
    port: Number(port ?? 5432),
    name: decodeURIComponent(name),
    user: text(env, "DB_USER"),
    password: text(env, "DB_PWD"),
    ssl: sslSettings(new URLSearchParams(query).get("sslmode")),
    acquireTimeoutMs: timeout * waitFactor,
  };
}

/** pgjdbc's sslmode; `prefer` and `allow` fall back to plain text, which a server on a private network answers. */
function sslSettings(mode: string | null): DatabaseSettings["ssl"] {
  if (mode === "require") return { rejectUnauthorized: false };
  return mode === "verify-ca" || mode === "verify-full" ? { rejectUnauthorized: true } : false;
}

function mailSettings(env: Environment): MailSettings {
  const sendgrid = text(env, "MAIL_TYPE").toUpperCase() === "SENDGRID";
  return {
    enabled: flag(env, "ENABLE_EMAIL_NOTIFICATIONS", false),
    healthCheck: flag(env, "ENABLE_MAIL_HEALTH_CHECK", true),
    smtp: sendgrid ? undefined : smtpSettings(env),
  };
}

/** Two of Spring's own variables besides: for a server without sign-in, and for one with TLS from the first byte. */
function smtpSettings(env: Environment): SmtpSettings {
  const user = text(env, "SMTP_USER");
  return {
    host: optional(env, "SMTP_HOST") ?? "smtp.gmail.com",
    port: integer(env, "SMTP_PORT", 587),
    tls: flag(env, "SPRING_MAIL_PROPERTIES_MAIL_SMTP_SSL_ENABLE", false),
    signIn: flag(env, "SPRING_MAIL_PROPERTIES_MAIL_SMTP_AUTH", true),
    user,
    password: text(env, "SMTP_PWD"),
    from: optional(env, "SMTP_FROM") ?? user,
  };
}

function rateLimitSettings(env: Environment): RateLimitSettings {
  const windows = (who: string, short: number, long: number): Bandwidth[] => [
    {
      capacity: integer(env, `RATE_LIMIT_${who}_SHORT`, short),
      periodMs: integer(env, `RATE_LIMIT_${who}_SHORT_PERIOD`, 1) * MINUTE,
    },
    {
      capacity: integer(env, `RATE_LIMIT_${who}_LONG`, long),
      periodMs: integer(env, `RATE_LIMIT_${who}_LONG_PERIOD`, 1) * HOUR,
    },
  ];
  return {
    enabled: flag(env, "RATE_LIMIT_ENABLED", true),
    anonymous: windows("UNAUTHENTICATED", 20, 80),
    authenticated: windows("AUTHENTICATED", 100, 1000),
    upload: windows("FILE_UPLOAD_AUTH", 20, 200),
  };
}

/** Storage exists only when every one of its variables has a value. */
function minioSettings(env: Environment): MinioSettings | undefined {
  if (text(env, "STORAGE_TYPE").toLowerCase() !== "minio") return undefined;
  const names = ["ENDPOINT", "BUCKET", "ACCESS_KEY", "SECRET_KEY"].map((part) => `MINIO_${part}`);
  if ([...names, "PUBLIC_MINIO_ENDPOINT"].some((name) => text(env, name) === "")) return undefined;
  return {
    endpoint: text(env, "MINIO_ENDPOINT"),
    publicEndpoint: text(env, "PUBLIC_MINIO_ENDPOINT"),
    bucket: text(env, "MINIO_BUCKET"),
    accessKey: text(env, "MINIO_ACCESS_KEY"),
    secretKey: text(env, "MINIO_SECRET_KEY"),
  };
}

function text(env: Environment, name: string): string {
  return env[name] ?? "";
}

function optional(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

function list(env: Environment, name: string): string[] {
  const entries = text(env, name).split(",");
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
}

function integer(env: Environment, name: string, fallback: number): number {
  const value = text(env, name).trim();
  if (value === "") return fallback;
  if (/^[+-]?\d+$/.test(value)) return Number(value);
  throw new StartFailure(
    `Failed to convert value of type 'java.lang.String' to required type 'long' (${name}); For input string: "${value}"`,
  );
}

function decimal(env: Environment, name: string, fallback: number): number {
  const value = text(env, name).trim();
  const number = value === "" ? fallback : Number(value);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new StartFailure(`${name} must be a number >= 0`);
}

function flag(env: Environment, name: string, fallback: boolean): boolean {
  const value = text(env, name).trim().toLowerCase();
  if (value === "") return fallback;
  if (["true", "on", "yes", "1"].includes(value)) return true;
  if (["false", "off", "no", "0"].includes(value)) return false;
  throw new StartFailure(`Invalid boolean value [${value}] (${name})`);
}
