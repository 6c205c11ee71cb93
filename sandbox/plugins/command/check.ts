import type { Failure } from "../bridge/check.ts";
import type { Props, Value } from "../bridge/schema.ts";
import { isObject, isSet, UNKNOWN } from "../bridge/values.ts";
import type { Struct, Type } from "./fields.ts";
import { isSecret, reveal, secret } from "./values.ts";

export interface Checked {
  inputs: Props;
  failures: Failure[];
}

/** Types are taken as they are, never converted: "22" is no port. Inputs that fail come back untouched. */
export function checkInputs(struct: Struct, news: Props): Checked {
  const failures = faults(struct, reveal(news));
  return { inputs: failures.length > 0 ? news : filledIn(struct, news), failures };
}

function faults(struct: Struct, values: Props): Failure[] {
  const known = Object.entries(struct.fields).flatMap(([key, field]) => {
    const value = values[key];
    if (isSet(value)) return faultsOf(field.type, value, struct, key);
    if (field.required !== true) return [];
    return [{ property: key, reason: `Missing required field '${key}' on '${struct.go}'` }];
  });
  const unknown = Object.keys(values)
    .filter((key) => !(key in struct.fields))
    .map((key) => ({ property: key, reason: `Unrecognized field '${key}' on '${struct.go}'` }));
  return [...known, ...unknown];
}

function faultsOf(type: Type, value: Value, owner: Struct, key: string): Failure[] {
  if (value === UNKNOWN) return [];
  const mismatch = () => {
    const reason = `Field '${key}' on '${owner.go}' must be a '${goType(type)}'; got '${goTypeOf(value)}' instead`;
    return [{ property: key, reason }];
  };
  const undecodable = (text: string) => {
    const at = `${owner.go.slice(owner.go.indexOf(".") + 1)}.${key}`;
    return [{ property: key, reason: `An error occurred decoding '${at}': ${text}` }];
  };
  switch (type.kind) {
    case "any":
    case "source":
      return [];
    case "struct": {
      if (!isObject(value)) return mismatch();
      const inner = faults(type, value).map(({ property, reason }) => `\n\t${property}: ${reason}`);
      return inner.length === 0 ? [] : undecodable(`${inner.length} failures decoding:${inner.join("")}`);
    }
    case "list":
      if (!Array.isArray(value)) return mismatch();
      return first(value.map((item, index) => faultsOf(type.item, item, owner, `${key}[${index}]`)));
    case "map":
      if (!isObject(value)) return mismatch();
      return first(
        Object.entries(value).map(([name, item]) =>
          faultsOf(type.item, item, owner, `${key}[${name}] value`),
        ),
      );
    default:
      if (isObject(value))
        return undecodable(
          `Cannot decode Object{} to type ${goType(type)}; it isn't a struct, and no custom decoder exists`,
        );
      return goTypeOf(value) === scalars[type.kind] ? [] : mismatch();
  }
}

/** Of a list or a map only the first fault is told. */
function first(found: Failure[][]): Failure[] {
  return found.find((faults) => faults.length > 0) ?? [];
}

const scalars = { string: "string", int: "float64", float: "float64", bool: "bool" };

function goType(type: Type): string {
  switch (type.kind) {
    case "string":
    case "struct":
      return type.go;
    case "list":
      return `[]${goType(type.item)}`;
    case "map":
      return `map[string]${goType(type.item)}`;
    case "int":
      return "int";
    case "float":
      return "float64";
    case "bool":
      return "bool";
    default:
      return "interface {}";
  }
}

function goTypeOf(value: Value): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (isObject(value)) return "map[string]interface {}";
  return { string: "string", number: "float64", boolean: "bool" }[typeof value as "string"] ?? "<nil>";
}

/** Defaults and the secret marks that the schema asks for. */
function filledIn(struct: Struct, values: Props): Props {
  const filled = { ...values };
  for (const [key, field] of Object.entries(struct.fields)) {
    const value = values[key];
    if (!isSet(value)) {
      delete filled[key];
      if (field.default !== undefined) filled[key] = field.default;
      continue;
    }
    const { type } = field;
    const whole = type.kind === "struct" ? inside(value, (props) => filledIn(type, props)) : value;
    filled[key] = field.secret === true ? secret(whole) : whole;
  }
  return filled;
}

function inside(value: Value, change: (props: Props) => Props): Value {
  if (isSecret(value)) return secret(inside(value.value, change));
  return isObject(value) ? change(value) : value;
}
