// The one place that reads configuration: stack file or environment in, typed values or a list of faults out.
import * as pulumi from "@pulumi/pulumi";
import { ConfigFaults, conflicts, type Fault, faultsOf, unknownKey } from "./config-faults.ts";
import { nameFaults } from "./config-faults-host.ts";
import { type Parsed, type SecretName, schema, secretKeysOnly, variableName } from "./config-schema.ts";
import type { Budget } from "./cost/budget.ts";
import type { ServiceName } from "./services/service.ts";

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
  /** What a month may cost; undefined where nobody set a limit. */
  budget: Budget | undefined;
  /** Where backups are kept besides. */
  backupStorage: Parsed["backupStorage"];
  /** Instead of a generated one: of the stack that made the backups. */
  backupKey: string | undefined;
  keepBackups: Parsed["keepBackups"];
  /** Empty where no alert goes anywhere but to mail. */
  alertWebhook: string;
  /** Days after which the price book counts as old. */
  priceBookMaxAge: number;
  /** Set where Atlas runs on a DigitalOcean droplet; otherwise it runs on local Docker. */
  droplet: DropletConfig | undefined;
}

export interface DropletConfig {
  /** Slugs of DigitalOcean. */
  region: string;
  size: string;
  image: string;
  /** GiB of the volume that holds all data. */
  volumeSize: number;
  backups: "off" | "weekly" | "daily";
  /** Why there are none, in the operator's words. */
  backupsWaiver: string;
  /** Networks that may use ssh, in CIDR form. */
  sshFrom: string[];
  /** A zone that DigitalOcean's name servers hold; empty where the name is somebody else's to point. */
  dnsZone: string;
  alertEmail: string;
  /** Another authority than Let's Encrypt, and its root where machines do not know it. */
  acme: { directory: string; root: string };
  /** Lets a changed image or first-boot script make a new droplet in this run. */
  replace: boolean;
}

const keys = Object.keys(schema) as (keyof typeof schema)[];

/** What was set. Keys are without the `atlas:` prefix. */
export interface RawConfig {
  values: Record<string, string>;
  /** Keys whose value, or part of it, is stored encrypted. */
  secretKeys: ReadonlySet<string>;
  stack: string;
  /** Faults of the way in which values were given. */
  faults?: Fault[];
}

/**
 * Validates a stack's configuration.
 * @throws ConfigFaults naming every wrong key, its value (never a secret one) and the command that mends it
 */
export function parseConfig({ values, secretKeys, stack, faults: before = [] }: RawConfig): AtlasConfig {
  const unknown = Object.keys(values).filter((key) => !Object.hasOwn(schema, key));
  const faults = [...before, ...unknown.map((key) => unknownKey([key], values))];
  const parsed: Record<string, unknown> = {};
  for (const key of keys) {
    const result = schema[key].safeParse(values[key]);
    if (result.success) parsed[key] = result.data;
    else faults.push(...result.error.issues.flatMap((issue) => faultsOf(key, issue, values, secretKeys)));
  }
  faults.push(...conflicts(parsed as Partial<Parsed>, secretKeys));
  if (parsed.host === "droplet") faults.push(...nameFaults(String(parsed.namePrefix || `atlas-${stack}`)));
  if (faults.length > 0) throw new ConfigFaults(faults);
  const config = parsed as Parsed;
  return {
    publicUrl: publicUrlOf(config),
    adminEmail: config.adminEmail,
    adminPassword: config.adminPassword,
    organization: config.organization,
    postgresPort: config.postgresPort,
    storage: config.storage,
    images: config.images,
    imageMirror: config.imageMirror,
    memory: config.memory,
    backendEnv: config.backendEnv,
    frontendEnv: config.frontendEnv,
    secretEnv: { backend: secretKeys.has("backendEnv"), frontend: secretKeys.has("frontendEnv") },
    rotate: config.rotate,
    smoke: config.smoke,
    namePrefix: config.namePrefix || `atlas-${stack}`,
    budget: config.monthlyBudget && { monthly: config.monthlyBudget, warnAt: config.warnAt },
    backupStorage: config.backupStorage,
    backupKey: config.backupKey,
    keepBackups: config.keepBackups,
    alertWebhook: config.alertWebhook,
    priceBookMaxAge: config.priceBookMaxAge,
    droplet: config.host === "droplet" ? dropletOf(config) : undefined,
  };
}

const publicUrlOf = ({ domain, publicUrl }: Parsed): URL =>
  domain ? new URL(`https://${domain}`) : (publicUrl ?? new URL("http://localhost:8080"));

const dropletOf = (config: Parsed): DropletConfig => ({
  region: config.region,
  size: config.dropletSize,
  image: config.dropletImage,
  volumeSize: config.volumeSize,
  backups: config.backups,
  backupsWaiver: config.backupsWaiver,
  sshFrom: config.sshFrom,
  dnsZone: config.dnsZone,
  alertEmail: config.alertEmail || config.adminEmail,
  acme: { directory: config.acmeDirectory, root: config.acmeRoot },
  replace: config.replaceDroplet,
});

/**
 * Reads the current stack's configuration. A variable such as ATLAS_CONFIG_PUBLIC_URL overrides `atlas:publicUrl`
 * for one run; objects are given there as JSON.
 * @throws pulumi.RunError with all faults
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): AtlasConfig {
  const stack = pulumi.getStack();
  const fromStack = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith("atlas:"))
    .map(([key, value]) => [key.slice("atlas:".length), value] as const);
  // The engine tells here which keys hold encrypted values; the SDK has no public call for it.
  const encrypted = JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
  const { overrides, faults } = environmentOverrides(env);
  const secretKeys = new Set([
    ...encrypted.map((key) => key.replace(/^atlas:/, "")),
    // The environment does not say what is secret: what may be, is taken for it.
    ...Object.keys(overrides).filter(
      (key) => key.endsWith("Env") || secretKeysOnly.some((secret) => secret === key),
    ),
  ]);
  try {
    return parseConfig({
      values: { ...Object.fromEntries(fromStack), ...overrides },
      secretKeys,
      stack,
      faults,
    });
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    const from = Object.keys(overrides).map(variableName).join(", ");
    const note = from === "" ? "" : `\n  set by the environment, which comes first: ${from}`;
    throw new pulumi.RunError(`stack ${stack}: ${error.message}${note}`);
  }
}

function environmentOverrides(env: NodeJS.ProcessEnv): {
  overrides: Record<string, string>;
  faults: Fault[];
} {
  const overrides: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("ATLAS_CONFIG_") || value === undefined) continue;
    const key = keys.find((candidate) => variableName(candidate) === name);
    if (key) overrides[key] = value;
    else
      faults.push({
        key: name,
        value: "(a value)",
        reason: `stands for no key of this project; known are ${keys.map(variableName).join(", ")}`,
        mend: `unset ${name}`,
      });
  }
  return { overrides, faults };
}
