// A deployment of real PostgreSQL, MinIO and the stand-in backend on networks of its own, without Pulumi.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { generateIdentity } from "age-encryption";
import { AtlasClient } from "../../../client/index.ts";
import { backend } from "../../../components/services/backend.ts";
import { imageFor } from "../../../components/services/images.ts";
import { postgres } from "../../../components/services/postgres.ts";
import type { Service, ServiceName } from "../../../components/services/service.ts";
import { storage, storageUser } from "../../../components/services/storage.ts";
import { execute } from "../../../ops/database.ts";
import type { Deployment } from "../../../ops/deployment.ts";
import { docker, inspect } from "../../../ops/docker.ts";
import type { Log } from "../../../ops/log.ts";
import { startContainers } from "../../../ops/restore/containers.ts";
import { imageMirror } from "../../../sandbox/images/names.ts";
import { starts } from "../engine-objects.ts";
import { removeEngineObjects, root } from "../test-stack.ts";
import { addWorkOrders, contentOf, databases, fingerprint, spoil } from "./content.ts";

const image = (service: ServiceName) => imageFor(service, { images: {}, imageMirror });
const publicUrl = new URL("http://localhost:8080");
const password = () => randomBytes(12).toString("hex");

export class RestoreBed {
  readonly prefix = `sandbox-test-ops-${randomBytes(3).toString("hex")}`;
  readonly deployment: Deployment;
  readonly adminPassword = password();
  readonly content = contentOf(this.prefix);
  readonly database = this.content.database;
  /** What the acts have said. */
  readonly said: string[] = [];
  readonly log: Log = {
    correlationId: "test",
    info: (message, fields) => this.keep(message, fields),
    warning: (message, fields) => this.keep(message, fields),
    error: (message, fields) => this.keep(message, fields),
  };

  private constructor(identity: string) {
    this.deployment = {
      name: "test",
      namePrefix: this.prefix,
      publicUrl: publicUrl.href,
      adminEmail: "admin@example.com",
      storage: true,
      folder: mkdtempSync(path.join(tmpdir(), `${this.prefix}-`)),
      backupKey: identity,
      keep: { daily: 7, weekly: 4, monthly: 12 },
      alerts: {},
    };
  }

  private keep(message: string, fields: unknown = {}): void {
    this.said.push(`${message} ${JSON.stringify(fields)}`);
  }

  /** Started, with an administrator's organisation, work orders and files. */
  static async open(): Promise<RestoreBed> {
    const bed = new RestoreBed(await generateIdentity());
    try {
      await bed.start();
      await bed.fill();
      return bed;
    } catch (error) {
      await bed.remove();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await removeEngineObjects(this.prefix);
    await docker(["rmi", "--force", this.backendImage]);
    rmSync(this.deployment.folder, { recursive: true });
  }

  private async start(): Promise<void> {
    await docker(["network", "create", this.prefix]);
    const [databasePassword, storagePassword] = [password(), password()];
    // Other checkouts on this machine make images of the same name: this one's stand-in is laid over whichever is there.
    await docker(
      ["build", "--quiet", "--tag", this.backendImage, "--file", "-", path.join(root, "sandbox/atlas")],
      { input: `FROM ${image("backend")}\nCOPY . /opt/sandbox/atlas\n` },
    );
    const services = [
      postgres({ image: image("postgres"), password: databasePassword, port: 0 }),
      storage({ image: image("storage"), password: storagePassword }),
      backend({
        image: this.backendImage,
        publicUrl,
        adminEmail: this.deployment.adminEmail,
        databasePassword,
        jwtKey: randomBytes(32).toString("base64"),
        storage: { user: storageUser, password: storagePassword },
        env: {
          STANDIN_BOOT_MS: "0",
          STANDIN_MIGRATION_MS: "0",
          LICENSE_KEY: "test-licence",
          STANDIN_LICENSE: "ALL",
          RATE_LIMIT_ENABLED: "false",
        },
      }),
    ];
    for (const service of services) await this.run(service);
    // What stands for the proxy: a container that runs.
    await docker([
      ...["run", "--detach", "--name", `${this.prefix}-ingress`, "--network", this.prefix, "--init"],
      ...[`${imageMirror}/base`, "sleep", "infinity"],
    ]);
    await startContainers(services.map(({ name }) => `${this.prefix}-${name}`));
  }

  private get backendImage(): string {
    return `${imageMirror}/${this.prefix}-backend`;
  }

  private async run(service: Service): Promise<void> {
    const envFile = path.join(this.deployment.folder, "env");
    writeFileSync(
      envFile,
      Object.entries(service.env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    const [entrypoint, ...rest] = service.entrypoint ?? [];
    const { shell } = service.healthcheck;
    await docker([
      ...["run", "--detach", "--name", `${this.prefix}-${service.name}`],
      ...["--network", this.prefix, "--network-alias", service.name, "--env-file", envFile],
      ...service.volumes.flatMap((volume) => ["--volume", `${this.prefix}-${volume.name}:${volume.path}`]),
      ...(service.user ? ["--user", service.user] : []),
      ...(entrypoint ? ["--entrypoint", entrypoint] : []),
      ...["--health-cmd", shell, "--health-interval", "1s", "--health-start-period", "120s"],
      ...["--memory", `${service.memoryMiB}m`, "--restart", "unless-stopped"],
      ...[service.image, ...rest, ...(service.command ?? [])],
    ]);
    rmSync(envFile);
  }

  async client(): Promise<AtlasClient> {
    const { address } = await inspect(`${this.prefix}-backend`);
    return new AtlasClient({
      baseUrl: `http://${address}:8080`,
      email: this.deployment.adminEmail,
      password: this.adminPassword,
      rateLimits: false,
    });
  }

  private async fill(): Promise<void> {
    await using client = await this.client();
    await client.signUpOrganisation({
      email: this.deployment.adminEmail,
      password: this.adminPassword,
      firstName: "Ada",
      lastName: "Min",
      phone: "",
      companyName: "Acme",
      employeesCount: 1,
    });
    for (const title of ["Fix pump", "Oil bearing"]) await client.workOrders.create({ title });
    for (const name of ["photo one.jpg", "größe+&.pdf"])
      await client.files.upload({ name, content: randomBytes(1000), type: "OTHER" });
    await execute(this.database, addWorkOrders(2000));
  }

  spoil(): Promise<void> {
    return spoil(this.content);
  }

  fingerprint(): Promise<Record<string, string>> {
    return fingerprint(this.content);
  }

  databases(): Promise<string[]> {
    return databases(this.content);
  }

  /** Names of services whose containers run. */
  async running(): Promise<string[]> {
    return Object.keys(await this.starts());
  }

  starts(): Promise<Record<string, string>> {
    return starts(this.prefix);
  }
}
