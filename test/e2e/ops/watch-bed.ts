// A whole deployment in containers of its own, as Docker Compose runs it on a droplet.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { composeDocument, type ResolvedService } from "../../../components/hosts/compose.ts";
import { type Services, servicesFor } from "../../../components/services/services.ts";
import type { Deployment } from "../../../ops/deployment.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { imageMirror } from "../../../sandbox/images/names.ts";
import { configured } from "../../unit/components/configuration.ts";
import { composeProgram } from "../../unit/components/plain-compose.ts";
import { removeEngineObjects } from "../test-stack.ts";

const run = promisify(execFile);

/** Each of them recognisable, and as Atlas wants it. */
export const secrets = {
  databasePassword: "CANARY-database",
  storagePassword: "CANARY-storage",
  jwtKey: Buffer.from("CANARY-jwt".padEnd(48, "-")).toString("base64"),
};

export interface WatchBed extends AsyncDisposable {
  deployment: Deployment;
  container(service: string): string;
}

/** Resolves when every container is healthy. */
export async function startWatchBed(): Promise<WatchBed> {
  if (!composeProgram) throw new Error("Docker Compose is not built; scripts/test builds it");
  const namePrefix = `sandbox-test-ops-${randomBytes(3).toString("hex")}`;
  const folder = mkdtempSync(path.join(tmpdir(), `${namePrefix}-`));
  const publicUrl = `http://localhost:${await freePort()}`;
  const config = configured({ publicUrl, imageMirror, postgresPort: "0", storage: "true" });
  const services = servicesFor(config, secrets, { backend: {}, frontend: {} });
  const file = path.join(folder, "compose.json");
  writeFileSync(file, JSON.stringify(composeDocument(resolved(Object.values(services)), { namePrefix })));
  const remove = async () => {
    await removeEngineObjects(namePrefix);
    rmSync(folder, { recursive: true });
  };
  try {
    await run(composeProgram, ["--file", file, "up", "--detach", "--wait", "--pull", "never"]);
  } catch (error) {
    await remove();
    throw error;
  }
  const deployment: Deployment = {
    name: "test",
    namePrefix,
    publicUrl,
    adminEmail: "admin@example.com",
    storage: true,
    folder: path.join(folder, "ops"),
    backupKey: "AGE-SECRET-KEY-1CANARY",
    keep: { daily: 7, weekly: 4, monthly: 12 },
    alerts: {},
  };
  return {
    deployment,
    container: (service) => `${namePrefix}-${service}`,
    [Symbol.asyncDispose]: remove,
  };
}

/** Nothing in these services is an output: their secrets are given as text. */
const resolved = (services: Services[keyof Services][]) =>
  services.filter((service) => service !== undefined) as ResolvedService[];
