import type { Props, Value } from "./schema.ts";

/** How the engine writes a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The bridge notes in the inputs which of them it filled in itself. */
export const DEFAULTS = "__defaults";
export const META = "__meta";

export function isObject(value: Value | undefined): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSet(value: Value | undefined): value is Value {
  return value !== undefined && value !== null;
}

export function containsUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

/** Unset and the zero of its type are the same to Terraform's comparison. */
export function isZero(value: Value | undefined): boolean {
  if (!isSet(value) || value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).every((key) => key === DEFAULTS);
}

/** Outputs never carry the bridge's own notes. */
export function withoutNotes<T extends Value>(value: T): T;
export function withoutNotes(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => withoutNotes(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== DEFAULTS && key !== META)
      .map(([key, item]) => [key, withoutNotes(item)]),
  );
}

export function notedDefaults(inputs: Props | undefined): string[] {
  const noted = inputs?.[DEFAULTS];
  return Array.isArray(noted) ? noted.filter((key) => typeof key === "string") : [];
}

/** A property path as the engine reads it: `ports[0].external`, `logOpts["max-size"]`. */
export function pathTo(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${parent}[${JSON.stringify(key)}]`;
  return parent === "" ? key : `${parent}.${key}`;
}

export function topOf(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}
