import * as pulumi from "@pulumi/pulumi";
import { shim } from "../dynamic-shim.ts";
import type { Engine } from "../hosts/docker-cli.ts";
import type { PublicAddress } from "../hosts/host.ts";
import type { SmokeReport } from "./report.ts";

export interface SmokeArgs {
  /** The public address, and the API below it. */
  url: string;
  apiUrl: string;
  adminEmail: string;
  adminPassword: pulumi.Input<string>;
  /** Container names by service; a missing one does not run. */
  containers: Record<string, string>;
  /** Image references and memory limits (MiB) that were planned, by service; states of earlier versions have none. */
  images?: Record<string, string>;
  memoryMiB?: Record<string, number>;
  /** 0 = PostgreSQL must not be published. */
  postgresPort: number;
  /** host:port of the mail server that Atlas depends on, if it does. */
  mailServer?: string | undefined;
  /** Digest of what runs; another one means that the checks run again. */
  revision: pulumi.Input<string>;
  /** Identities of the running containers, for the same reason. */
  containerIds: pulumi.Input<string>[];
  /** Differs on each run where the checks shall always run. */
  nonce?: string | undefined;
  engine?: pulumi.Input<Engine>;
  /** What no failure may show of a container's log. */
  hide?: pulumi.Input<string[]>;
  /** Where the public name must lead, if the machine has an address of its own. */
  publicAddress?: PublicAddress | undefined;
}

export type SmokeInputs = pulumi.Unwrap<SmokeArgs>;

/** Proof that the deployment works: runs the client's checks through the public door and fails the up with them. */
export class Smoke extends pulumi.dynamic.Resource {
  declare readonly report: pulumi.Output<SmokeReport>;

  constructor(name: string, args: SmokeArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      shim("components/smoke/provider.ts"),
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword), report: undefined },
      opts,
      "atlas",
      "Smoke",
    );
  }
}
