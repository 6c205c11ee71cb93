// Commands on another machine over ssh, whose host key is known beforehand: the first connection already trusts nobody
// else. Key and commands stay in this process; nothing is written to a disk.
import type { Duplex } from "node:stream";
import ssh2, { type ClientChannel, type ConnectConfig } from "ssh2";

export interface SshTarget {
  address: string;
  user: string;
  /** OpenSSH text. */
  privateKey: string;
  /** Public keys (`ssh-ed25519 AAAA...`) of which the machine must hold one. */
  hostKeys: string[];
}

export class SshError extends Error {
  override name = "SshError";
  /** True when waiting cannot help: another machine, or one that does not know our key. */
  readonly final: boolean;
  constructor(message: string, { final = false, cause }: { final?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.final = final;
  }
}

const connectTimeoutMs = 15_000;
/** Commands that follow each other share a connection; this long after the last one it is closed. */
const idleMs = 1_000;

/** What a command left behind. */
export interface Finished {
  code: number;
  stdout: Buffer;
  stderr: Buffer;
  /** Both, in the order in which they came. */
  output: Buffer;
}

/**
 * Runs a line of shell on the machine.
 * @throws SshError when the machine cannot be reached, is not the one that was meant, or takes longer than the time-out
 */
export async function runOverSsh(
  target: SshTarget,
  command: string,
  {
    input = "",
    timeoutMs = 30_000,
    signal,
  }: { input?: string; timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<Finished> {
  if (signal?.aborted) throw new SshError("interrupted");
  const stop = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => stop.reject(new SshError(`${target.address} gave no answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  const interrupt = () => stop.reject(new SshError("interrupted"));
  signal?.addEventListener("abort", interrupt, { once: true });
  const opening = useChannel(target, command, (channel) => ({
    channel,
    finished: finish(channel, target, input),
  }));
  try {
    return await Promise.race([opening.then(({ finished }) => finished), stop.promise]);
  } catch (error) {
    // Also one that opens only later; that it does not open at all is told already.
    opening.then(
      ({ channel }) => channel.destroy(),
      () => undefined,
    );
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}

function finish(channel: ClientChannel, { address }: SshTarget, input: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const both: Buffer[] = [];
    let code: number | undefined;
    channel.on("data", (chunk: Buffer) => both.push(chunk) && out.push(chunk));
    channel.stderr.on("data", (chunk: Buffer) => both.push(chunk) && err.push(chunk));
    channel.on("exit", (status: number | null) => {
      code = status ?? undefined;
    });
    channel.once("close", () => {
      // No exit code: the command was killed, or the connection broke.
      if (code === undefined) return reject(new SshError(`the connection to ${address} broke off`));
      resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err), output: Buffer.concat(both) });
    });
    channel.on("error", (cause: Error) => reject(new SshError(`${address}: ${cause.message}`, { cause })));
    channel.end(input);
  });
}

/** A command's standard input and output as one stream; destroying it ends the command. Its errors are dropped. */
export const openChannel = (target: SshTarget, command: string): Promise<Duplex> =>
  useChannel(target, command, (channel) => {
    // A channel is closed only when both outputs have been read to their ends, which nobody does from here on.
    channel.stderr.resume();
    const { destroy } = channel;
    channel.destroy = () => {
      destroy.call(channel);
      channel.unpipe();
      return channel.resume();
    };
    return channel;
  });

/** @param use called at once: a short command's exit code may come with the answer that the channel is open */
async function useChannel<T>(
  target: SshTarget,
  command: string,
  use: (channel: ClientChannel) => T,
): Promise<T> {
  const connection = await connectionTo(target);
  return connection.open(command, use);
}

interface Connection {
  open: <T>(command: string, use: (channel: ClientChannel) => T) => Promise<T>;
}

const connections = new Map<string, Promise<Connection>>();

function connectionTo(target: SshTarget): Promise<Connection> {
  const key = JSON.stringify([target.address, target.user, target.privateKey, target.hostKeys]);
  const known = connections.get(key);
  if (known) return known;
  const forget = () => {
    if (connections.get(key) === fresh) connections.delete(key);
  };
  const fresh = connect(target, forget);
  connections.set(key, fresh);
  fresh.catch(forget);
  return fresh;
}

function connect(target: SshTarget, onEnd: () => void): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let open = 0;
    let idle: NodeJS.Timeout | undefined;
    let shown = "";
    const closeWhenIdle = () => {
      idle = setTimeout(() => {
        onEnd();
        client.end();
      }, idleMs);
    };
    const openOne = <T>(command: string, use: (channel: ClientChannel) => T) =>
      new Promise<T>((done, failed) => {
        clearTimeout(idle);
        open++;
        const closed = () => {
          open--;
          if (open === 0) closeWhenIdle();
        };
        const refused = (error: Error) => {
          closed();
          failed(new SshError(`${target.address}: ${error.message}`, { cause: error }));
        };
        try {
          client.exec(command, (error, channel) => {
            if (error) return refused(error);
            channel.once("close", closed);
            done(use(channel));
          });
        } catch (error) {
          // The connection has ended, which nobody has been told yet.
          refused(error as Error);
        }
      });
    client.once("ready", () => resolve({ open: openOne }));
    client.once("end", onEnd);
    client.once("close", onEnd);
    client.on("error", (error) => {
      onEnd();
      reject(connectError(error, target, shown));
    });
    client.connect({
      ...connectOptions(target),
      hostVerifier: (key: Buffer) => {
        shown = `ssh-ed25519 ${key.toString("base64")}`;
        return target.hostKeys.some((known) => known.split(" ")[1] === key.toString("base64"));
      },
    });
    // Small messages that wait for each other would each wait for the other side's delayed acknowledgement.
    client.setNoDelay(true);
  });
}

const connectOptions = ({ address, user, privateKey }: SshTarget): ConnectConfig => ({
  host: address,
  username: user,
  privateKey,
  readyTimeout: connectTimeoutMs,
  keepaliveInterval: 10_000,
  algorithms: { serverHostKey: ["ssh-ed25519"] },
});

function connectError(
  error: Error & { level?: string },
  { address, user, hostKeys }: SshTarget,
  shown: string,
): SshError {
  if (shown && !hostKeys.some((known) => known.split(" ")[1] === shown.split(" ")[1]))
    return new SshError(
      `the machine at ${address} shows another host key than the one this deployment gave to its droplet: nothing was sent.
  expected: ${hostKeys.join(" or ")}
  shown:    ${shown}
  Somebody may be in between, or the address belongs to another machine now.`,
      { final: true, cause: error },
    );
  if (error.level === "client-authentication")
    return new SshError(`${address} does not accept this deployment's key for ${user}`, { cause: error });
  return new SshError(`${address} port 22: ${error.message}`, { cause: error });
}

/** A word for a shell. */
export const quoted = (word: string): string =>
  /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
