import { constants } from "node:os";
import type { Client, ClientChannel } from "ssh2";

/**
 * A session in which variables can be set before the command runs, each with the server's answer. The public exec()
 * sends them without asking for one, so a refused variable would go unnoticed; what is used here instead is not
 * declared by the package, whose version is pinned.
 */
export interface Session {
  channel: ClientChannel;
  /** Resolves to whether the server took it. */
  setVariable(name: string, value: string): Promise<boolean>;
  /** Resolves to whether the server started it. */
  start(command: string): Promise<boolean>;
  /** Also where the standard input has ended, unlike the channel's own. */
  kill(): void;
}

interface Internals {
  _chanMgr: { add(opened: Opened & { type: string }): number };
  _protocol: {
    session(channel: number, window: number, packet: number): void;
    env(channel: number, name: string, value: string, wantReply: boolean): void;
    exec(channel: number, command: string, wantReply: boolean): void;
    signal(channel: number, name: string): void;
  };
}
type Opened = (error: Error | undefined, channel: Channel) => void;
type Channel = ClientChannel & {
  outgoing: { id: number; state: string };
  _callbacks: ((failed: boolean | Error) => void)[];
};

const WINDOW = 2 * 1024 * 1024;
const PACKET = 32 * 1024;

export async function openSession(client: Client): Promise<Session> {
  const { _chanMgr: channels, _protocol: protocol } = client as unknown as Internals;
  const channel = await new Promise<Channel>((resolve, reject) => {
    client.once("close", () => reject(new Error("EOF")));
    const opened: Opened = (error, channel) =>
      error === undefined ? resolve(channel) : reject(new Error(rejection(error), { cause: error }));
    protocol.session(channels.add(Object.assign(opened, { type: "session" })), WINDOW, PACKET);
  });
  const asked = (send: () => void) =>
    new Promise<boolean>((resolve) => {
      channel.once("close", () => resolve(false));
      channel._callbacks.push((failed) => resolve(failed === false));
      send();
    });
  return {
    channel,
    setVariable: (name, value) => asked(() => protocol.env(channel.outgoing.id, name, value, true)),
    start: (command) => asked(() => protocol.exec(channel.outgoing.id, command, true)),
    kill() {
      if (channel.outgoing.state !== "closed") protocol.signal(channel.outgoing.id, "KILL");
      channel.close();
    },
  };
}

function rejection(error: Error): string {
  return `ssh: rejected: ${error.message.replace(/^.*Channel open failure: /, "")}`;
}

/** Resolves when the session is over and its output read, with how the command failed if it did. */
export function ended(channel: ClientChannel): Promise<string | undefined> {
  return new Promise((resolve) => {
    let failure: string | undefined = "wait: remote command exited without exit status or exit signal";
    channel.once("exit", (code: number | null, signal?: string, _dumped?: boolean, reason?: string) => {
      failure = code === null ? signalText(signal ?? "", reason) : statusText(code);
    });
    channel.once("close", () => resolve(failure));
  });
}

function statusText(code: number): string | undefined {
  return code === 0 ? undefined : `Process exited with status ${code}`;
}

const KNOWN = ["ABRT", "ALRM", "FPE", "HUP", "ILL", "INT", "KILL", "PIPE", "QUIT", "SEGV", "TERM"];

/** As a shell counts it: 128 and the signal's number, or nothing more for a signal that SSH has no number for. */
function signalText(signal: string, reason: string | undefined): string {
  const name = signal.replace(/^SIG/, "");
  const number = KNOWN.includes(name) ? constants.signals[`SIG${name}` as NodeJS.Signals] : 0;
  const text = `Process exited with status ${128 + number} from signal ${name}`;
  return reason ? `${text}. Reason was: ${reason}` : text;
}
