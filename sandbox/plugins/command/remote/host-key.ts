import ssh2, { type ServerHostKeyAlgorithm } from "ssh2";

/**
 * The order of Go's ssh package. The original keeps it even when one key is expected: of a server with keys of several
 * types it gets the ECDSA key, and an expected Ed25519 key then does not match.
 */
export const HOST_KEY_ORDER: ServerHostKeyAlgorithm[] = [
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-256",
  "rsa-sha2-512",
  "ssh-rsa",
  "ssh-dss",
  "ssh-ed25519",
];

/**
 * The key in the first line of an authorized_keys text that holds one.
 * @throws when no line does
 */
export function parseHostKey(text: string): Buffer {
  for (const line of text.split("\n").map((line) => line.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const key = keyIn(line) ?? keyIn(withoutOptions(line));
    if (key !== undefined) return key;
  }
  throw new Error("failed to parse host key: ssh: no key found");
}

function keyIn(line: string): Buffer | undefined {
  const [type, encoded] = line.split(/[ \t]+/);
  if (type === undefined || encoded === undefined) return undefined;
  const key = ssh2.utils.parseKey(`${type} ${encoded}`);
  return key instanceof Error ? undefined : key.getPublicSSH();
}

/** Options stand before the type, separated from it by a space outside quotes. */
function withoutOptions(line: string): string {
  return line.replace(/^(?:"(?:\\.|[^"\\])*"|[^\s"])+\s+/, "");
}
