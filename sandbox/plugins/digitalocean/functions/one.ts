import type { Props } from "../../bridge/schema.ts";
import { isSet } from "../../bridge/values.ts";

/** @throws Error where none or more than one of the arguments says what is looked for */
export function exactlyOne(args: Props, names: readonly string[]): void {
  const given = names.filter((name) => isSet(args[name]));
  if (given.length === 1) return;
  const all = names.map((name) => `\`${name}\``).join(",");
  throw new Error(
    given.length === 0
      ? `Invalid combination of arguments: one of ${all} must be specified`
      : `Invalid combination of arguments: only one of ${all} can be specified, but ${given.map((name) => `\`${name}\``).join(",")} were specified`,
  );
}

/** The only one of that description. */
export function only<T>(found: T[], kind: string, description: string): T {
  const [first] = found;
  if (first === undefined) throw new Error(`no ${kind} found with ${description}`);
  if (found.length > 1)
    throw new Error(`too many ${kind}s found with ${description} (found ${found.length}, expected 1)`);
  return first;
}
