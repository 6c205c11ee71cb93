import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageVersion } from "../../scripts/lib/package-version.ts";

/** The stand-ins, by the name of the plugin each stands in for. */
const STAND_INS = ["docker", "command", "digitalocean"];

const here = import.meta.dirname;

/** Puts the stand-ins where the Pulumi CLI looks for the plugins that the SDKs ask for. */
export function installPlugins(pulumiHome: string, nodeBinary: string): void {
  for (const name of STAND_INS) {
    const folder = join(pulumiHome, "plugins", `resource-${name}-v${packageVersion(`@pulumi/${name}`)}`);
    const wrapper = join(folder, `pulumi-resource-${name}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(wrapper, wrapperScript(resolve(nodeBinary), join(here, name, "main.ts")));
    chmodSync(wrapper, 0o755);
  }
}

/** `exec` keeps the process the engine started the one it ends. */
function wrapperScript(node: string, entry: string): string {
  return `#!/bin/sh\nexec ${quoted(node)} ${quoted(entry)} "$@"\n`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
