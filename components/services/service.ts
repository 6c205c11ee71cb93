// What runs, as data. A host turns a Service into containers; nothing in this folder makes a resource.
import type { Input } from "@pulumi/pulumi";

export const serviceNames = ["postgres", "backend", "frontend", "storage", "ingress"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Networks of a deployment: the proxy shares `web` with what it serves; databases are on `data` only. */
export type Network = "web" | "data";

export interface Service {
  /** Also its host name on its networks. */
  name: ServiceName;
  image: string;
  /** Instead of the image's entry point, which is kept where it is missing here. */
  entrypoint?: string[];
  /** Instead of the image's command. */
  command?: string[];
  /** User inside the container, if it is not the image's own. */
  user?: string;
  env: Record<string, Input<string>>;
  files: { path: string; content: string }[];
  volumes: { name: string; path: string }[];
  ports: Port[];
  networks: Network[];
  /** Names that the container resolves by itself. */
  hosts: { name: string; address: string }[];
  /** Hard limit without swap. */
  memoryMiB: number;
  /** Linux capabilities kept; all others are dropped. */
  capabilities: string[];
  healthcheck: Healthcheck;
  stop: { signal: string; graceSeconds: number };
}

export interface Port {
  address: string;
  published: number;
  target: number;
  /** tcp where it is missing. */
  protocol?: "udp";
}

export interface Healthcheck {
  /** A line for the container's shell. */
  shell: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  retries: number;
  /** Failures in this time after the start do not count. */
  startPeriodSeconds: number;
}
