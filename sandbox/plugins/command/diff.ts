import { isDeepStrictEqual } from "node:util";
import type { Change, Difference, Kind } from "../bridge/diff.ts";
import type { Props, Value } from "../bridge/schema.ts";
import { isObject, isSet, pathTo, topOf } from "../bridge/values.ts";
import type { Fields } from "./fields.ts";
import { isArchive, isAsset, isSecret } from "./values.ts";

/** Compares inputs with inputs: this provider never looks at what its commands did. */
export function diff(
  fields: Fields,
  state: Props,
  news: Props,
  ignored: readonly string[],
  canUpdate: boolean,
): Difference {
  const wanted = { ...news };
  for (const key of ignored) if (key in fields) wanted[key] = state[key] ?? null;

  const entries = Object.keys(fields).flatMap((key) => compare(state[key], wanted[key], pathTo("", key)));
  const detailed: Record<string, Change> = Object.fromEntries(
    entries.map(([path, kind]) => {
      return [path, { kind, replace: !canUpdate || fields[topOf(path)]?.replaces === true }];
    }),
  );
  const tops = (paths: string[]) => [...new Set(paths.map(topOf))];
  const paths = Object.keys(detailed);
  return { detailed, changed: tops(paths), replaces: tops(paths.filter((path) => detailed[path]?.replace)) };
}

type Entry = readonly [path: string, kind: Kind];

function compare(old: Value | undefined, value: Value | undefined, path: string): Entry[] {
  if (!isSet(old)) return isSet(value) ? [[path, "add"]] : [];
  if (!isSet(value)) return [[path, "delete"]];
  if (Array.isArray(old) && Array.isArray(value))
    return Array.from({ length: Math.max(old.length, value.length) }, (_, index) =>
      compare(old[index], value[index], pathTo(path, index)),
    ).flat();
  if (isPlain(old) && isPlain(value))
    return [...new Set([...Object.keys(old), ...Object.keys(value)])]
      .sort()
      .flatMap((key) => compare(old[key], value[key], pathTo(path, key)));
  return isSame(old, value) ? [] : [[path, "update"]];
}

/** A secret is compared as a whole, so that no path tells what is inside. */
function isPlain(value: Value): value is Props {
  return isObject(value) && !isSecret(value) && !isAsset(value) && !isArchive(value);
}

function isSame(old: Value, value: Value): boolean {
  const bothFiles = (isAsset(old) && isAsset(value)) || (isArchive(old) && isArchive(value));
  if (bothFiles && isSet(old.hash) && old.hash !== "") return old.hash === value.hash;
  if (isSecret(old) && isSecret(value)) return compare(old.value, value.value, "").length === 0;
  return isDeepStrictEqual(old, value);
}
