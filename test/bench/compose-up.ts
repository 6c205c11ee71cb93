// The same services by Docker Compose, measured.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseConfig } from "../../components/config.ts";
import {
  type ComposeDocument,
  composeDocument,
  type ResolvedService,
} from "../../components/hosts/compose.ts";
import type { Service } from "../../components/services/service.ts";
import { servicesFor } from "../../components/services/services.ts";
import { goProgram } from "../../sandbox/toolchain/go-program.ts";
import { succeeds } from "../../scripts/lib/process.ts";
import type { Bed } from "./bed.ts";
import { timed } from "./timed.ts";

/** Docker Compose as this machine has it, or built at the pinned version. */
export async function composeCommand(): Promise<string[]> {
  return succeeds("docker", ["compose", "version"]) ? ["docker", "compose"] : [await goProgram("compose")];
}

/** What the stack of the bed runs, under names of its own. */
function documentOf({ values, stack, prefixes }: Bed): ComposeDocument {
  const config = parseConfig({ values, secretKeys: new Set(), stack });
  const secrets = {
    databasePassword: "bench-database-password",
    storagePassword: "bench-storage-password",
    jwtKey: Buffer.alloc(48, "bench").toString("base64"),
  };
  const services = servicesFor(config, secrets, { backend: {}, frontend: {} });
  const running = Object.values(services).filter((service): service is Service => service !== undefined);
  // The secrets above are plain strings.
  return composeDocument(running as ResolvedService[], { namePrefix: prefixes.compose });
}

/** From nothing to healthy containers. */
export async function composeUp(bed: Bed, [command = "docker", ...args]: string[]): Promise<number> {
  const file = path.join(bed.folder, "compose.json");
  writeFileSync(file, JSON.stringify(documentOf(bed), null, 2), { mode: 0o600 });
  return timed(command, [...args, "--file", file, "up", "--detach", "--wait", "--pull", "never"], {
    signal: bed.signal,
  });
}
