import * as pulumi from "@pulumi/pulumi";
import { shim } from "../dynamic-shim.ts";
import type { OperationsArgs } from "../operations/operations.ts";

export interface UpgradeArgs extends Pick<OperationsArgs, "settings" | "engine"> {
  /** What is to run, by service. */
  images: Record<string, string>;
  /** When one was begun that has not come to its end. */
  unfinished?: string | undefined;
}

export type UpgradeInputs = pulumi.Unwrap<UpgradeArgs>;

/**
 * Stands before every container on local Docker: another version of Atlas is put in place only when a backup of what is
 * there has been taken, with the door shut. On a droplet a release does the same (hosts/droplet/release.sh).
 */
export class Upgrade extends pulumi.dynamic.Resource {
  constructor(name: string, args: UpgradeArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      shim("components/upgrade/provider.ts"),
      name,
      { ...args, settings: pulumi.secret(args.settings) },
      opts,
      "atlas",
      "Upgrade",
    );
  }
}
