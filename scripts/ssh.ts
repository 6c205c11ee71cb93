import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArguments } from "./lib/arguments.ts";
import { attach, main, Stop } from "./lib/process.ts";
import { machineTarget } from "./lib/stack.ts";
import { lastWorld, requirePulumi } from "./lib/world.ts";

await main(async () => {
  const { stack, world: asked, rest } = parseArguments(process.argv.slice(2));
  const world = await lastWorld(stack, asked);
  requirePulumi(world);
  const engine = machineTarget(world, stack);
  if (!engine) throw new Stop(`Stack ${stack} has no droplet to look at (on local Docker: docker ps).`);
  // OpenSSH reads keys from files only: for as long as it runs, in a folder that nobody else can enter.
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-ssh-"));
  try {
    const key = path.join(folder, "key");
    const known = path.join(folder, "known_hosts");
    writeFileSync(key, engine.privateKey, { mode: 0o600 });
    writeFileSync(known, engine.hostKeys.map((line) => `${engine.address} ${line}\n`).join(""));
    const options = [
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${known}`,
      "IdentitiesOnly=yes",
      "LogLevel=ERROR",
    ];
    const args = [
      ...options.flatMap((option) => ["-o", option]),
      "-i",
      key,
      `${engine.user}@${engine.address}`,
    ];
    return await attach("ssh", [...args, ...rest]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
