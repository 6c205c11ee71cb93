// Containers beside the live ones, on a network that leads nowhere, for data that are only looked at: taken away
// afterwards, and before the next use where a run was killed. Labels, not names, say what may be taken away.
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { database as names } from "../../components/services/postgres.ts";
import { storagePort } from "../../components/services/storage.ts";
import type { Database } from "../database.ts";
import { containerOf, type Deployment } from "../deployment.ts";
import { docker, inspect } from "../docker.ts";
import { inspectWhole, lastWords } from "./containers.ts";

const label = "org.atlas-cmms.scratch";

export interface Scratch {
  /** Begins the name of everything that is made. */
  prefix: string;
  database: Database;
  databasePassword: string;
  /** Undefined where the deployment has no object store. */
  storage: { container: string; user: string; password: string } | undefined;
  /** Starts one more container on the network, with its name there. */
  run(name: string, spec: Spec): Promise<string>;
}

export interface Spec {
  image: string;
  env: Record<string, string>;
  entrypoint?: string[] | null;
  command?: string[] | null;
  user?: string;
  volume?: string;
  /** Of memory, without swap; 0 for no limit. */
  bytes: number;
  /** NAME:ADDRESS, as Docker has them. */
  hosts?: string[] | null;
}

/** Takes away what carries the label of this prefix, whatever a killed run has left. */
export async function removeScratch(prefix: string): Promise<void> {
  const found = async (...list: string[]) =>
    (await docker([...list, "--quiet", "--filter", `label=${label}=${prefix}`])).split("\n").filter(Boolean);
  for (const id of await found("ps", "--all")) await docker(["rm", "--force", id]);
  for (const id of await found("network", "ls")) await docker(["network", "rm", id]);
  for (const name of await found("volume", "ls")) await docker(["volume", "rm", name]);
}

/**
 * An empty database and an empty object store, of the images that the deployment runs.
 * @param prefix begins their names
 * @throws Error with a container's last log lines where it does not start
 */
export async function openScratch(deployment: Deployment, prefix: string): Promise<Scratch> {
  await removeScratch(prefix);
  const labelled = ["--label", `${label}=${prefix}`];
  await docker(["network", "create", "--internal", ...labelled, prefix]);
  const run = (name: string, spec: Spec) => runContainer(deployment, prefix, labelled, name, spec);

  const live = await inspectWhole(containerOf(deployment, "postgres"));
  const databasePassword = secret();
  const container = await run("postgres", {
    image: live.Config.Image,
    // The image's own entry point, which initialises an empty volume.
    env: { POSTGRES_DB: names.name, POSTGRES_USER: names.user, POSTGRES_PASSWORD: databasePassword },
    user: live.Config.User,
    volume: "/var/lib/postgresql/data",
    bytes: live.HostConfig.Memory,
  });
  // While it initialises, the server listens on no address.
  await until(container, [databasePassword], () =>
    succeeds(docker(["exec", container, "pg_isready", "--quiet", "--host", "127.0.0.1"])),
  );
  const database = { container, user: names.user, name: names.name };
  const storage = deployment.storage ? await openStorage(deployment, run) : undefined;
  return { prefix, database, databasePassword, storage, run };
}

async function openStorage(deployment: Deployment, run: Scratch["run"]): Promise<Scratch["storage"]> {
  const live = await inspectWhole(containerOf(deployment, "storage"));
  const [user, password] = ["scratch", secret()];
  const container = await run("storage", {
    image: live.Config.Image,
    env: { MINIO_ROOT_USER: user, MINIO_ROOT_PASSWORD: password, MINIO_BROWSER: "off" },
    entrypoint: live.Config.Entrypoint,
    command: live.Config.Cmd,
    user: live.Config.User,
    volume: "/data",
    bytes: live.HostConfig.Memory,
  });
  const url = `http://${await addressIn(container)}:${storagePort}/minio/health/live`;
  await until(container, [password], () =>
    fetch(url, { signal: AbortSignal.timeout(5000) }).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  return { container, user, password };
}

const secret = () => randomBytes(24).toString("hex");

/** Fills the image's own in where the specification is silent; nothing is pulled. */
async function runContainer(
  deployment: Deployment,
  prefix: string,
  labelled: string[],
  name: string,
  spec: Spec,
): Promise<string> {
  const container = `${prefix}-${name}`;
  const volume = spec.volume ? [`${container}:${spec.volume}`] : [];
  for (const mount of volume) await docker(["volume", "create", ...labelled, mount.split(":")[0] ?? ""]);
  const [entrypoint, ...entryArgs] = spec.entrypoint ?? [];
  const envFile = path.join(deployment.folder, `${container}.env`);
  writeFileSync(envFile, envText(spec.env), { mode: 0o600 });
  try {
    await docker([
      ...["run", "--detach", "--pull", "never", "--name", container, ...labelled],
      ...["--network", prefix, "--network-alias", name, "--env-file", envFile],
      ...volume.flatMap((mount) => ["--volume", mount]),
      ...(spec.bytes > 0 ? ["--memory", `${spec.bytes}`, "--memory-swap", `${spec.bytes}`] : []),
      ...(spec.hosts ?? []).flatMap((host) => ["--add-host", host]),
      ...(spec.user ? ["--user", spec.user] : []),
      ...(entrypoint ? ["--entrypoint", entrypoint] : []),
      ...[spec.image, ...entryArgs, ...(spec.command ?? [])],
    ]);
  } finally {
    rmSync(envFile, { force: true });
  }
  return container;
}

/** As `--env-file` reads it: secrets never stand in arguments. A value of several lines cannot be said there. */
function envText(env: Record<string, string>): string {
  const said = Object.entries(env).filter(([, value]) => !/[\r\n]/.test(value));
  return said.map(([name, value]) => `${name}=${value}\n`).join("");
}

/** Of a container in the scratch; empty where it has ended. */
export async function addressIn(container: string): Promise<string> {
  return (await inspect(container)).address ?? "";
}

const succeeds = (command: Promise<unknown>): Promise<boolean> =>
  command.then(
    () => true,
    () => false,
  );

/**
 * Waits until a container does what it should.
 * @param hide values that its log may show and an error may not
 * @throws Error with its last log lines, when it ends before, or after the time
 */
export async function until(
  container: string,
  hide: string[],
  condition: () => Promise<boolean>,
  seconds = 300,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    const { State } = await inspectWhole(container);
    const ended = State.Status !== "running";
    if (ended || Date.now() > deadline) {
      const what = ended ? `ended with exit code ${State.ExitCode}` : `was not ready within ${seconds} s`;
      throw new Error(`container ${container} ${what}\n${await lastWords(container, hide)}`);
    }
    await delay(300);
  }
}
