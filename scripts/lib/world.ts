// Where a stack is deployed to: the real outside world, or its offline twin (sandbox/). The program is the same; what
// differs is Pulumi's own environment, kept apart so that neither world sees the other's state or plugins.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { cloudEnvironment, prepareCloud, resumeCloud } from "../../sandbox/cloud.ts";
import { prepareSandbox, sandboxEnvironment } from "../../sandbox/prepare.ts";
import { ensureDocker } from "./docker-engine.ts";
import { packageVersion } from "./package-version.ts";
import { capture, Stop, succeeds } from "./process.ts";
import { localFolder, root } from "./root.ts";
import { configured, runsOnDroplet } from "./stack-file.ts";

export type WorldName = "online" | "sandbox";

export interface World {
  name: WorldName;
  /** Environment for the Pulumi CLI. */
  env: NodeJS.ProcessEnv;
}

const lastWorldFile = path.join(localFolder, "world");
const pulumiDownloads = "https://get.pulumi.com/releases/sdk/";

/**
 * Chooses a world, installs what it needs and starts what the stack runs on.
 * @param asked by hand; otherwise the sandbox is taken only where the outside world cannot be reached
 */
export async function enterWorld(stack: string, asked: WorldName | undefined): Promise<World> {
  if (!runsOnDroplet(stack)) await ensureDocker();
  const { name, why } = asked ? { name: asked, why: "as asked" } : await detect(stack);
  console.log(`World: ${name} (${why}).`);
  mkdirSync(localFolder, { recursive: true });
  writeFileSync(lastWorldFile, `${name}\n`);
  if (name === "sandbox") {
    await ensureDocker();
    await prepareSandbox();
    if (runsOnDroplet(stack)) await prepareCloud(stack);
  }
  if (name === "online" && runsOnDroplet(stack)) requireToken(stack);
  return { name, env: environmentOf(name, stack) };
}

/** Without it the provider fails resource by resource, in words of its own. */
function requireToken(stack: string): void {
  const { DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN } = process.env;
  const file = path.join(root, `Pulumi.${stack}.yaml`);
  const inFile = existsSync(file) && readFileSync(file, "utf8").includes("digitalocean:token");
  if (DIGITALOCEAN_TOKEN || DIGITALOCEAN_ACCESS_TOKEN || inFile) return;
  throw new Stop(
    "DIGITALOCEAN_TOKEN is not set: make a token in DigitalOcean's control panel (API, Generate New Token), then\n  export DIGITALOCEAN_TOKEN=dop_v1_...",
  );
}

/** The world that the last up went to, for commands that look at what it made. */
export async function lastWorld(stack: string, asked: WorldName | undefined): Promise<World> {
  const last = existsSync(lastWorldFile) ? readFileSync(lastWorldFile, "utf8").trim() : "online";
  const name = asked ?? (last === "sandbox" ? "sandbox" : "online");
  if (name === "sandbox" || !runsOnDroplet(stack)) await ensureDocker();
  if (name === "sandbox" && runsOnDroplet(stack)) await resumeCloud();
  return { name, env: environmentOf(name, stack) };
}

async function detect(stack: string): Promise<{ name: WorldName; why: string }> {
  const missing: string[] = [];
  if (!pulumiInstalled() && !(await reachable(pulumiDownloads))) missing.push("the Pulumi downloads");
  if (runsOnDroplet(stack)) {
    if (!(await reachable(digitalOceanApi()))) missing.push("DigitalOcean's API");
  } else if (!configured(stack, "imageMirror") && !(await reachable(imageRegistry())))
    missing.push("the container registry");
  if (missing.length === 0) return { name: "online", why: "all that it takes can be reached" };
  return { name: "sandbox", why: `${missing.join(" and ")} cannot be reached from here; --online insists` };
}

const digitalOceanApi = () => process.env.DIGITALOCEAN_API_URL ?? "https://api.digitalocean.com";

/** An HTTP answer of any kind counts; so does a proxy's. */
const reachable = (url: string): Promise<boolean> =>
  fetch(url, { method: "HEAD", signal: AbortSignal.timeout(5000) }).then(
    () => true,
    () => false,
  );

/** The registry that the engine pulls from when an image names none. */
const imageRegistry = (): string => capture("docker", ["info", "--format", "{{.IndexServerAddress}}"]).trim();

function pulumiInstalled(): boolean {
  const home = process.env.PULUMI_HOME ?? path.join(homedir(), ".pulumi");
  const cli = path.join(home, "versions", packageVersion("pulumi"), "bin/pulumi");
  const plugin = path.join(home, "plugins", `resource-docker-v${packageVersion("@pulumi/docker")}`);
  return existsSync(cli) && existsSync(plugin);
}

function environmentOf(name: WorldName, stack: string): NodeJS.ProcessEnv {
  const env = {
    ...process.env,
    PATH: `${path.join(root, "node_modules/.bin")}:${process.env.PATH}`,
    PULUMI_SKIP_UPDATE_CHECK: "1",
    // Node keeps the compiled SDK here: three processes load it at each run.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(localFolder, "node-cache"),
  };
  if (name === "sandbox") {
    const state = path.join(localFolder, "sandbox/state");
    mkdirSync(state, { recursive: true });
    return {
      ...env,
      ...passphrase(),
      ...sandboxEnvironment(stack, env.PATH),
      ...(runsOnDroplet(stack) && cloudEnvironment(stack)),
      PULUMI_BACKEND_URL: stateUrl(state),
    };
  }
  if (hasOwnBackend()) return env;
  const state = path.join(localFolder, "state");
  mkdirSync(state, { recursive: true });
  return { ...env, ...passphrase(), PULUMI_BACKEND_URL: stateUrl(state) };
}

/**
 * Without the files of attributes beside each state: they are not written at one stroke, and one that a killed run has
 * left empty makes the state unreadable.
 */
const stateUrl = (folder: string) => `file://${folder}?metadata=skip`;

/** Whoever names a backend or is logged in to one keeps it. */
function hasOwnBackend(): boolean {
  if (process.env.PULUMI_BACKEND_URL) return true;
  const file = path.join(process.env.PULUMI_HOME ?? path.join(homedir(), ".pulumi"), "credentials.json");
  if (!existsSync(file)) return false;
  return Boolean(JSON.parse(readFileSync(file, "utf8")).current);
}

/** Encrypts the secrets in the state; made once and kept beside it. */
function passphrase(): NodeJS.ProcessEnv {
  if (process.env.PULUMI_CONFIG_PASSPHRASE !== undefined || process.env.PULUMI_CONFIG_PASSPHRASE_FILE)
    return {};
  const file = path.join(localFolder, "passphrase");
  if (!existsSync(file)) {
    mkdirSync(localFolder, { recursive: true });
    writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" });
  }
  return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}

/** @throws Stop when the command line tool of this world is not there */
export function requirePulumi(world: World): void {
  if (!succeeds("pulumi", ["version"], world.env))
    throw new Stop(
      `There is no working Pulumi in the ${world.name} world yet: run scripts/up --${world.name} first.`,
    );
}
