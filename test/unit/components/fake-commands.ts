import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder with commands of the test's own, which come before the machine's on PATH. */
export class FakeCommands implements AsyncDisposable {
  readonly folder: string;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param commands a bash script for each name */
  static async of(commands: Record<string, string>): Promise<FakeCommands> {
    const fake = new FakeCommands(await mkdtemp(path.join(tmpdir(), "atlas-test-")));
    for (const [name, script] of Object.entries(commands))
      await writeFile(path.join(fake.folder, name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
    return fake;
  }

  get searchPath(): string {
    return `${this.folder}:${process.env.PATH}`;
  }

  /** Starts a command that finds the fake ones; `$FAKE` is the folder. */
  start(command: string[], env: Record<string, string> = {}): Running {
    const [file = "", ...args] = command;
    const child = spawn(file, args, {
      env: { ...env, PATH: this.searchPath, FAKE: this.folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.push(child);
    return new Running(child);
  }

  /** What a fake command wrote into its folder. */
  read(file: string): Promise<string> {
    return readFile(path.join(this.folder, file), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class Running {
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  #output = "";

  constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk;
      });
    this.ended = once(child, "close").then(([code, signal]) => code ?? signal);
  }

  get output(): string {
    return this.#output;
  }
}

/** A TCP listener on loopback that hangs up on everybody. */
export async function listener(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: portOf(server) };
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP server");
  return address.port;
}

/** Resolves as soon as the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 8000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within 8 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
