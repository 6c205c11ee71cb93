import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { packClient } from "../../../scripts/lib/client-package.ts";
import { root } from "../../../scripts/lib/root.ts";

const run = promisify(execFile);

/**
 * An empty project with the packed client installed by npm. The client's dependencies are those of this checkout, as
 * links, so that it takes no network; one that the client's manifest does not name is not there.
 */
export class InstalledClient implements Disposable {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), "atlas-client-")));
  readonly tarball: string;

  constructor() {
    this.tarball = packClient(this.folder);
    const { dependencies } = JSON.parse(
      execFileSync("tar", ["xzOf", this.tarball, "package/package.json"], { encoding: "utf8" }),
    );
    const here = (name: string) => `file:${path.join(root, "node_modules", name)}`;
    const names = Object.keys(dependencies);
    this.write("package.json", {
      name: "consumer",
      private: true,
      dependencies: { "atlas-cmms-client": `file:${this.tarball}` },
      overrides: Object.fromEntries(names.map((name) => [name, here(name)])),
    });
    execFileSync("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: this.folder,
      stdio: "pipe",
    });
    symlinkSync(path.join(root, "node_modules/@types"), path.join(this.folder, "node_modules/@types"));
  }

  /** Writes a file of the project; what is no text becomes JSON. */
  write(name: string, content: unknown): void {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(path.join(this.folder, name), text);
  }

  /** Runs a program in the project. @returns standard output; a failure rejects with both outputs */
  async run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    // Without what vitest sets for its own processes.
    const { NODE_OPTIONS: _, ...own } = process.env;
    const { stdout } = await run(command, args, { cwd: this.folder, env: { ...own, ...env } });
    return stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** This Node and each other one on the path that the package promises to run on. */
export function supportedNodes(): { version: string; file: string }[] {
  const files = (process.env.PATH ?? "").split(path.delimiter).map((folder) => path.join(folder, "node"));
  const found = [process.execPath, ...files].flatMap((file) => {
    try {
      const version = execFileSync(file, ["--version"], { encoding: "utf8", stdio: "pipe" }).trim();
      return [{ version, file }];
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    }
  });
  const byVersion = new Map(found.map((node) => [node.version, node]));
  return [...byVersion.values()].filter(({ version }) => Number(/\d+/.exec(version)?.[0]) >= 22);
}
