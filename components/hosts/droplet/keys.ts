import ssh2 from "ssh2";

/** The public line (`ssh-ed25519 AAAA...`) of an OpenSSH private key. @throws Error when it is not one */
export function publicKeyOf(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}
