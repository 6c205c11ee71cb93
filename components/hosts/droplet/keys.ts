import * as pulumi from "@pulumi/pulumi";
import ssh2 from "ssh2";

/** The public line (`ssh-ed25519 AAAA...`) of an OpenSSH private key. @throws Error when it is not one */
export function publicKeyOf(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

/** The same for a key in the stack's state; what comes out is no secret. */
export const publicPart = (privateKey: pulumi.Output<string>): pulumi.Output<string> =>
  pulumi.unsecret(privateKey.apply(publicKeyOf));
