// The ground a droplet stands on: its private network, and a firewall in front of it.
import * as digitalocean from "@pulumi/digitalocean";
import type * as pulumi from "@pulumi/pulumi";

export interface NetworkArgs {
  namePrefix: string;
  region: string;
  /** Networks that may use ssh. */
  sshFrom: string[];
}

const everywhere = ["0.0.0.0/0", "::/0"];

/** The firewall holds for whatever carries the tag, so that a droplet is never without one. */
export function network(
  name: string,
  { namePrefix, region, sshFrom }: NetworkArgs,
  opts: pulumi.CustomResourceOptions,
) {
  const vpc = new digitalocean.Vpc(
    `${name}-vpc`,
    // The name is Pulumi's: an account's first network in a region becomes its default, which cannot be deleted.
    { region, description: `Atlas CMMS ${namePrefix}` },
    { ...opts, protect: true, retainOnDelete: true },
  );
  const tag = new digitalocean.Tag(`${name}-tag`, { name: namePrefix }, opts);
  const firewall = new digitalocean.Firewall(
    `${name}-firewall`,
    {
      name: namePrefix,
      tags: [tag.name],
      inboundRules: [
        { protocol: "tcp", portRange: "22", sourceAddresses: sshFrom },
        { protocol: "tcp", portRange: "80", sourceAddresses: everywhere },
        { protocol: "tcp", portRange: "443", sourceAddresses: everywhere },
        { protocol: "udp", portRange: "443", sourceAddresses: everywhere },
      ],
      outboundRules: [
        { protocol: "tcp", portRange: "all", destinationAddresses: everywhere },
        { protocol: "udp", portRange: "all", destinationAddresses: everywhere },
        { protocol: "icmp", destinationAddresses: everywhere },
      ],
    },
    opts,
  );
  return { vpc, tag, firewall };
}
