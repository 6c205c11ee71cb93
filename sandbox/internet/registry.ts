// A container registry of the usual kind (CNCF distribution, as Debian packages it), on a port of this machine alone.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { capture, quietly, Stop, step, succeeds } from "../../scripts/lib/process.ts";
import { cacheFolder } from "../toolchain/go-program.ts";
import { type ChildLogs, keepRunning } from "./child.ts";

const debianPackage = "docker-registry";

export const registryFolder = (folder: string): string => path.join(folder, "registry");

/** @param garbage whether the folder holds layers of images that were deleted */
export async function serveRegistry(
  folder: string,
  port: number,
  garbage: boolean,
  logs: ChildLogs,
): Promise<AsyncDisposable> {
  const storage = registryFolder(folder);
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  const config = path.join(storage, "config.json");
  writeFileSync(config, JSON.stringify(registryConfig(storage, port), undefined, 2), { mode: 0o600 });
  const program = await registryProgram();
  if (garbage) await quietly(program, ["garbage-collect", config]);
  return keepRunning(
    {
      name: "The container registry",
      command: program,
      args: ["serve", config],
      env: {},
      answers: async () => {
        const response = await fetch(`http://127.0.0.1:${port}/v2/`, { signal: AbortSignal.timeout(5000) });
        if (!response.ok) throw new Error(`/v2/ answers ${response.status}`);
      },
    },
    logs,
  );
}

/** The registry reads YAML, of which JSON is a part. */
const registryConfig = (storage: string, port: number) => ({
  version: "0.1",
  log: { level: "warn", accesslog: { disabled: true } },
  storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
  // Relative: the door that clients come through has another name.
  http: { addr: `127.0.0.1:${port}`, relativeurls: true },
});

/**
 * The installed program, or else the one in Debian's package, unpacked beside the other built programs: installing the
 * package would leave a service on the machine that starts with it.
 */
async function registryProgram(): Promise<string> {
  if (succeeds("sh", ["-c", `command -v ${debianPackage}`]))
    return capture("sh", ["-c", `command -v ${debianPackage}`]).trim();
  const unpacked = path.join(cacheFolder, debianPackage);
  const program = path.join(unpacked, "usr/bin", debianPackage);
  if (!existsSync(program)) await unpackPackage(unpacked);
  return program;
}

async function unpackPackage(target: string): Promise<void> {
  if (!existsSync("/usr/bin/apt-get"))
    throw new Stop(
      `The sandbox runs a container registry, and ${debianPackage} is not installed. It is a package of Debian and Ubuntu; elsewhere put the program of that name (CNCF distribution 2.8) into the PATH. Then run this again.`,
    );
  mkdirSync(cacheFolder, { recursive: true });
  const folder = mkdtempSync(path.join(cacheFolder, `${debianPackage}-`));
  try {
    await step(`Fetching the container registry (apt-get download ${debianPackage})`, async () => {
      if (process.getuid?.() === 0) await quietly("apt-get", ["update", "-qq"]);
      await quietly("apt-get", ["download", "-qq", debianPackage], { cwd: folder });
      const archive = readdirSync(folder).find((file) => file.endsWith(".deb")) ?? "";
      await quietly("dpkg-deb", ["-x", path.join(folder, archive), path.join(folder, "unpacked")]);
    });
    renameSync(path.join(folder, "unpacked"), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
