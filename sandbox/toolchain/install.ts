// Pulumi's command line tool, built from its Go modules, and its Node.js language host.
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { packageVersion } from "../../scripts/lib/package-version.ts";
import { goProgram } from "./go-program.ts";

const require = createRequire(import.meta.url);
const here = import.meta.dirname;

/** The pinned version: of the npm package `pulumi`, the Go module and the SDK alike. */
export const pulumiVersion = packageVersion("pulumi");

/** Where the npm package `pulumi` and Pulumi's Automation API look for the tool. */
export const toolchainFolder = (pulumiHome: string): string =>
  path.join(pulumiHome, "versions", pulumiVersion, "bin");

export async function installToolchain(pulumiHome: string, node: string): Promise<void> {
  const folder = toolchainFolder(pulumiHome);
  mkdirSync(folder, { recursive: true });
  const version = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`;
  const cli = await goProgram("pulumi", ["-X", version]);
  copy(cli, path.join(folder, "pulumi"));
  script(
    path.join(folder, "pulumi-language-nodejs"),
    `exec "${node}" "${path.join(here, "language-host.ts")}" "$@"`,
  );
  const dynamicProvider = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  script(path.join(folder, "pulumi-resource-pulumi-nodejs"), `exec "${node}" "${dynamicProvider}" "$@"`);
}

/** A copy, not a link: the tool looks for its language host beside its own real path. */
function copy(program: string, file: string): void {
  if (existsSync(file) && statSync(file).size === statSync(program).size) return;
  copyFileSync(program, `${file}.new`);
  renameSync(`${file}.new`, file);
}

function script(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}
