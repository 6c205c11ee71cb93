// Runs services on a DigitalOcean droplet of their own: the machine by the digitalocean provider, what runs on it by
// releases over ssh.
import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { AtlasConfig, DropletConfig } from "../../config.ts";
import { GeneratedSecret } from "../../secrets/generated-secret.ts";
import type { Service } from "../../services/service.ts";
import type { Services } from "../../services/services.ts";
import { type Host, listed, type PublicAddress, type Running, type Steps } from "../host.ts";
import type { SshTarget } from "../ssh.ts";
import { cloudInit } from "./cloud-init.ts";
import { publicKeyOf } from "./keys.ts";
import { Machine } from "./machine.ts";
import { monitoring } from "./monitoring.ts";
import { network } from "./network.ts";
import { currentRelease, doorFile, publicProfile } from "./paths.ts";
import { release } from "./release.ts";

export class DropletHost extends pulumi.ComponentResource implements Host {
  readonly engine: pulumi.Output<SshTarget>;
  readonly publicAddress: PublicAddress;
  readonly machineId: pulumi.Output<string>;
  private readonly name: string;
  private readonly namePrefix: string;
  private readonly droplet: digitalocean.Droplet;
  private readonly volume: digitalocean.Volume;
  private readonly machine: Machine;
  private readonly deployKey: pulumi.Output<string>;
  private readonly hostKey: pulumi.Output<string>;
  /** The public address leads here from then on. */
  private readonly reachable: pulumi.Resource[];

  constructor(
    name: string,
    config: AtlasConfig & { droplet: DropletConfig },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("atlas:hosts:DropletHost", name, {}, opts);
    const { namePrefix, droplet } = config;
    this.name = name;
    this.namePrefix = namePrefix;

    this.deployKey = this.key("deploy-key", 0);
    this.hostKey = this.key("host-key", config.rotate.hostKey ?? 0);
    const firstHostKey = this.key("first-host-key", config.rotate.hostKey ?? 0);

    const { vpc, tag, firewall } = network(
      name,
      { namePrefix, region: droplet.region, sshFrom: droplet.sshFrom },
      { parent: this },
    );
    this.volume = this.dataVolume(droplet);
    this.droplet = this.newDroplet(droplet, {
      vpcUuid: vpc.id,
      tags: [tag.name],
      firewall,
      userData: pulumi
        .all([firstHostKey, publicPart(firstHostKey)])
        .apply(([privateKey, publicKey]) =>
          cloudInit({ volume: dataVolumeName(namePrefix), hostKey: { privateKey, publicKey } }),
        ),
    });
    this.machineId = this.droplet.id;
    const attachment = new digitalocean.VolumeAttachment(
      `${name}-attachment`,
      { dropletId: this.dropletNumber(), volumeId: this.volume.id },
      endsWithDroplet(this),
    );
    const address = this.reservedAddress(droplet);
    this.reachable = [
      new digitalocean.ReservedIpAssignment(
        `${name}-address-assignment`,
        { ipAddress: address.ipAddress, dropletId: this.dropletNumber() },
        endsWithDroplet(this),
      ),
      ...this.dnsRecord(config, address),
    ];
    this.publicAddress = { address: address.ipAddress, root: droplet.acme.root };

    this.machine = new Machine(
      `${name}-machine`,
      {
        dropletId: this.droplet.id,
        address: this.droplet.ipv4Address,
        deployKey: this.deployKey,
        hostKey: this.hostKey,
        firstHostKeys: [publicPart(firstHostKey)],
        volume: dataVolumeName(namePrefix),
        volumeSize: droplet.volumeSize,
        size: droplet.size,
      },
      { parent: this, dependsOn: [attachment, this.volume], deletedWith: this.droplet },
    );
    this.engine = pulumi.secret(
      pulumi
        .all([this.droplet.ipv4Address, this.deployKey, publicPart(this.hostKey)])
        .apply(([ip, privateKey, hostKey]) => ({
          address: ip,
          user: "root",
          privateKey,
          hostKeys: [hostKey],
        })),
    );
    this.project(address);
    if (droplet.alertEmail)
      monitoring(
        name,
        { namePrefix, alertEmail: droplet.alertEmail, publicUrl: config.publicUrl, tag: tag.name },
        { parent: this },
      );
    this.registerOutputs({});
  }

  containerName(service: Service): string {
    return `${this.namePrefix}-${service.name}`;
  }

  /** A release prepares for another version by itself, once the images are on the machine. */
  run(services: Services, { bootstrap }: Steps): Running {
    const released = release(
      `${this.name}-release`,
      {
        services: listed(services),
        namePrefix: this.namePrefix,
        dropletId: this.droplet.id,
        connection: {
          host: this.droplet.ipv4Address,
          user: "root",
          privateKey: this.deployKey,
          hostKey: publicPart(this.hostKey),
        },
      },
      { parent: this, dependsOn: [this.machine], deletedWith: this.droplet },
    );
    const door = bootstrap({
      databaseId: this.volume.id,
      openDoor: `echo COMPOSE_PROFILES=${publicProfile} > ${doorFile} && cd ${currentRelease} && docker compose --project-directory ${currentRelease} up --detach --no-recreate ${services.ingress.name}`,
      resources: [released],
    });
    return {
      identities: [this.droplet.id, this.droplet.size, this.volume.size.apply(String), released.stdout],
      resources: [door, ...this.reachable],
    };
  }

  private key(what: string, rotation: number): pulumi.Output<string> {
    return new GeneratedSecret(
      `${this.name}-${what}`,
      { form: "ssh-ed25519", length: 32, rotation },
      { parent: this },
    ).value;
  }

  private dataVolume({ region, volumeSize }: DropletConfig): digitalocean.Volume {
    return new digitalocean.Volume(
      `${this.name}-data`,
      {
        name: dataVolumeName(this.namePrefix),
        region,
        size: volumeSize,
        initialFilesystemType: "ext4",
        description: "Atlas CMMS: database, files, certificates",
      },
      { parent: this, protect: true, retainOnDelete: true },
    );
  }

  private newDroplet(
    { region, size, image, backups, replace }: DropletConfig,
    args: Pick<digitalocean.DropletArgs, "vpcUuid" | "tags" | "userData"> & { firewall: pulumi.Resource },
  ): digitalocean.Droplet {
    const { firewall, ...rest } = args;
    const key = new digitalocean.SshKey(
      `${this.name}-ssh-key`,
      { name: this.namePrefix, publicKey: publicPart(this.deployKey) },
      { parent: this },
    );
    return new digitalocean.Droplet(
      `${this.name}-droplet`,
      {
        ...rest,
        name: this.namePrefix,
        region,
        size,
        image,
        sshKeys: [key.fingerprint],
        monitoring: true,
        backups: backups !== "off",
        ...(backups !== "off" && { backupPolicy: backupPolicy(backups) }),
        // A smaller size is possible again later; all that grows lies on the volume.
        resizeDisk: false,
        gracefulShutdown: true,
      },
      {
        parent: this,
        dependsOn: [firewall],
        deleteBeforeReplace: true,
        // Each would make a new machine, which is nobody's wish in passing.
        ignoreChanges: replace ? [] : ["userData", "image", "sshKeys"],
      },
    );
  }

  private reservedAddress({ region }: DropletConfig): digitalocean.ReservedIp {
    return new digitalocean.ReservedIp(
      `${this.name}-address`,
      { region },
      { parent: this, protect: true, retainOnDelete: true, ignoreChanges: ["dropletId"] },
    );
  }

  private dnsRecord(config: AtlasConfig & { droplet: DropletConfig }, address: digitalocean.ReservedIp) {
    const zone = config.droplet.dnsZone;
    if (!zone) return [];
    const { hostname } = config.publicUrl;
    return [
      new digitalocean.DnsRecord(
        `${this.name}-dns`,
        {
          domain: zone,
          type: "A",
          name: hostname === zone ? "@" : hostname.slice(0, -zone.length - 1),
          value: address.ipAddress,
          ttl: 300,
        },
        { parent: this },
      ),
    ];
  }

  private project(address: digitalocean.ReservedIp): void {
    new digitalocean.Project(
      `${this.name}-project`,
      {
        name: this.namePrefix,
        description: "Atlas CMMS",
        purpose: "Operational / Developer tooling",
        environment: "Production",
        resources: [
          this.droplet.dropletUrn,
          this.volume.volumeUrn,
          // Projects know a reserved address by its old name, and answer with it.
          pulumi.interpolate`do:floatingip:${address.ipAddress}`,
        ],
      },
      { parent: this },
    );
  }

  /** The provider gives an id as text and takes it as a number. */
  private dropletNumber(): pulumi.Output<number> {
    return this.droplet.id.apply(Number);
  }
}

/** Of a private key in the stack's state; what comes out is no secret. */
const publicPart = (privateKey: pulumi.Output<string>): pulumi.Output<string> =>
  pulumi.unsecret(privateKey.apply(publicKeyOf));

/** It must not depend on the volume's output: the user data would change with it. */
const dataVolumeName = (namePrefix: string) => `${namePrefix}-data`;

/**
 * DigitalOcean takes volume and address off a droplet that is destroyed. Asked to do so beforehand, it would take the
 * volume from a running machine; and a run that is killed in between could never ask again (422 Attachment not found).
 */
const endsWithDroplet = (parent: pulumi.Resource): pulumi.CustomResourceOptions => ({
  parent,
  retainOnDelete: true,
  deleteBeforeReplace: true,
});

const backupPolicy = (plan: "weekly" | "daily") =>
  plan === "weekly" ? { plan, weekday: "SUN", hour: 4 } : { plan, hour: 4 };
