import { flag, objects, text, texts } from "../../bridge/props.ts";
import {
  boolean,
  type Fields,
  list,
  object,
  type PropertySpec,
  type Props,
  string,
  type Value,
} from "../../bridge/schema.ts";
import { oneOf } from "../checks.ts";

/** Arguments of the functions that list: which records, and in what order. */
export function listArguments(record: Fields): Fields {
  const key = string({ required: true, validate: oneOf(Object.keys(record).map(snake)) });
  const filter = object({
    all: boolean({ default: false }),
    key,
    matchBy: string({ default: "exact", validate: oneOf(["exact", "re", "substring"]) }),
    values: list(string(), { required: true }),
  });
  const sort = object({ direction: string({ validate: oneOf(["asc", "desc"]) }), key });
  return { filters: list(filter), sorts: list(sort) };
}

export function selected(record: Fields, all: Props[], { filters, sorts }: Props): Props[] {
  const left = objects(filters).reduce(
    (records, filter) => records.filter((one) => passes(one[camel(text(filter.key))], filter)),
    all,
  );
  return left.toSorted((one, other) => {
    for (const { key, direction } of objects(sorts)) {
      const name = camel(text(key));
      const order = compare(record[name], one[name], other[name]);
      if (order !== 0) return direction === "desc" ? -order : order;
    }
    return 0;
  });
}

/** One of the wanted values is enough, unless all are asked for. */
function passes(value: Value | undefined, { values, matchBy, all }: Props): boolean {
  const has = (wanted: string) =>
    Array.isArray(value)
      ? value.some((item) => matches(item, wanted, text(matchBy)))
      : matches(value ?? "", wanted, text(matchBy));
  return flag(all) ? texts(values).every(has) : texts(values).some(has);
}

function matches(value: Value, wanted: string, matchBy: string): boolean {
  if (typeof value === "number") return value === Number(wanted);
  const name = String(value);
  if (matchBy === "re") return new RegExp(wanted).test(name);
  if (matchBy === "substring") return name.includes(wanted);
  return name.toLowerCase() === wanted.toLowerCase();
}

function compare(spec: PropertySpec | undefined, one: Value | undefined, other: Value | undefined): number {
  if (spec?.type === "number" || spec?.type === "boolean") return Number(one) - Number(other);
  return String(one).localeCompare(String(other));
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
