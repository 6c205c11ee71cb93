import * as pulumi from "@pulumi/pulumi";
import { shim } from "../dynamic-shim.ts";

export type Form = "base64" | "text" | "ssh-ed25519" | "age";

export interface GeneratedSecretArgs {
  /**
   * How the random bytes are written: `base64` as Java's decoder wants it, `text` as letters and digits only,
   * `ssh-ed25519` as a private key for OpenSSH, `age` as an identity of age (age-encryption.org).
   */
  form: Form;
  /** Bytes for base64 and keys, characters for text. */
  length: number;
  /** Another number makes a new value. */
  rotation: number;
}

/** A random value that is made once, kept encrypted in the stack's state, and renewed only on purpose. */
export class GeneratedSecret extends pulumi.dynamic.Resource {
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, args: GeneratedSecretArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      shim("components/secrets/generate.ts"),
      name,
      { ...args, value: undefined },
      // Without its secrets a kept volume is out of reach, so they are kept together.
      { protect: true, ...opts, additionalSecretOutputs: ["value"] },
      "atlas",
      "GeneratedSecret",
    );
  }
}
