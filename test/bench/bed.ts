// The place where a bench deploys: names, ports, state and working files of its own, all gone afterwards.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { variableName } from "../../components/config-schema.ts";
import { freePorts } from "../../sandbox/free-port.ts";
import { root } from "../../scripts/lib/root.ts";
import type { World } from "../../scripts/lib/world.ts";
import { removeEngineObjects } from "../e2e/test-stack.ts";

export interface Bed {
  world: World;
  /** Working files; nobody else can read them. */
  folder: string;
  /** Stops what is being measured. */
  signal: AbortSignal;
  stack: string;
  /** Prefixes of the names of what Pulumi and what Compose make. */
  prefixes: { pulumi: string; compose: string };
  /** Values of `atlas:` keys, for both alike. */
  values: Record<string, string>;
  /** Environment for the Pulumi CLI. */
  env: NodeJS.ProcessEnv;
  /** Takes away what runs and its data, without asking Pulumi. */
  clear(): Promise<void>;
}

/** A stack name for a bench; the tests' sweep of old objects knows names of this form. */
export const newStackName = (): string => `test-${randomBytes(3).toString("hex")}`;

export async function makeBed(
  world: World,
  stack: string,
  signal: AbortSignal,
): Promise<Bed & AsyncDisposable> {
  const [port, postgresPort] = await freePorts(2);
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-bench-"));
  const prefix = `sandbox-${stack}`;
  const values = {
    publicUrl: `http://localhost:${port}`,
    postgresPort: String(postgresPort),
    adminEmail: "admin@example.com",
    imageMirror: world.env.ATLAS_CONFIG_IMAGE_MIRROR ?? "",
    namePrefix: prefix,
  };
  const overrides = Object.entries(values).map(([key, value]) => [variableName(key), value]);
  const clear = () => removeEngineObjects(prefix);
  return {
    world,
    folder,
    signal,
    stack,
    prefixes: { pulumi: prefix, compose: `${prefix}-compose` },
    values,
    env: {
      ...world.env,
      ...Object.fromEntries(overrides),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    },
    clear,
    async [Symbol.asyncDispose]() {
      await clear();
      rmSync(folder, { recursive: true, force: true });
      rmSync(stackFile(stack), { force: true });
    },
  };
}

/** Pulumi writes the salt of a new stack's passphrase in there. */
export const stackFile = (stack: string): string => path.join(root, `Pulumi.${stack}.yaml`);
