// Runs services as containers of a Docker engine, with the docker provider.
import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Network, Service } from "../services/service.ts";
import type { Services } from "../services/services.ts";
import { type Host, listed, type Running, type Steps } from "./host.ts";
import { deploymentLabel, type LeftoverHooks, leftoverHooks } from "./leftovers.ts";
import { droppedCapabilities, imageLabel, logging, restartPolicy, securityOptions } from "./policy.ts";

export interface DockerHostArgs {
  /** Prefix of the names of containers, networks and volumes, so that deployments live side by side. */
  namePrefix: string;
  /** Marks what belongs to this deployment, so that what a killed run left is told from other people's containers. */
  deploymentId: pulumi.Input<string>;
}

interface StartOptions {
  after?: pulumi.Resource[];
  /** The public must stay out until the bootstrap has looked at the new container. */
  shutsDoor?: boolean;
}

export class DockerHost extends pulumi.ComponentResource implements Host {
  /** As in the provider's configuration `docker:host`; undefined means the docker command's own default. */
  readonly engine: string | undefined = new pulumi.Config("docker").get("host");
  private readonly name: string;
  private readonly namePrefix: string;
  private readonly deploymentId: pulumi.Input<string>;
  private readonly hooks: LeftoverHooks;
  private readonly networks: Record<Network, docker.Network>;

  constructor(name: string, args: DockerHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("atlas:hosts:DockerHost", name, {}, opts);
    this.name = name;
    this.namePrefix = args.namePrefix;
    this.deploymentId = args.deploymentId;
    this.hooks = leftoverHooks(name, `${args.namePrefix}-ingress`, { host: this.engine });
    this.networks = { web: this.network("web"), data: this.network("data") };
    this.registerOutputs({});
  }

  containerName(service: Service): string {
    return `${this.namePrefix}-${service.name}`;
  }

  run(services: Services, { upgrade, bootstrap }: Steps): Running {
    // Pulled before anything stops: a container only changes once its new image is here.
    const images = new Map(listed(services).map((service) => [service.name, this.image(service)]));
    const prepared = upgrade([...images.values()]);
    const start = (service: Service, { after = [], shutsDoor = false }: StartOptions = {}) =>
      this.container(service, images.get(service.name)?.imageId ?? "", {
        dependsOn: [prepared, ...after],
        shutsDoor,
      });
    // A new database may be one that nobody has locked yet.
    const postgres = start(services.postgres, { shutsDoor: true });
    const storage = services.storage && start(services.storage);
    // Not after PostgreSQL: the backend waits for it by itself, also when the machine starts without Pulumi.
    const backend = start(services.backend);
    const frontend = start(services.frontend);
    const door = bootstrap({
      databaseId: postgres.id,
      backendId: backend.id,
      resources: [backend, ...(storage ? [storage] : [])],
    });
    // The public door opens only now: before, the default super administrator's password works.
    const ingress = start(services.ingress, { after: [door, frontend] });
    return {
      identities: [postgres, storage, backend, frontend, ingress].flatMap((container) => container?.id ?? []),
      resources: [ingress, door],
    };
  }

  /** Runs a service; it is replaced when its specification changes. */
  private container(
    service: Service,
    image: pulumi.Input<string>,
    { dependsOn, shutsDoor }: { dependsOn: pulumi.Resource[]; shutsDoor: boolean },
  ): docker.Container {
    return new docker.Container(
      `${this.name}-${service.name}`,
      {
        name: this.containerName(service),
        image,
        ...(service.entrypoint && { entrypoints: service.entrypoint }),
        ...(service.command && { command: service.command }),
        ...(service.user && { user: service.user }),
        envs: environmentList(service.env),
        uploads: service.files.map(({ path, content }) => ({ file: path, content })),
        volumes: service.volumes.map(({ name, path }) => ({
          volumeName: this.volume(name, dependsOn).name,
          containerPath: path,
        })),
        ports: service.ports.map((port) => ({
          internal: port.target,
          external: port.published,
          ip: port.address,
          protocol: port.protocol ?? "tcp",
        })),
        networksAdvanced: service.networks.map((network) => ({
          name: this.networks[network].name,
          aliases: [service.name],
        })),
        hosts: service.hosts.map(({ name, address }) => ({ host: name, ip: address })),
        labels: labelList({ ...this.labels(), [imageLabel]: service.image }),
        // Without swap: a service that outgrows its limit is stopped and started, and does not slow the host down.
        memory: service.memoryMiB,
        memorySwap: service.memoryMiB,
        capabilities: {
          drops: droppedCapabilities,
          // To the provider an empty list differs from none, which is what it reads back.
          ...(service.capabilities.length > 0 && { adds: service.capabilities }),
        },
        securityOpts: securityOptions,
        healthcheck: {
          tests: ["CMD-SHELL", service.healthcheck.shell],
          interval: goDuration(service.healthcheck.intervalSeconds),
          timeout: goDuration(service.healthcheck.timeoutSeconds),
          startPeriod: goDuration(service.healthcheck.startPeriodSeconds),
          retries: service.healthcheck.retries,
        },
        logDriver: logging.driver,
        logOpts: logging.options,
        restart: restartPolicy,
        stopSignal: service.stop.signal,
        stopTimeout: service.stop.graceSeconds,
        destroyGraceSeconds: service.stop.graceSeconds,
      },
      {
        parent: this,
        dependsOn,
        // Name and ports are fixed, so the old container must go first.
        deleteBeforeReplace: true,
        hooks: { beforeCreate: [this.hooks.container, ...(shutsDoor ? [this.hooks.door] : [])] },
      },
    );
  }

  private network(network: Network): docker.Network {
    const fullName = `${this.namePrefix}-${network}`;
    return new docker.Network(
      `${this.name}-${network}`,
      { name: fullName, labels: labelList(this.labels()) },
      {
        parent: this,
        deleteBeforeReplace: true,
        hooks: { beforeCreate: [this.hooks.network] },
      },
    );
  }

  /** @param after what tells by an existing volume that there are data */
  private volume(name: string, after: pulumi.Resource[]): docker.Volume {
    return new docker.Volume(
      `${this.name}-${name}-data`,
      // No labels: a volume that is taken over carries others, and a difference there would ask for a new, empty one.
      { name: `${this.namePrefix}-${name}` },
      { parent: this, protect: true, dependsOn: after },
    );
  }

  private image(service: Service): docker.RemoteImage {
    return new docker.RemoteImage(
      `${this.name}-${service.name}-image`,
      { name: service.image, keepLocally: true },
      { parent: this },
    );
  }

  private labels(): Record<string, pulumi.Input<string>> {
    return { [deploymentLabel]: this.deploymentId };
  }
}

/** `NAME=value`, sorted as the engine returns them, so that the order is never a difference. */
export function environmentList(env: Record<string, pulumi.Input<string>>): pulumi.Input<string>[] {
  return Object.keys(env)
    .sort()
    .map((name) => {
      const value = env[name];
      return typeof value === "string" ? `${name}=${value}` : pulumi.interpolate`${name}=${value}`;
    });
}

const labelList = (labels: Record<string, pulumi.Input<string>>) =>
  Object.entries(labels).map(([label, value]) => ({ label, value }));

/** Seconds in the form in which the engine gives durations back (90 -> "1m30s"). */
export function goDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds}s`;
  const hours = Math.floor(minutes / 60);
  return `${hours > 0 ? `${hours}h` : ""}${minutes % 60}m${seconds % 60}s`;
}

/** A digest of everything that runs, secrets included: it changes exactly when some of it does. */
export function revisionOf(services: Service[]): pulumi.Output<string> {
  return pulumi.unsecret(
    pulumi
      .output(services.map((service) => ({ ...service, env: environmentList(service.env) })))
      .apply((resolved) => createHash("sha256").update(JSON.stringify(resolved)).digest("hex").slice(0, 16)),
  );
}
