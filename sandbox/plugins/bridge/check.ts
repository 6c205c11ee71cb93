import { createHash, randomBytes } from "node:crypto";
import type { Fields, PropertySpec, Props, ScalarSpec, Value } from "./schema.ts";
import { containsUnknown, DEFAULTS, isObject, isSet, pathTo, UNKNOWN } from "./values.ts";

export interface Failure {
  property: string;
  reason: string;
}

export interface Naming {
  resource: string;
  seed: Uint8Array;
  /** From the project's `pulumi:autonaming` configuration. */
  proposed?: { name: string; mode: "propose" | "enforce" | "disable" };
}

export interface Checked {
  inputs: Props;
  failures: Failure[];
}

/** Inputs as the program wrote them, with types put right and defaults and the name filled in. */
export function checkInputs(fields: Fields, news: Props, olds: Props | undefined, naming: Naming): Checked {
  const failures: Failure[] = [];
  const inputs = checkFields(fields, news, olds, naming, "", failures);
  return { inputs, failures };
}

function checkFields(
  fields: Fields,
  news: Props,
  olds: Props | undefined,
  naming: Naming,
  path: string,
  failures: Failure[],
): Props {
  const at = (key: string) => pathTo(path, key);
  const inputs: Props = {};
  const defaulted: string[] = [];

  for (const [key, value] of Object.entries(news)) {
    if (key === DEFAULTS || !isSet(value)) continue;
    const spec = fields[key];
    if (spec === undefined) failures.push(unexpected(key, naming, at(key)));
    else inputs[key] = checkValue(spec, value, olds?.[key], naming, at(key), failures);
  }
  for (const [key, spec] of Object.entries(fields)) {
    if (key in inputs) continue;
    const filled = fillIn(spec, olds?.[key], naming);
    if (filled !== undefined) {
      inputs[key] = filled;
      defaulted.push(key);
    } else if (spec.required) failures.push(missing(key, naming, at(key)));
  }
  return { ...inputs, [DEFAULTS]: defaulted.sort() };
}

function checkValue(
  spec: PropertySpec,
  value: Value,
  old: Value | undefined,
  naming: Naming,
  path: string,
  failures: Failure[],
): Value {
  if (value === UNKNOWN) return value;
  switch (spec.type) {
    case "object":
      if (!isObject(value)) return wrongType(spec.type, value, naming, path, failures);
      return checkFields(spec.fields, value, isObject(old) ? old : undefined, naming, path, failures);
    case "map":
      if (!isObject(value)) return wrongType(spec.type, value, naming, path, failures);
      return Object.fromEntries(
        Object.entries(value)
          .filter(([key]) => key !== DEFAULTS)
          .map(([key, item]) => [
            key,
            checkValue(spec.item, item, undefined, naming, pathTo(path, key), failures),
          ]),
      );
    case "list":
    case "set":
      if (!Array.isArray(value)) return wrongType(spec.type, value, naming, path, failures);
      return value.map((item, index) =>
        checkValue(spec.item, item, undefined, naming, pathTo(path, index), failures),
      );
    default:
      return checkScalar(spec, value, naming, path, failures);
  }
}

function checkScalar(
  spec: ScalarSpec,
  value: Value,
  naming: Naming,
  path: string,
  failures: Failure[],
): Value {
  const converted = convert(spec.type, value);
  if (converted === undefined) return wrongType(spec.type, value, naming, path, failures);
  if (spec.pattern && typeof converted === "string" && !spec.pattern.test(converted))
    failures.push({
      property: "",
      reason: `${JSON.stringify(converted)} doesn't match pattern: ${spec.pattern.source}. ${examine(naming, path)}`,
    });
  const wrong = spec.validate?.(converted, nameOf(path));
  if (wrong !== undefined) failures.push({ property: "", reason: `${wrong}. ${examine(naming, path)}` });
  return converted;
}

/** Programs in loosely typed languages write 8080 as "8080"; the bridge takes both. */
function convert(type: ScalarSpec["type"], value: Value): Value | undefined {
  if (typeof value === type) return value;
  if (type === "string" && (typeof value === "number" || typeof value === "boolean")) return String(value);
  if (type === "number" && typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)))
    return Number(value);
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  return undefined;
}

function fillIn(spec: PropertySpec, old: Value | undefined, naming: Naming): Value | undefined {
  if (spec.type === "string" && spec.autoname) {
    if (isSet(old) && !containsUnknown(old)) return old;
    return autoname(naming);
  }
  return spec.default;
}

function autoname({ resource, seed, proposed }: Naming): string | undefined {
  if (proposed?.mode === "disable") return undefined;
  if (proposed !== undefined && proposed.name !== "") return proposed.name;
  const random = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return `${resource}-${random.toString("hex").slice(0, 7)}`;
}

function missing(key: string, naming: Naming, path: string): Failure {
  const text = `The argument "${key}" is required, but no definition was found.`;
  return { property: "", reason: `Missing required argument. ${text}. ${examine(naming, path)}` };
}

function unexpected(key: string, naming: Naming, path: string): Failure {
  const text = `An argument named "${key}" is not expected here.`;
  return { property: "", reason: `Unsupported argument. ${text}. ${examine(naming, path)}` };
}

function wrongType(expected: string, value: Value, naming: Naming, path: string, failures: Failure[]): Value {
  const given = Array.isArray(value) ? "list" : typeof value;
  failures.push({
    property: "",
    reason: `expected a ${expected} value, received a ${given}. ${examine(naming, path)}`,
  });
  return value;
}

/** The last name in a path, spelled as Terraform does: `inboundRules[0].portRange` is port_range. */
function nameOf(path: string): string {
  const names = path.match(/[A-Za-z]\w*/g) ?? [];
  return (names.at(-1) ?? path).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function examine(naming: Naming, path: string): string {
  return `Examine values at '${naming.resource}.${path}'.`;
}
