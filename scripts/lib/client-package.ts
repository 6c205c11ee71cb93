// The client as a package of its own. Version, licence and dependencies are those of this project: its package.json is
// the one place that names them.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { preProcessFile } from "typescript";
import { capture, Stop } from "./process.ts";
import { root } from "./root.ts";

/** What the package takes from the project's manifest. */
export interface ProjectManifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Builds the client and packs it.
 * @param folder existing, absolute; `package/` in it is made anew
 * @returns path of the tarball
 * @throws Stop with the compiler's or npm's words when one of them fails
 */
export function packClient(folder: string): string {
  const package_ = path.join(folder, "package");
  rmSync(package_, { recursive: true, force: true });
  compile(path.join(package_, "dist"));
  const project: ProjectManifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const manifest = packageManifest(project, importedPackages(path.join(package_, "dist")));
  writeFileSync(path.join(package_, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(path.join(root, "LICENSE"), path.join(package_, "LICENSE"));
  copyFileSync(path.join(root, "client/README.md"), path.join(package_, "README.md"));
  const [packed] = JSON.parse(
    capture("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, package_]),
  );
  return path.join(folder, packed.filename);
}

function compile(outDir: string): void {
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  const config = path.join(root, "client/tsconfig.build.json");
  capture(process.execPath, [compiler, "-p", config, "--outDir", outDir]);
}

/**
 * The package's manifest.
 * @param imported names of the packages that the client imports
 * @throws Stop for one that is not among the project's dependencies
 */
export function packageManifest(project: ProjectManifest, imported: readonly string[]) {
  const dependencies = imported.map((name) => {
    const version = project.dependencies[name];
    if (version === undefined)
      throw new Stop(
        `The client imports ${name}, which is not among the dependencies in package.json: add it there.`,
      );
    return [name, `^${version}`];
  });
  return {
    name: "atlas-cmms-client",
    version: project.version,
    description: "Client of Atlas CMMS: typed, with sessions, retries, rate limits and clear errors",
    keywords: ["atlas", "cmms", "maintenance", "work-orders"],
    license: project.license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=22.1" },
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    files: ["dist"],
    dependencies: Object.fromEntries(dependencies),
  };
}

/** Names of the packages that code and declarations in a folder import, sorted; Node's own modules are none. */
function importedPackages(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.[jt]s$/.test(file),
  );
  const specifiers = files.flatMap((file) =>
    preProcessFile(readFileSync(path.join(folder, file), "utf8")).importedFiles.map(
      ({ fileName }) => fileName,
    ),
  );
  const foreign = specifiers.filter((specifier) => !specifier.startsWith(".") && !isBuiltin(specifier));
  return [...new Set(foreign.map(packageOf))].sort();
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
