import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, type Stats, statSync, writeSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import ssh2, { type Connection, type ServerChannel, type Session, type SFTPWrapper } from "ssh2";

const { Server, utils } = ssh2;
const { STATUS_CODE, flagsToString } = utils.sftp;

export const PASSWORD = "let-me-in";
export const userKey = ed25519();
export const hostKeys = {
  ed25519: ed25519(),
  ecdsa: utils.generateKeyPairSync("ecdsa", { bits: 256 }),
  rsa: utils.generateKeyPairSync("rsa", { bits: 2048 }),
};

/** One in 256 of ssh2's keys lacks a leading zero byte, and nobody can read it. */
function ed25519(): ReturnType<typeof utils.generateKeyPairSync> {
  const pair = utils.generateKeyPairSync("ed25519");
  return utils.parseKey(pair.private) instanceof Error ? ed25519() : pair;
}

export interface Options {
  keys?: { private: string }[];
  /** Variables that may be set. */
  acceptEnv?: string[];
  /** Answers in place of a shell. */
  onExec?: (channel: ServerChannel, command: string) => void;
  /** Drops this many connections before it talks. */
  drop?: number;
  methods?: ("publickey" | "password" | "keyboard-interactive")[];
}

export interface Sshd {
  port: number;
  commands: string[];
  connections: number;
  running: ChildProcess[];
  close(): Promise<void>;
}

/** An SSH server that runs commands with the machine's shell and keeps files on its disk. */
export async function startSshd(options: Options = {}): Promise<Sshd> {
  const open = new Set<Connection>();
  const server = new Server({ hostKeys: (options.keys ?? [hostKeys.ed25519]).map((key) => key.private) });
  const sshd: Sshd = { port: 0, commands: [], connections: 0, running: [], close };

  server.on("connection", (client) => {
    sshd.connections++;
    open.add(client);
    // The package's types leave it out; without it each answer waits for an acknowledgement.
    (client as Connection & { setNoDelay(on: boolean): void }).setNoDelay(true);
    client.on("error", () => {});
    client.on("close", () => open.delete(client));
    if (sshd.connections <= (options.drop ?? 0)) return client.end();
    authenticate(client, options.methods ?? ["publickey", "password", "keyboard-interactive"]);
    client.on("session", (accept) => serveSession(accept(), options, sshd));
    client.on("tcpip", (accept, reject, { destIP, destPort }) => {
      const target = connect(destPort, destIP);
      target.once("connect", () => {
        const channel = accept();
        channel.pipe(target).pipe(channel);
      });
      target.on("error", () => reject());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  sshd.port = (server.address() as AddressInfo).port;
  return sshd;

  function close(): Promise<void> {
    for (const client of open) client.end();
    for (const child of sshd.running) child.kill("SIGKILL");
    return new Promise((resolve) => server.close(() => resolve()));
  }
}

function authenticate(client: Connection, methods: NonNullable<Options["methods"]>): void {
  const allowed = utils.parseKey(userKey.public);
  if (allowed instanceof Error) throw allowed;
  client.on("authentication", (context) => {
    if (context.method === "none" || !methods.includes(context.method as "password"))
      return context.reject(methods);
    if (context.method === "password")
      return context.password === PASSWORD ? context.accept() : context.reject(methods);
    if (context.method === "keyboard-interactive")
      return context.prompt([{ prompt: "Password: ", echo: false }], (answers) =>
        answers[0] === PASSWORD ? context.accept() : context.reject(methods),
      );
    if (context.method !== "publickey" || !allowed.getPublicSSH().equals(context.key.data))
      return context.reject(methods);
    if (context.signature === undefined || context.blob === undefined) return context.accept();
    return allowed.verify(context.blob, context.signature) ? context.accept() : context.reject(methods);
  });
}

function serveSession(session: Session, options: Options, sshd: Sshd): void {
  const env: Record<string, string> = {};
  session.on("env", (accept, reject, { key, val }) => {
    if (!(options.acceptEnv ?? []).includes(key)) return reject?.();
    env[key] = val;
    accept?.();
  });
  session.on("exec", (accept, _reject, { command }) => {
    sshd.commands.push(command);
    const channel = accept();
    channel.on("error", () => {});
    if (options.onExec !== undefined) return options.onExec(channel, command);
    const child = spawn("/bin/sh", ["-c", command], { env: { ...process.env, ...env } });
    sshd.running.push(child);
    // This server passes no signal on once its client has ended the standard input; sshd does.
    channel.once("close", () => child.exitCode === null && child.kill("SIGKILL"));
    child.stdin.on("error", () => {});
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    child.once("close", (code, signal) => {
      if (code === null) channel.exit(String(signal).slice(3));
      else channel.exit(code);
      channel.end();
    });
  });
  session.on("sftp", (accept) => serveFiles(accept()));
}

function serveFiles(sftp: SFTPWrapper): void {
  const number = (handle: Buffer) => handle.readUInt32BE(0);
  const answer = (id: number, work: () => void) => {
    try {
      work();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const { NO_SUCH_FILE, PERMISSION_DENIED, FAILURE } = STATUS_CODE;
      sftp.status(
        id,
        code === "ENOENT" || code === "ENOTDIR"
          ? NO_SUCH_FILE
          : code === "EACCES"
            ? PERMISSION_DENIED
            : FAILURE,
      );
    }
  };
  const attributes = (stats: Stats) => ({
    mode: stats.mode,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    atime: 0,
    mtime: 0,
  });
  sftp.on("OPEN", (id, path, flags) =>
    answer(id, () => {
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(openSync(path, flagsToString(flags) ?? "r"));
      sftp.handle(id, handle);
    }),
  );
  sftp.on("WRITE", (id, handle, offset, data) =>
    answer(id, () => {
      writeSync(number(handle), data, 0, data.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on("CLOSE", (id, handle) =>
    answer(id, () => {
      closeSync(number(handle));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on("STAT", (id, path) => answer(id, () => sftp.attrs(id, attributes(statSync(path)))));
  sftp.on("MKDIR", (id, path) =>
    answer(id, () => {
      mkdirSync(path);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
}
