import * as pulumi from "@pulumi/pulumi";
import { shim } from "../dynamic-shim.ts";
import type { Engine } from "../hosts/docker-cli.ts";

export interface BootstrapArgs {
  adminEmail: string;
  adminPassword: pulumi.Input<string>;
  superAdminPassword: pulumi.Input<string>;
  organization: string;
  /** Names of the containers: the backend that is set up, its database, and the proxy that lets the public in. */
  backend: string;
  postgres: string;
  ingress: string;
  /** Identity of the running database: a new one is looked at again. */
  databaseId: pulumi.Input<string>;
  /** Identity of the running backend: while another one was put in its place, the door may have been shut. */
  backendId?: pulumi.Input<string> | undefined;
  engine?: pulumi.Input<Engine>;
  /** What no failure may show of a container's log. */
  hide?: pulumi.Input<string[]>;
  /** A line of shell for the engine's machine that lets the public in, where starting the proxy is not enough. */
  openDoor?: string | undefined;
}

/** What the provider's module gets: the same with everything resolved. */
export type BootstrapInputs = pulumi.Unwrap<BootstrapArgs>;

/** What was found or made; nothing secret. */
export interface BootstrapResult {
  organization: "founded" | "found";
  superAdmin: "password replaced" | "password already ours" | "password changed by its owner";
  /** Further super administrators of an installation that was taken over: look at them. */
  otherSuperAdmins: string[];
}

/**
 * The organisation, its administrator and a safe super administrator exist after this. It reaches the backend on a way
 * of its own, so that the public door can stay shut until then; what is right already is left alone.
 */
export class Bootstrap extends pulumi.dynamic.Resource {
  declare readonly result: pulumi.Output<BootstrapResult>;

  constructor(name: string, args: BootstrapArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      shim("components/bootstrap/set-up.ts"),
      name,
      {
        ...args,
        adminPassword: pulumi.secret(args.adminPassword),
        superAdminPassword: pulumi.secret(args.superAdminPassword),
        result: undefined,
      },
      opts,
      "atlas",
      "Bootstrap",
    );
  }
}
