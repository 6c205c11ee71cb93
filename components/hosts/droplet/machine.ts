import * as pulumi from "@pulumi/pulumi";
import { shimWithDelete } from "../../dynamic-shim.ts";

export interface MachineArgs {
  /** Another droplet is prepared anew. */
  dropletId: pulumi.Input<string>;
  address: pulumi.Input<string>;
  /** The key that opens it. */
  deployKey: pulumi.Input<string>;
  /** The private key by which it is known from now on. */
  hostKey: pulumi.Input<string>;
  /** Public keys by which it may be known before: that of its first boot. */
  firstHostKeys: pulumi.Input<string>[];
  /** Name of the volume, and GiB: a bigger volume has its file system grown. */
  volume: string;
  volumeSize: number;
  /** Another size has turned the machine off and on. */
  size: string;
}

export type MachineInputs = pulumi.Unwrap<MachineArgs>;

/**
 * A droplet that has booted and is ready for releases: it holds its lasting host key, the volume is mounted and its
 * file system as large as it may be, Docker runs.
 */
export class Machine extends pulumi.dynamic.Resource {
  /** Distribution and kernel, as the machine says. */
  declare readonly system: pulumi.Output<string>;

  constructor(name: string, args: MachineArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      shimWithDelete("components/hosts/droplet/prepare.ts"),
      name,
      {
        ...args,
        deployKey: pulumi.secret(args.deployKey),
        hostKey: pulumi.secret(args.hostKey),
        system: undefined,
      },
      // Another droplet is another machine; the one before is put to rest while it still has its volume.
      { ...opts, replaceOnChanges: ["dropletId"], deleteBeforeReplace: true },
      "atlas",
      "Machine",
    );
  }
}
