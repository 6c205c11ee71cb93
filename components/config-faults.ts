// How a wrong configuration is told: key, value, reason, and the command that mends it.
import type { z } from "zod";
import { hostConflicts } from "./config-faults-host.ts";
import { type Parsed, schema, secretKeysOnly, secretNames } from "./config-schema.ts";
import { notifiesByMail } from "./mail-server.ts";
import { serviceNames } from "./services/service.ts";

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

/** Faults that no key shows by itself. */
export function conflicts(config: Partial<Parsed>, secretKeys: ReadonlySet<string>): Fault[] {
  const clear = secretKeysOnly.filter((key) => config[key] !== undefined && !secretKeys.has(key));
  const faults: Fault[] = clear.map((key) => ({
    key: `atlas:${key}`,
    value: "[secret]",
    reason: "is stored in the clear",
    mend: `pulumi config set --secret ${key === "backupStorage" ? "--path atlas:backupStorage.secretAccessKey" : `atlas:${key}`}`,
  }));
  const backend = config.backendEnv ?? {};
  if (notifiesByMail(backend) && !backend.SMTP_HOST && !/sendgrid/i.test(backend.MAIL_TYPE ?? ""))
    faults.push({
      key: "atlas:backendEnv.ENABLE_EMAIL_NOTIFICATIONS",
      value: "true",
      reason: "without a mail server Atlas refuses work orders that notify somebody",
      mend: "pulumi config set --path atlas:backendEnv.SMTP_HOST mail.plant.example",
    });
  if (backend.STORAGE_TYPE !== undefined && !/^(minio|gcp)$/i.test(backend.STORAGE_TYPE))
    faults.push({
      key: "atlas:backendEnv.STORAGE_TYPE",
      value: secretKeys.has("backendEnv") ? "[secret]" : backend.STORAGE_TYPE,
      reason: "must be minio or gcp: Atlas does not start with anything else",
      mend: "pulumi config rm --path atlas:backendEnv.STORAGE_TYPE",
    });
  faults.push(...hostConflicts(config, secretKeys));
  if (config.postgresPort && publicPorts(config).includes(config.postgresPort))
    faults.push({
      key: "atlas:postgresPort",
      value: String(config.postgresPort),
      reason: `is the port of ${config.domain ? "atlas:domain" : "atlas:publicUrl"} as well`,
      mend: "pulumi config set atlas:postgresPort 5433",
    });
  return faults;
}

const publicPorts = ({ host, domain, publicUrl }: Partial<Parsed>): number[] => {
  if (host === "droplet" && domain) return [80, 443];
  if (publicUrl) return [Number(publicUrl.port || 80)];
  return host === "docker" ? [8080] : [];
};

const examples: Record<string, string> = {
  publicUrl: "http://localhost:8080",
  adminEmail: "you@plant.example",
  postgresPort: "5433",
  storage: "true",
  smoke: "on-change",
  organization: "'My organisation'",
  imageMirror: "registry.plant.example:5000",
  namePrefix: "atlas-dev",
  host: "docker",
  domain: "atlas.plant.example",
  dnsZone: "plant.example",
  withoutHttps: "''",
  sshFrom: "'[\"203.0.113.7/32\"]'",
  region: "fra1",
  dropletSize: "s-2vcpu-4gb",
  dropletImage: "debian-13-x64",
  volumeSize: "20",
  backups: "weekly",
  alertEmail: "you@plant.example",
  replaceDroplet: "false",
  monthlyBudget: "40",
  warnAt: "80",
  backupsWaiver: "'the volume is copied elsewhere every night'",
  priceBookMaxAge: "120",
  alertWebhook: "https://hooks.plant.example/atlas",
};

/** What is wrong with a value of the key `top`. */
export function faultsOf(
  top: string,
  issue: z.core.$ZodIssue,
  values: Record<string, string>,
  secretKeys: ReadonlySet<string>,
): Fault[] {
  const path = [top, ...issue.path.map(String)];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((name) => unknownKey([...path, name], values));
  const key = `atlas:${path.join(".")}`;
  const secret = secretKeys.has(top) || secretKeysOnly.some((key) => key === top);
  const value = secret ? "[secret]" : (valueAt(path, values) ?? "(not set)") || "(empty)";
  return [{ key, value, reason: issue.message, mend: mendFor(path, issue.message, secret) }];
}

const entryExamples: Record<string, string> = {
  memory: "1024",
  rotate: "1",
  images: "IMAGE:VERSION",
  sshFrom: "203.0.113.7/32",
  keepBackups: "7",
};

function mendFor(path: string[], reason: string, secret: boolean): string {
  const [top = "", ...rest] = path;
  if (rest.length === 0 && reason.includes("--path")) return `pulumi config rm atlas:${top}`;
  if (rest.length === 0 && secret) return `pulumi config set --secret atlas:${top}`;
  if (rest.length === 0) return `pulumi config set atlas:${top} ${examples[top] ?? "VALUE"}`;
  if (top.endsWith("Env")) return `pulumi config rm --path ${pathText(path)}`;
  return `pulumi config set --path ${pathText(path)} ${entryExamples[top] ?? "VALUE"}`;
}

/** A name with a dot or a bracket in it must be quoted, or Pulumi takes it for several steps; a place in a list has no quotes. */
function pathText([top, ...rest]: string[]): string {
  if (top === "sshFrom") return `'atlas:${top}[${rest.join("][")}]'`;
  if (rest.every((part) => !/[."[\]]/.test(part))) return `atlas:${[top, ...rest].join(".")}`;
  return `'atlas:${top}${rest.map((part) => `[${JSON.stringify(part)}]`).join("")}'`;
}

/** A key, or an entry of an object, that nothing reads. */
export function unknownKey(path: string[], values: Record<string, string>): Fault {
  const known =
    path.length === 1 ? Object.keys(schema) : path[0] === "rotate" ? [...secretNames] : [...serviceNames];
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
