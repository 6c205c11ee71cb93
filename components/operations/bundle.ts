// The operations as one file that Debian's Node.js runs.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
/** What may be in it; packages are in the lockfile. */
const sources = ["ops", "client", "components"];

/** Another one means that the file would be another, or that what it is made from is. */
export function bundleDigest(): string {
  const hash = createHash("sha256").update(readFileSync(path.join(root, "package-lock.json")));
  for (const folder of sources)
    for (const name of readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).sort())
      if (name.endsWith(".ts")) hash.update(name).update(readFileSync(path.join(root, folder, name)));
  return hash.digest("hex").slice(0, 16);
}

/** Debian 13 has Node.js 20, which lacks these; packages that were CommonJS ask for `require`. */
const preamble = `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new Promise((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
};
URL.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);
`;

/** @returns the program's text */
export async function bundle(): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [path.join(root, "ops/main.ts")],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "esm",
    legalComments: "none",
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: preamble },
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (!file) throw new Error("esbuild made no file of ops/main.ts");
  return file.text;
}
