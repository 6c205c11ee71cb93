// What a host promises: services in, a running Atlas out, with nobody let in before the bootstrap has been through.
import type * as pulumi from "@pulumi/pulumi";
import type { Service } from "../services/service.ts";
import type { Services } from "../services/services.ts";
import type { Engine } from "./docker-cli.ts";

/** All but the public door runs. */
export interface Started {
  /** Another one means a database that may not have been set up. */
  databaseId: pulumi.Input<string>;
  /** Another one means that the door may have been shut for an upgrade, where the host does not open it by itself. */
  backendId?: pulumi.Input<string>;
  /** A line of shell for the engine's machine that lets the public in; the proxy's container is started without it. */
  openDoor?: string;
  resources: pulumi.Resource[];
}

/** What belongs between the containers. */
export interface Steps {
  /** Called with what must be there first: images that are pulled. No container changes before the resource that it returns. */
  upgrade(after: pulumi.Resource[]): pulumi.Resource;
  /** Called with what runs; the public door opens after the resource that it returns. */
  bootstrap(started: Started): pulumi.Resource;
}

export interface Running {
  /** Differ when some of what runs is another than before. */
  identities: pulumi.Input<string>[];
  resources: pulumi.Resource[];
}

/** Where the public reaches the machine, if it has an address of its own. */
export interface PublicAddress {
  address: pulumi.Input<string>;
  /** PEM of a certificate authority that this machine does not know; may be empty. */
  root: string;
}

export interface Host {
  /** How its engine is reached. */
  readonly engine: pulumi.Input<Engine>;
  readonly publicAddress?: PublicAddress;
  /** Of a machine that was made for it. */
  readonly machineId?: pulumi.Input<string>;
  containerName(service: Service): string;
  run(services: Services, steps: Steps): Running;
}

export const listed = (services: Services): Service[] =>
  Object.values(services).filter((service): service is Service => service !== undefined);
