// Services as a compose document: Docker Compose runs from it what DockerHost runs without it.
import { createHash } from "node:crypto";
import type { Unwrap } from "@pulumi/pulumi";
import type { Healthcheck, Service } from "../services/service.ts";
import { droppedCapabilities, logging, restartPolicy, securityOptions } from "./policy.ts";

/** A service whose secrets the caller has resolved: they stand in the document in the clear. */
export type ResolvedService = Unwrap<Service>;

export interface ComposeDocument {
  name: string;
  services: Record<string, ComposeService>;
  networks: Record<string, { name: string }>;
  volumes: Record<string, { name: string }>;
  configs: Record<string, { content: string }>;
}

export interface ComposeService {
  container_name: string;
  image: string;
  entrypoint?: string[];
  command?: string[];
  user?: string;
  environment: Record<string, string>;
  configs: { source: string; target: string }[];
  volumes: { type: "volume"; source: string; target: string }[];
  ports: { target: number; published: string; host_ip: string; protocol: "tcp" | "udp" }[];
  networks: Record<string, { aliases: string[] }>;
  extra_hosts: Record<string, string>;
  mem_limit: string;
  memswap_limit: string;
  cap_drop: string[];
  cap_add: string[];
  security_opt: string[];
  healthcheck: {
    test: string[];
    interval: string;
    timeout: string;
    start_period: string;
    retries: number;
  };
  logging: { driver: string; options: Record<string, string> };
  restart: string;
  stop_signal: string;
  stop_grace_period: string;
}

/**
 * Everything that Compose needs to run the services; needs Compose 2.23.1 or later (configs with content).
 * @param options.namePrefix name of the project, and prefix of the names of containers, networks and volumes
 */
export function composeDocument(
  services: ResolvedService[],
  { namePrefix }: { namePrefix: string },
): ComposeDocument {
  const named = (names: string[]) =>
    Object.fromEntries([...new Set(names)].sort().map((name) => [name, { name: `${namePrefix}-${name}` }]));
  return literally({
    name: namePrefix,
    services: Object.fromEntries(
      services.map((service) => [service.name, composeService(service, namePrefix)]),
    ),
    networks: named(services.flatMap((service) => service.networks)),
    volumes: named(services.flatMap((service) => service.volumes.map((volume) => volume.name))),
    configs: Object.fromEntries(
      services.flatMap((service) =>
        service.files.map((file) => [configName(service, file), { content: file.content }]),
      ),
    ),
  });
}

function composeService(service: ResolvedService, namePrefix: string): ComposeService {
  const memory = `${service.memoryMiB}m`;
  return {
    container_name: `${namePrefix}-${service.name}`,
    image: service.image,
    ...(service.entrypoint && { entrypoint: service.entrypoint }),
    ...(service.command && { command: service.command }),
    ...(service.user && { user: service.user }),
    environment: service.env,
    configs: service.files.map((file) => ({ source: configName(service, file), target: file.path })),
    volumes: service.volumes.map(({ name, path }) => ({ type: "volume", source: name, target: path })),
    ports: service.ports.map(({ address, published, target, protocol = "tcp" as const }) => ({
      target,
      published: String(published),
      host_ip: address,
      protocol,
    })),
    networks: Object.fromEntries(service.networks.map((network) => [network, { aliases: [service.name] }])),
    extra_hosts: Object.fromEntries(service.hosts.map(({ name, address }) => [name, address])),
    mem_limit: memory,
    memswap_limit: memory,
    cap_drop: droppedCapabilities,
    cap_add: service.capabilities,
    security_opt: securityOptions,
    healthcheck: healthcheck(service.healthcheck),
    logging,
    restart: restartPolicy,
    stop_signal: service.stop.signal,
    stop_grace_period: `${service.stop.graceSeconds}s`,
  };
}

const healthcheck = (check: Healthcheck): ComposeService["healthcheck"] => ({
  test: ["CMD-SHELL", check.shell],
  interval: `${check.intervalSeconds}s`,
  timeout: `${check.timeoutSeconds}s`,
  start_period: `${check.startPeriodSeconds}s`,
  retries: check.retries,
});

/** The content is part of the name: Compose makes a container anew for another name, not for another content. */
function configName(service: ResolvedService, { path, content }: { path: string; content: string }): string {
  const digest = createHash("sha256").update(path).update("\0").update(content).digest("hex");
  return `${service.name}-${digest.slice(0, 12)}`;
}

/** Compose replaces $NAME in every value by a variable of its own environment; $$ stands for the character. */
function literally<T>(value: T): T;
function literally(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map((item) => literally(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literally(item)]));
}
