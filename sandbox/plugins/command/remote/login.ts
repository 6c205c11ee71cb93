import { connect } from "node:net";
import ssh2, { type AnyAuthMethod, type ParsedKey } from "ssh2";
import { systemText } from "../go-text.ts";
import type { Endpoint } from "./connection.ts";
import { parseHostKey } from "./host-key.ts";

/** What an endpoint's inputs come to once, before any attempt: a fault in them is no matter of trying again. */
export interface Login {
  user: string;
  /** In the order in which they are tried, with the name the protocol has for each. */
  methods: { name: string; auth: AnyAuthMethod }[];
  /** The only key that is accepted; without it any is. */
  hostKey?: Buffer;
}

export async function prepareLogin(endpoint: Endpoint): Promise<Login> {
  const { password, privateKey, hostKey } = endpoint;
  const username = endpoint.user ?? "root";
  const methods: Login["methods"] = [];
  if (privateKey !== undefined) {
    const key = parsePrivateKey(privateKey, endpoint.privateKeyPassword);
    methods.push({ name: "publickey", auth: { type: "publickey", username, key } });
  }
  if (password !== undefined) {
    methods.push({ name: "password", auth: { type: "password", username, password } });
    methods.push({
      name: "keyboard-interactive",
      auth: {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
      },
    });
  }
  const agent = endpoint.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
  if (agent !== undefined) {
    await reachAgent(agent);
    methods.push({ name: "publickey", auth: { type: "agent", username, agent } });
  }
  return { user: username, methods, ...(hostKey !== undefined && { hostKey: parseHostKey(hostKey) }) };
}

function parsePrivateKey(text: string, passphrase: string | undefined): ParsedKey {
  const parsed: unknown = ssh2.utils.parseKey(text, passphrase);
  // A file of several keys comes as a list.
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (isKey(key) && key.isPrivateKey()) return key;
  const reason = key instanceof Error ? key.message : "";
  if (/no passphrase/i.test(reason)) throw new Error("ssh: this private key is passphrase protected");
  if (passphrase !== undefined && /integrity|passphrase|decrypt/i.test(reason))
    throw new Error("x509: decryption password incorrect");
  throw new Error("ssh: no key found");
}

function isKey(value: unknown): value is ParsedKey {
  return typeof value === "object" && value !== null && !(value instanceof Error) && "isPrivateKey" in value;
}

function reachAgent(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", (error) =>
      reject(new Error(`dial unix ${path}: connect: ${systemText(error)}`, { cause: error })),
    );
  });
}
