/** The API's objects, as far as the provider reads them. */

export interface Droplet {
  id: number;
  name: string;
  memory: number;
  vcpus: number;
  disk: number;
  locked: boolean;
  status: string;
  created_at: string;
  features?: string[];
  volume_ids?: string[];
  image?: { id: number; slug?: string | null };
  size?: { slug: string; price_monthly: number; price_hourly: number };
  size_slug: string;
  networks?: { v4?: Address[]; v6?: Address[] };
  region?: { slug: string };
  tags?: string[];
  vpc_uuid?: string;
  gpu_partition_mode?: string;
}

export interface Address {
  ip_address: string;
  type: string;
}

export interface Action {
  id: number;
  status: string;
  completed_at?: string | null;
}

export interface Volume {
  id: string;
  name: string;
  region: { slug: string };
  size_gigabytes: number;
  description?: string;
  droplet_ids?: number[] | null;
  filesystem_type?: string;
  filesystem_label?: string;
  tags?: string[] | null;
}

export interface Snapshot {
  id: string;
  name: string;
  resource_id: string;
  regions: string[];
  size_gigabytes: number;
  created_at: string;
  min_disk_size: number;
  tags?: string[] | null;
}

export interface Firewall {
  id: string;
  name: string;
  status: string;
  created_at: string;
  droplet_ids?: number[] | null;
  tags?: string[] | null;
  inbound_rules?: Rule[] | null;
  outbound_rules?: Rule[] | null;
  pending_changes?: { droplet_id: number; removing: boolean; status: string }[] | null;
}

export interface Rule {
  protocol: string;
  ports?: string;
  action?: string;
  sources?: Peers;
  destinations?: Peers;
}

export interface Peers {
  addresses?: string[];
  droplet_ids?: number[];
  load_balancer_uids?: string[];
  kubernetes_ids?: string[];
  tags?: string[];
}

export interface SshKey {
  id: number;
  name: string;
  fingerprint: string;
  public_key: string;
}

export interface ReservedIp {
  ip: string;
  region: { slug: string };
  droplet?: { id: number; region?: { slug: string } } | null;
}

export interface Vpc {
  id: string;
  name: string;
  region: string;
  description?: string;
  ip_range: string;
  urn: string;
  default: boolean;
  created_at: string;
}

export interface Tag {
  name: string;
  resources: { count: number } & Partial<Record<TaggedKind, { count: number }>>;
}
export type TaggedKind = "droplets" | "images" | "volumes" | "volume_snapshots" | "databases";

export interface Domain {
  name: string;
  ttl: number | null;
  zone_file?: string;
}

export interface DomainRecord {
  id: number;
  type: string;
  name: string;
  data: string;
  priority?: number | null;
  port?: number | null;
  ttl: number;
  weight?: number | null;
  flags?: number | null;
  tag?: string | null;
}

export interface Project {
  id: string;
  name: string;
  purpose: string;
  description: string;
  environment: string;
  is_default: boolean;
  owner_id: number;
  owner_uuid: string;
  created_at: string;
  updated_at: string;
}

export interface Notifications {
  email?: string[] | null;
  slack?: { channel: string; url: string }[] | null;
}

export interface AlertPolicy {
  uuid: string;
  type: string;
  description: string;
  compare: string;
  value: number;
  window: string;
  enabled: boolean;
  entities?: string[] | null;
  tags?: string[] | null;
  alerts: Notifications;
}

export interface UptimeCheck {
  id: string;
  name: string;
  type: string;
  target: string;
  regions?: string[] | null;
  enabled: boolean;
}

export interface UptimeAlert {
  id: string;
  name: string;
  type: string;
  threshold?: number;
  comparison?: string;
  period?: string;
  notifications?: Notifications | null;
}
