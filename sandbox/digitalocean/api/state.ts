// The books: what every account has. Plain data, kept in one file.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Fault } from "./faults.ts";
import type { Job } from "./jobs.ts";

export interface BackupPolicy {
  plan: "daily" | "weekly";
  weekday?: string | undefined;
  hour: number;
}

export interface Droplet {
  id: number;
  name: string;
  region: string;
  size: string;
  /** Slug of the image. */
  image: string;
  memory: number;
  vcpus: number;
  /** GB; larger than the size's after a permanent resize and a step back. */
  disk: number;
  status: "new" | "active" | "off" | "archive";
  created_at: string;
  backup_policy?: BackupPolicy | undefined;
  monitoring: boolean;
  public_networking: boolean;
  tags: string[];
  vpc_uuid: string;
  public_address: string;
  private_address: string;
  ipv6_address?: string | undefined;
  user_data: string;
  /** OpenSSH lines, as they were when the droplet was made. */
  public_keys: string[];
  /** Whether there is a machine behind it; not so while it is made, and after the faults of that kind. */
  has_machine: boolean;
}

export interface Volume {
  id: string;
  name: string;
  region: string;
  size_gigabytes: number;
  description: string;
  filesystem_type: "" | "ext4" | "xfs";
  filesystem_label: string;
  tags: string[];
  created_at: string;
  droplet_id?: number | undefined;
}

export interface Snapshot {
  /** UUID of a volume's, number of a droplet's. */
  id: string;
  name: string;
  created_at: string;
  region: string;
  resource_id: string;
  resource_type: "volume" | "droplet";
  min_disk_size: number;
  size_gigabytes: number;
  tags: string[];
}

export interface SshKey {
  id: number;
  name: string;
  fingerprint: string;
  public_key: string;
}

export interface Peers {
  addresses?: string[] | undefined;
  droplet_ids?: number[] | undefined;
  load_balancer_uids?: string[] | undefined;
  kubernetes_ids?: string[] | undefined;
  tags?: string[] | undefined;
}

export interface FirewallRule {
  protocol: "tcp" | "udp" | "icmp";
  /** "0" means all. */
  ports: string;
  /** Sources of an inbound rule, destinations of an outbound one. */
  peers: Peers;
}

export interface Firewall {
  id: string;
  name: string;
  status: "waiting" | "succeeded" | "failed";
  created_at: string;
  inbound: FirewallRule[];
  outbound: FirewallRule[];
  droplet_ids: number[];
  tags: string[];
  pending: { droplet_id: number; removing: boolean; status: string }[];
}

export interface ReservedIp {
  ip: string;
  region: string;
  droplet_id?: number | undefined;
}

export interface Vpc {
  id: string;
  name: string;
  description: string;
  region: string;
  ip_range: string;
  default: boolean;
  created_at: string;
}

export interface DomainRecord {
  id: number;
  type: string;
  name: string;
  data: string;
  priority?: number | undefined;
  port?: number | undefined;
  ttl: number;
  weight?: number | undefined;
  flags?: number | undefined;
  tag?: string | undefined;
}

export interface Domain {
  name: string;
  ttl: number;
  records: DomainRecord[];
}

export interface Project {
  id: string;
  name: string;
  description: string;
  purpose: string;
  environment: string;
  is_default: boolean;
  created_at: string;
  updated_at: string;
}

export interface AlertPolicy {
  uuid: string;
  type: string;
  description: string;
  compare: string;
  value: number;
  window: string;
  entities: string[];
  tags: string[];
  alerts: { email: string[]; slack: { channel: string; url: string }[] };
  enabled: boolean;
}

export interface UptimeAlert {
  id: string;
  name: string;
  type: string;
  threshold?: number | undefined;
  comparison?: string | undefined;
  period?: string | undefined;
  notifications: { email: string[]; slack: { channel: string; url: string }[] };
}

export interface UptimeCheck {
  id: string;
  name: string;
  type: "ping" | "http" | "https";
  target: string;
  regions: string[];
  enabled: boolean;
  alerts: UptimeAlert[];
  /** What was seen at the last look, and since when. */
  seen?: { up: boolean; since: string } | undefined;
  outage?: { started_at: string; ended_at: string } | undefined;
}

export interface Action {
  id: number;
  status: "in-progress" | "completed" | "errored";
  type: string;
  started_at: string;
  completed_at: string | null;
  resource_id: number | null;
  resource_type: string;
  region: string;
  /** What it works on; nothing else may begin there meanwhile. */
  droplet_id?: number | undefined;
  volume_id?: string | undefined;
  ip?: string | undefined;
  job: Job;
  delay_ms: number;
}

export interface Account {
  uuid: string;
  number: number;
  created_at: string;
  droplets: Droplet[];
  volumes: Volume[];
  snapshots: Snapshot[];
  keys: SshKey[];
  firewalls: Firewall[];
  reserved_ips: ReservedIp[];
  vpcs: Vpc[];
  /** In the spelling of their first use. */
  tags: string[];
  domains: Domain[];
  projects: Project[];
  /** Resources that are not in the default project: URN -> project and since when. */
  assigned: Record<string, { project: string; at: string }>;
  alert_policies: AlertPolicy[];
  checks: UptimeCheck[];
  actions: Action[];
  faults: Fault[];
}

export const newAccount = (own: Pick<Account, "uuid" | "number" | "created_at" | "projects">): Account => ({
  ...own,
  droplets: [],
  volumes: [],
  snapshots: [],
  keys: [],
  firewalls: [],
  reserved_ips: [],
  vpcs: [],
  tags: [],
  domains: [],
  assigned: {},
  alert_policies: [],
  checks: [],
  actions: [],
  faults: [],
});

export interface State {
  /** By SHA-256 of the token: the tokens themselves are not kept. */
  accounts: Record<string, Account>;
  /** Names at a registrar elsewhere. */
  dns: Record<string, string>;
  /** The last number given out of each kind. */
  counters: {
    account: number;
    droplet: number;
    action: number;
    key: number;
    record: number;
    snapshot: number;
    publicHost: number;
    reservedHost: number;
  };
}

const empty = (): State => ({
  accounts: {},
  dns: {},
  counters: {
    account: 0,
    droplet: 412_000_000,
    action: 2_100_000_000,
    key: 41_000_000,
    record: 1_700_000_000,
    snapshot: 190_000_000,
    publicHost: 1,
    reservedHost: 1,
  },
});

export function openState(folder: string): { state: State; save: () => void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "state.json");
  const state: State = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : empty();
  // Renamed into place: a process that is killed leaves the old file or the new one. User data is in there.
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  return { state, save };
}

/** The next number of a kind, over all accounts. */
export function next(state: State, counter: keyof State["counters"]): number {
  state.counters[counter] += 1;
  return state.counters[counter];
}
