import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Version of an installed npm package: the one place that says which Pulumi and which plugins belong to this checkout. */
export const packageVersion = (name: string): string => require(`${name}/package.json`).version;
