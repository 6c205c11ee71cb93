import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "../../ops/deployment.ts";
import { shim } from "../dynamic-shim.ts";
import type { Engine } from "../hosts/docker-cli.ts";

/** All but the place on its machine's disk, which only the machine knows. */
export type Settings = Omit<Deployment, "folder">;

export interface OperationsArgs {
  settings: pulumi.Input<Settings>;
  /** What runs, by service: kept as the version to go back to from the next. */
  images: Record<string, string>;
  /** The machine that they run on. */
  engine: pulumi.Input<Engine>;
  /** Another one means that they are installed anew: the machine, and the program's digest. */
  machineId?: pulumi.Input<string> | undefined;
  program?: string | undefined;
}

export type OperationsInputs = pulumi.Unwrap<OperationsArgs>;

/** What backups, drills, status and alerts (ops/) have to know of a deployment, kept with its secrets. */
export class Operations extends pulumi.dynamic.Resource {
  constructor(name: string, args: OperationsArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      shim("components/operations/provider.ts"),
      name,
      { ...args, settings: pulumi.secret(args.settings) },
      opts,
      "atlas",
      "Operations",
    );
  }
}
