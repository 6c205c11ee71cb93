// The licences of what the lockfile installs, against those that this project may be shipped with.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

export interface Licence {
  name: string;
  version: string;
  /** SPDX expression, or what the package says instead. */
  licence: string;
}

/** Permissive, or copyleft for the package's own files alone; none asks anything of the program that uses them. */
const allowed = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC-BY-3.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "MPL-2.0",
  "Python-2.0",
  "Unlicense",
]);

/** Where neither lockfile nor package tells: read by a person in the package's own LICENSE file. */
const readByHand: [name: RegExp, licence: string][] = [
  // package.json points to the file, and the file is the MIT licence.
  [/^@logdna\/tail-file$/, "MIT"],
  // The program that @biomejs/biome starts on each kind of machine, of the same sources.
  [/^@biomejs\/cli-/, "MIT OR Apache-2.0"],
];

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/**
 * Every package of the lockfile, by name; where the lockfile knows no licence, the installed package tells.
 * @param root folder with package-lock.json and node_modules
 */
export function licences(root: string): Licence[] {
  const { packages } = lockfile.parse(JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")));
  const found = Object.entries(packages)
    .filter(([place, { link }]) => place !== "" && !link)
    .map(([place, { version = "", license }]) => {
      const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
      const known = readByHand.find(([pattern]) => pattern.test(name))?.[1];
      return { name, version, licence: known ?? license ?? installedLicence(path.join(root, place)) };
    });
  const unique = new Map(found.map((one) => [`${one.name}@${one.version}`, one]));
  return [...unique.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

const packageFile = z.object({
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
  licenses: z.array(z.object({ type: z.string() })).optional(),
});

/** Packages from before SPDX say it in forms of their own, which the lockfile leaves out. */
function installedLicence(folder: string): string {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return "not installed here, and the lockfile does not tell";
  const { license, licenses = [] } = packageFile.parse(JSON.parse(readFileSync(file, "utf8")));
  const own = typeof license === "string" ? license : license?.type;
  return own ?? (licenses.map(({ type }) => type).join(" OR ") || "none");
}

/** Whether an SPDX expression leaves a choice that is allowed; of one with AND every part must be, whatever its brackets. */
export function isAllowed(expression: string): boolean {
  const parts = expression.replaceAll(/[()]/g, "").split(/\s+(?:AND|OR)\s+/);
  const isFine = (licence: string) => allowed.has(licence.trim());
  return /\sAND\s/.test(expression) ? parts.every(isFine) : parts.some(isFine);
}

/** A Markdown table, what is not allowed at its top. */
export function licenceTable(all: Licence[]): string {
  const rows = (list: Licence[], sign: string) =>
    list.map(({ name, version, licence }) => `| ${sign} | ${name} | ${version} | ${licence} |`);
  const refused = all.filter(({ licence }) => !isAllowed(licence));
  return [
    "| | package | version | licence |",
    "| --- | --- | --- | --- |",
    ...rows(refused, "❌"),
    ...rows(
      all.filter(({ licence }) => isAllowed(licence)),
      "✅",
    ),
    "",
  ].join("\n");
}
