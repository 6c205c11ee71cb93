import { createServer } from "node:net";
import ssh2, { type Connection, type ServerChannel } from "ssh2";
import { generate } from "../../../components/secrets/generate.ts";
import { portOf } from "./fake-commands.ts";
import { redirectPorts } from "./redirected-ports.ts";

export const newKey = () => generate({ form: "ssh-ed25519", length: 32, rotation: 0 });

/** The public line of a private key. */
export function publicLine(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

export type Answer = (channel: ServerChannel, command: string) => void;

/** An ssh server in this process; whatever asks 127.0.0.1 for port 22 reaches it. */
export class SshMachine implements AsyncDisposable {
  readonly address = "127.0.0.1";
  /** Commands that came, in order. */
  readonly commands: string[] = [];
  readonly connections = new Set<Connection>();
  /** How many there have been. */
  accepted = 0;
  hostKey: string;
  /** The private key whose owner may come in. */
  userKey: string;
  answer: Answer = (channel) => exit(channel, 0);
  readonly #listener = createServer({ noDelay: true }, (socket) => {
    const server = new ssh2.Server({ hostKeys: [this.hostKey] }, (connection) => this.#welcome(connection));
    server.injectSocket(socket);
  });
  #redirect: Disposable | undefined;

  constructor({ hostKey = newKey(), userKey = newKey() }: { hostKey?: string; userKey?: string } = {}) {
    this.hostKey = hostKey;
    this.userKey = userKey;
  }

  static async start(keys?: { hostKey?: string; userKey?: string }): Promise<SshMachine> {
    const machine = new SshMachine(keys);
    await new Promise<void>((resolve) => machine.#listener.listen(0, "127.0.0.1", resolve));
    machine.#redirect = redirectPorts({ 22: machine.port });
    return machine;
  }

  get port(): number {
    return portOf(this.#listener);
  }

  /** How the machine is reached. */
  get target() {
    return {
      address: this.address,
      user: "root",
      privateKey: this.userKey,
      hostKeys: [publicLine(this.hostKey)],
    };
  }

  /** Breaks every connection. */
  hangUp(): void {
    for (const connection of this.connections) connection.end();
  }

  #welcome(connection: Connection): void {
    this.accepted++;
    this.connections.add(connection);
    connection.on("close", () => this.connections.delete(connection));
    // A client that hangs up, as some tests want it.
    connection.on("error", () => connection.end());
    const known = publicLine(this.userKey);
    connection.on("authentication", (attempt) => {
      const ours =
        attempt.method === "publickey" && known.endsWith(` ${attempt.key.data.toString("base64")}`);
      return ours ? attempt.accept() : attempt.reject(["publickey"]);
    });
    connection.on("session", (accept) => {
      accept().on("exec", (acceptExec, _, { command }) => {
        this.commands.push(command);
        this.answer(acceptExec(), command);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redirect?.[Symbol.dispose]();
    this.hangUp();
    await new Promise((done) => this.#listener.close(done));
  }
}

/** Ends a command. */
export function exit(channel: ServerChannel, code: number, output = ""): void {
  channel.write(output);
  channel.exit(code);
  channel.end();
}
