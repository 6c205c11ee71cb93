// PostgreSQL and MinIO of a deployment, with data, on a network of their own; and storage elsewhere for copies.
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { generateIdentity } from "age-encryption";
import { imageFor } from "../../../components/services/images.ts";
import type { ServiceName } from "../../../components/services/service.ts";
import { bucket } from "../../../components/services/storage.ts";
import { type Database, databaseOf, execute } from "../../../ops/database.ts";
import type { Deployment, Remote } from "../../../ops/deployment.ts";
import { docker, inspect } from "../../../ops/docker.ts";
import type { Level, Log } from "../../../ops/log.ts";
import { makeBucket, type ObjectStore, objectStoreIn, put } from "../../../ops/objects.ts";
import { imageMirror } from "../../../sandbox/images/names.ts";
import { removeEngineObjects } from "../test-stack.ts";

const image = (service: ServiceName) => imageFor(service, { images: {}, imageMirror });

export const oddKeys = [
  "plain.txt",
  "folder/größe 1+2&3%20.pdf",
  "folder/new\nline",
  " spaces ",
  `${"x".repeat(120)}/${"y".repeat(200)}`,
  "😀",
  "￮",
  "folder-a",
  "folder/",
];

export class BackupBed {
  readonly prefix = `sandbox-test-ops-${randomBytes(3).toString("hex")}`;
  readonly deployment: Deployment;
  readonly database: Database;
  /** Stands in rows and in objects. */
  readonly canary = `canary-${randomBytes(12).toString("hex")}`;
  /** Key -> SHA-256 of what was put. */
  readonly objects = new Map<string, string>();
  /** What the acts have said. */
  readonly lines: { level: Level; message: string; fields: unknown }[] = [];
  readonly log: Log = {
    correlationId: randomBytes(6).toString("hex"),
    info: (message, fields) => this.hear("info", message, fields),
    warning: (message, fields) => this.hear("warning", message, fields),
    error: (message, fields) => this.hear("error", message, fields),
  };
  /** Called with each message. */
  onMessage: (message: string) => void = () => {};

  private constructor(backupKey: string) {
    this.deployment = {
      name: "test",
      namePrefix: this.prefix,
      publicUrl: "http://localhost:8080/",
      adminEmail: "admin@example.com",
      storage: true,
      folder: mkdtempSync(path.join(tmpdir(), `${this.prefix}-`)),
      backupKey,
      keep: { daily: 7, weekly: 4, monthly: 12 },
      alerts: {},
    };
    this.database = databaseOf(this.deployment);
  }

  private hear(level: Level, message: string, fields: unknown): void {
    this.lines.push({ level, message, fields });
    this.onMessage(message);
  }

  static async start(): Promise<BackupBed> {
    const bed = new BackupBed(await generateIdentity());
    try {
      await docker(["network", "create", "--internal", bed.prefix]);
      await bed.startPostgres();
      await bed.startMinio("storage");
      await makeBucket(await bed.store());
      return bed;
    } catch (error) {
      await bed.remove();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await removeEngineObjects(this.prefix);
    rmSync(this.deployment.folder, { recursive: true });
  }

  messages(level: Level): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }

  store(): Promise<ObjectStore> {
    return objectStoreIn(`${this.prefix}-storage`);
  }

  private async startPostgres(): Promise<void> {
    const { container } = this.database;
    await docker([
      ...["run", "--detach", "--name", container, "--network", this.prefix, "--user", "postgres"],
      ...["--volume", `${container}:/var/lib/postgresql/data`],
      ...[
        "--env",
        "POSTGRES_DB=atlas",
        "--env",
        "POSTGRES_USER=atlas",
        "--env",
        "POSTGRES_PASSWORD=postgres",
      ],
      image("postgres"),
    ]);
    await answers(() => docker(["exec", container, "pg_isready", "--quiet", "--host", "127.0.0.1"]));
  }

  private async startMinio(name: string): Promise<string> {
    const container = `${this.prefix}-${name}`;
    await docker([
      ...["run", "--detach", "--name", container, "--network", this.prefix, "--user", "0:0"],
      ...["--volume", `${container}:/data`],
      ...["--env", "MINIO_ROOT_USER=atlas", "--env", "MINIO_ROOT_PASSWORD=object-store-password"],
      ...[image("storage"), "server", "/data", "--address", ":9000"],
    ]);
    return this.minioAnswers(container);
  }

  /** @returns its endpoint */
  private async minioAnswers(container: string): Promise<string> {
    const endpoint = `http://${(await inspect(container)).address}:9000`;
    await answers(() => fetch(`${endpoint}/minio/health/live`));
    return endpoint;
  }

  /** A second MinIO with a bucket for sets. */
  async startRemote(): Promise<Remote> {
    const endpoint = await this.startMinio("remote");
    await makeBucket(await this.remoteObjects());
    return {
      endpoint,
      region: "us-east-1",
      bucket,
      prefix: "sets/",
      accessKeyId: "atlas",
      secretAccessKey: "object-store-password",
    };
  }

  remoteObjects(): Promise<ObjectStore> {
    return objectStoreIn(`${this.prefix}-remote`);
  }

  async restartRemote(): Promise<void> {
    await docker(["start", `${this.prefix}-remote`]);
    await this.minioAnswers(`${this.prefix}-remote`);
  }

  stopRemote(): Promise<string> {
    return docker(["stop", "--time", "1", `${this.prefix}-remote`]);
  }

  /** Some thousand rows in two tables that belong together, and Liquibase's. */
  async fillDatabase(orders: number): Promise<void> {
    await execute(
      this.database,
      `create table databasechangelog (id varchar(255), orderexecuted int);
       insert into databasechangelog values ('one', 1), ('three', 3), ('two', 2);
       create table work_order (id serial primary key, title text);
       create table "Odd ""name" (n int);
       create table labor (id serial primary key, work_order_id int not null references work_order);
       insert into work_order (title) select '${this.canary} ' || md5(n::text) from generate_series(1, ${orders}) n;
       insert into labor (work_order_id) select id from work_order;`,
    );
  }

  async fillObjects(large: number): Promise<void> {
    for (const key of oddKeys)
      await this.putObject(key, Buffer.from(key.endsWith("/") ? "" : `${this.canary} ${key}`));
    await this.putObject("empty", Buffer.alloc(0));
    await this.putObject("large", randomBytes(large));
  }

  async putObject(key: string, content: Buffer): Promise<void> {
    const body = Readable.from([content], { objectMode: false });
    await put(await this.store(), { key, bytes: content.length, contentType: "image/png", body });
    this.objects.set(key, createHash("sha256").update(content).digest("hex"));
  }
}

async function answers(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
