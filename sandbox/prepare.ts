// Builds the offline twin: Pulumi's command line tool and language host, provider plugins, container images.
import path from "node:path";
import { buildImages } from "./images/build.ts";
import { imageMirror } from "./images/names.ts";
import { installPlugins } from "./plugins/install.ts";
import { installToolchain, toolchainFolder } from "./toolchain/install.ts";

const root = path.resolve(import.meta.dirname, "..");
export const pulumiHome = path.join(root, ".atlas/sandbox/home");
const node = path.join(root, "node_modules/node/bin/node");

/** Installs what is missing; quick when nothing is. */
export async function prepareSandbox(): Promise<void> {
  await installToolchain(pulumiHome, node);
  installPlugins(pulumiHome, node);
  await buildImages();
}

/** What makes a Pulumi run happen in the twin, state and passphrase apart. */
export function sandboxEnvironment(stack: string, searchPath: string): NodeJS.ProcessEnv {
  return {
    PULUMI_HOME: pulumiHome,
    PATH: `${toolchainFolder(pulumiHome)}:${searchPath}`,
    // Each run would spend seconds on downloads that fail.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ATLAS_CONFIG_IMAGE_MIRROR: imageMirror,
    // Containers of the twin never share a name with those of a real deployment on the same machine.
    ATLAS_CONFIG_NAME_PREFIX: `sandbox-${stack}`,
  };
}
