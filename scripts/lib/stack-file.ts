// A stack's configuration as its file says, for decisions that come before Pulumi runs.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { variableName } from "../../components/config-schema.ts";
import { root } from "./root.ts";

/** The value of `atlas:KEY` for the next run; undefined where the default holds, or where it is a list or an object. */
export function configured(stack: string, key: string): string | undefined {
  const override = process.env[variableName(key)];
  if (override !== undefined) return override;
  const file = path.join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) return undefined;
  const value: unknown = parse(readFileSync(file, "utf8"))?.config?.[`atlas:${key}`];
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
}

export const runsOnDroplet = (stack: string): boolean => configured(stack, "host") === "droplet";
