import type { Client, SFTPWrapper, Stats } from "ssh2";

/** File transfer as promises, with the error texts of the original's package. */
export interface Sftp {
  /** Undefined where there is nothing. */
  stat(path: string): Promise<Stats | undefined>;
  mkdir(path: string): Promise<void>;
  /** Makes the file or empties it. */
  create(path: string): Promise<RemoteFile>;
}

export interface RemoteFile {
  /** Writes the pieces one after the other. */
  write(content: Content): Promise<void>;
  close(): Promise<void>;
}

export type Content = AsyncIterable<Buffer> | Iterable<Buffer>;

export async function openSftp(client: Client): Promise<Sftp> {
  const wrapper = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.sftp((error, sftp) =>
      error === undefined
        ? resolve(sftp)
        : reject(new Error("ssh: subsystem request failed", { cause: error })),
    );
  });
  const call = <T>(send: (done: (error: Error | null | undefined, result: T) => void) => void) =>
    new Promise<T>((resolve, reject) =>
      send((error, result) => (error ? reject(new SftpError(error)) : resolve(result))),
    );
  return {
    stat: (path) =>
      call<Stats>((done) => wrapper.stat(path, done)).catch((error) => {
        if (error instanceof SftpError && error.code === NO_SUCH_FILE) return undefined;
        throw error;
      }),
    mkdir: (path) => call<void>((done) => wrapper.mkdir(path, (error) => done(error, undefined))),
    async create(path) {
      const handle = await call<Buffer>((done) => wrapper.open(path, "w", done));
      return {
        async write(content) {
          let position = 0;
          for await (const piece of content) {
            if (piece.length > 0)
              await call<void>((done) =>
                wrapper.write(handle, piece, 0, piece.length, position, (error) => done(error, undefined)),
              );
            position += piece.length;
          }
        },
        close: () => call<void>((done) => wrapper.close(handle, (error) => done(error, undefined))),
      };
    },
  };
}

const NO_SUCH_FILE = 2;
const TEXTS: Record<number, string> = {
  1: "EOF",
  2: "file does not exist",
  3: "permission denied",
  4: 'sftp: "Failure" (SSH_FX_FAILURE)',
  8: 'sftp: "Operation unsupported" (SSH_FX_OP_UNSUPPORTED)',
};

class SftpError extends Error {
  readonly code: number;

  constructor(cause: Error) {
    const code = "code" in cause && typeof cause.code === "number" ? cause.code : -1;
    super(TEXTS[code] ?? cause.message, { cause });
    this.code = code;
  }
}
