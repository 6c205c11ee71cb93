// Atlas on restored data: the live backend's image and environment, with everything that leads to live data replaced.
import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import { z } from "zod";
import { backendPort } from "../../components/services/backend.ts";
import { database as names } from "../../components/services/postgres.ts";
import { bucket, storagePort } from "../../components/services/storage.ts";
import { execute, literal, maintenanceOf, select } from "../database.ts";
import { containerOf, type Deployment } from "../deployment.ts";
import { environmentOf } from "../docker.ts";
import { inspectWhole } from "./containers.ts";
import { addressIn, type Scratch, until } from "./scratch.ts";

/**
 * Starts Atlas in the scratch and waits until it serves.
 * @returns base of its API, on the container's address
 * @throws Error with the container's last log lines
 */
export async function bootAtlas(deployment: Deployment, scratch: Scratch): Promise<string> {
  const live = await inspectWhole(containerOf(deployment, "backend"));
  const env = scratchEnv(environmentOf(live.Config.Env), scratch);
  const container = await scratch.run("backend", {
    image: live.Config.Image,
    env,
    entrypoint: live.Config.Entrypoint,
    command: live.Config.Cmd,
    user: live.Config.User,
    bytes: live.HostConfig.Memory,
    hosts: live.HostConfig.ExtraHosts,
  });
  const address = await addressIn(container);
  await until(container, secretValues(env), () => answers(address, backendPort), 600);
  return `http://${address}:${backendPort}`;
}

/** The names by which a container's environment says that a value is secret. */
const secretName = /(PWD|PASSWORD|SECRET|KEY|TOKEN|JSON)/;
const secretValues = (env: Record<string, string>): string[] =>
  Object.entries(env).flatMap(([name, value]) => (secretName.test(name) && value.length > 3 ? [value] : []));

/** Public addresses stay, since they are in what Atlas gives out; mail stays off, since people would get it. */
export function scratchEnv(
  live: Record<string, string>,
  { databasePassword, storage }: Pick<Scratch, "databasePassword" | "storage">,
): Record<string, string> {
  const endpoint = storage ? `http://storage:${storagePort}` : "";
  return {
    ...live,
    DB_URL: `postgres/${names.name}`,
    DB_USER: names.user,
    DB_PWD: databasePassword,
    JWT_SECRET_KEY: randomBytes(32).toString("base64"),
    ENABLE_EMAIL_NOTIFICATIONS: "false",
    ENABLE_MAIL_HEALTH_CHECK: "false",
    // Empty, Atlas runs without files.
    MINIO_ENDPOINT: endpoint,
    PUBLIC_MINIO_ENDPOINT: endpoint,
    MINIO_BUCKET: storage ? bucket : "",
    MINIO_ACCESS_KEY: storage?.user ?? "",
    MINIO_SECRET_KEY: storage?.password ?? "",
  };
}

/** Atlas opens its port once it has started. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket();
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(2000, () => end(false));
    socket.once("error", () => end(false));
    socket.connect(port, host, () => end(true));
  });
}

export interface Administrator {
  email: string;
  password: string;
  /** Of the organisation, as the database has them. */
  workOrders: number;
}

const administratorRow = z.object({ id: z.int(), email: z.string(), workOrders: z.int() });

/**
 * Gives an administrator of the scratch database a password that this run knows.
 * @throws Error where no enabled user owns an organisation
 */
export async function takeOverAdministrator(
  deployment: Deployment,
  scratch: Scratch,
): Promise<Administrator> {
  const own = `lower(u.email) = lower(${literal(deployment.adminEmail)})`;
  const [found] = await select(
    scratch.database,
    `select u.id, u.email, (select count(*) from work_order w where w.company_id = u.company_id) as "workOrders"
     from own_user u where u.enabled and (u.owns_company or ${own}) order by ${own} desc, u.id limit 1`,
    administratorRow,
  );
  if (!found)
    throw new Error(
      `the set has no enabled user who owns an organisation, and none with ${deployment.adminEmail}`,
    );
  const password = randomBytes(18).toString("base64url");
  const hash = await bcrypt(scratch, password);
  await execute(scratch.database, `update own_user set password = ${literal(hash)} where id = ${found.id}`);
  return { email: found.email, password, workOrders: found.workOrders };
}

/** By PostgreSQL, in a database beside the restored one: what is looked at stays as it was restored. */
async function bcrypt({ database }: Scratch, password: string): Promise<string> {
  const beside = maintenanceOf(database);
  await execute(beside, "create extension if not exists pgcrypto");
  return (await execute(beside, `select crypt(${literal(password)}, gen_salt('bf', 10))`)).trim();
}
