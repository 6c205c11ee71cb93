// Programs built from Go modules, kept between checkouts: a build takes minutes.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { quietly, Stop, step, succeeds } from "../../scripts/lib/process.ts";

const modules = path.resolve(import.meta.dirname, "../go");

export const cacheFolder = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"),
  "atlas-cmms-pulumi",
);

/** Package with the main function of each module folder in sandbox/go. */
const mainPackages = {
  pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  caddy: "github.com/caddyserver/caddy/v2/cmd/caddy",
  minio: "github.com/minio/minio",
  compose: "github.com/docker/compose/v5/cmd",
  actionlint: "github.com/rhysd/actionlint/cmd/actionlint",
};
export type GoProgram = keyof typeof mainPackages;

/**
 * Path of the built program; builds it unless the same module was built before.
 * @param linkerFlags further flags for the linker, such as a version to write into the program
 */
export async function goProgram(name: GoProgram, linkerFlags: string[] = []): Promise<string> {
  const folder = path.join(modules, name);
  const sums = ["go.mod", "go.sum"].map((file) => readFileSync(path.join(folder, file)));
  const digest = createHash("sha256")
    .update(Buffer.concat(sums))
    .update(linkerFlags.join(" "))
    .digest("hex")
    .slice(0, 16);
  const program = path.join(cacheFolder, "go", `${name}-${digest}`);
  if (existsSync(program)) return program;
  if (!succeeds("go", ["version"]))
    throw new Stop(
      `Go is missing, and the sandbox builds ${name} with it: install Go 1.26 or later, then run this again.`,
    );
  mkdirSync(path.dirname(program), { recursive: true });
  // Built under another name first: a build that is killed leaves nothing that looks finished.
  const unfinished = `${program}.${process.pid}`;
  const flags = ["-s", "-w", ...linkerFlags].join(" ");
  const args = ["build", "-mod=readonly", "-o", unfinished, "-ldflags", flags, mainPackages[name]];
  await step(`Building ${name} from its Go module (some minutes, once)`, () =>
    quietly("go", args, { cwd: folder }),
  );
  renameSync(unfinished, program);
  return program;
}
