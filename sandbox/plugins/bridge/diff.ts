import type { CollectionSpec, Fields, MapSpec, PropertySpec, Props, Value } from "./schema.ts";
import { DEFAULTS, isObject, isSet, isZero, notedDefaults, pathTo, topOf, UNKNOWN } from "./values.ts";

export type Kind = "add" | "delete" | "update";
export interface Change {
  kind: Kind;
  replace: boolean;
}

export interface Difference {
  detailed: Record<string, Change>;
  /** Top-level properties that changed, and those that need a new object. */
  changed: string[];
  replaces: string[];
}

/**
 * Compares what exists (the state, not the last inputs: drift found by a refresh must show) with what the program
 * wants.
 */
export function diff(
  fields: Fields,
  state: Props,
  news: Props,
  ignored: readonly string[] = [],
  unchanged: (key: string) => boolean = () => false,
): Difference {
  const detailed: Record<string, Change> = {};
  for (const [key, spec] of Object.entries(fields)) {
    if (unchanged(key)) continue;
    const replace = spec.forceNew === true || spec.forceNewIf?.(state[key], news[key]) === true;
    for (const [path, kind] of compare(spec, state[key], news[key], pathTo("", key)))
      if (!ignored.some((pattern) => covers(pattern, path))) detailed[path] = { kind, replace };
  }
  const tops = (paths: string[]) => [...new Set(paths.map(topOf))];
  const paths = Object.keys(detailed);
  return { detailed, changed: tops(paths), replaces: tops(paths.filter((path) => detailed[path]?.replace)) };
}

export function isSame(spec: PropertySpec, old: Value | undefined, value: Value | undefined): boolean {
  return compare(spec, old, value, "").length === 0;
}

/** A name given by hand is taken until the old object is gone; a generated one never collides. */
export function nameForcesDeleteFirst(fields: Fields, oldInputs: Props, news: Props): boolean {
  return Object.entries(fields).some(
    ([key, spec]) =>
      spec.type === "string" &&
      spec.autoname === true &&
      !notedDefaults(news).includes(key) &&
      news[key] === oldInputs[key],
  );
}

/** An ignored path covers itself and all beneath it; [*] stands for any index or key. */
function covers(pattern: string, path: string): boolean {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const expression = pattern.split("[*]").map(literal).join("\\[[^\\]]*\\]");
  return pattern === "*" || new RegExp(`^${expression}($|[.[])`).test(path);
}

type Entry = readonly [path: string, kind: Kind];

function compare(
  spec: PropertySpec,
  old: Value | undefined,
  value: Value | undefined,
  path: string,
): Entry[] {
  if (!isSet(value)) return spec.computed || spec.keptWhenUnset || isZero(old) ? [] : [[path, "delete"]];
  if (value === UNKNOWN) return [[path, isSet(old) ? "update" : "add"]];
  if (isZero(old) && isZero(value)) return [];
  if (!isSet(old)) return [[path, "add"]];

  switch (spec.type) {
    case "object":
      return isObject(old) && isObject(value)
        ? compareFields(spec.fields, old, value, path)
        : [[path, "update"]];
    case "map":
      return isObject(old) && isObject(value) ? compareMaps(spec, old, value, path) : [[path, "update"]];
    case "list":
      return Array.isArray(old) && Array.isArray(value)
        ? compareLists(spec, old, value, path)
        : [[path, "update"]];
    case "set":
      return Array.isArray(old) && Array.isArray(value)
        ? compareSets(spec, old, value, path)
        : [[path, "update"]];
    default:
      return old === value || old === spec.stored?.(value) || spec.same?.(old, value)
        ? []
        : [[path, "update"]];
  }
}

function compareFields(fields: Fields, old: Props, value: Props, path: string): Entry[] {
  return Object.entries(fields).flatMap(([key, spec]) =>
    compare(spec, old[key], value[key], pathTo(path, key)),
  );
}

function compareMaps(spec: MapSpec, old: Props, value: Props, path: string): Entry[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(value)].filter((key) => key !== DEFAULTS));
  return [...keys].sort().flatMap((key) => {
    // In a map "" is a value like any other: only the key's absence is an absence.
    if (!(key in old)) return [[pathTo(path, key), "add"] as const];
    return compare(spec.item, old[key], value[key], pathTo(path, key));
  });
}

function compareLists(spec: CollectionSpec, old: Value[], value: Value[], path: string): Entry[] {
  return Array.from({ length: Math.max(old.length, value.length) }, (_, index): Entry[] => {
    const at = pathTo(path, index);
    if (index >= value.length) return [[at, "delete"]];
    if (index >= old.length) return [[at, "add"]];
    return compare(spec.item, old[index], value[index], at);
  }).flat();
}

function compareSets(spec: CollectionSpec, old: Value[], value: Value[], path: string): Entry[] {
  const gone = new Map(old.entries());
  const fresh = [...value.entries()].filter(([, item]) => {
    const match = [...gone].find(([, candidate]) => isSame(spec.item, candidate, item));
    if (match !== undefined) gone.delete(match[0]);
    return match === undefined;
  });
  const entries = fresh.flatMap(([index, item]): Entry[] => {
    const at = pathTo(path, index);
    if (!gone.has(index)) return [[at, "add"]];
    const changes = compare(spec.item, gone.get(index), item, at);
    gone.delete(index);
    return changes;
  });
  return [...entries, ...[...gone.keys()].map((index): Entry => [pathTo(path, index), "delete"])];
}
