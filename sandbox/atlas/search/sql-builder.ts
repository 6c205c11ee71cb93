import { PRIORITIES, STATUSES } from "../constants.ts";
import { parseJsDate } from "../dates.ts";
import { ApiError } from "../http/api-error.ts";
import { type FilterField, invalidSearchField, type SearchCriteria } from "./criteria.ts";
import type { Entity, Field, ScalarKind } from "./entities.ts";

export interface SearchSql {
  where: string;
  orderBy: string;
  parameters: unknown[];
}

/** The conditions and order of a search, over the entity's table under the alias `t`. */
export function searchSql(entity: Entity, criteria: SearchCriteria): SearchSql {
  const parameters: unknown[] = [];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const conditions = criteria.filterFields.map((filter) => condition(entity, filter, bind));
  return {
    where: conditions.length === 0 ? "true" : conditions.join(" AND "),
    orderBy: `${sortExpression(entity, criteria.sortField)} ${criteria.direction}`,
    parameters,
  };
}

type Bind = (value: unknown) => string;
/** A leaf sees the SQL of its value and what kind of value it is; for a relation that is its id. */
type Leaf = (expression: string, kind: ScalarKind | "id") => string;

/** A filter or any of its alternatives. */
function condition(entity: Entity, filter: FilterField, bind: Bind): string {
  const own = alongPath(entity, "t", filter.field.split("."), (expression, kind) =>
    predicate(filter, expression, kind, bind),
  );
  const others = filter.alternatives.map((alternative) => condition(entity, alternative, bind));
  return `(${[own, ...others].join(" OR ")})`;
}

/** Follows a dotted path: to-one relations by scalar subqueries, to-many ones by EXISTS. */
function alongPath(entity: Entity, alias: string, path: string[], leaf: Leaf): string {
  const [name = "", ...rest] = path;
  const field = fieldOf(entity, name);
  if (field === undefined) throw invalidSearchField();
  if (field.kind === "many") return alongMany(field, alias, rest, leaf);
  const column = `${alias}.${field.column}`;
  if (field.kind !== "one") {
    if (rest.length > 0) throw invalidSearchField();
    return leaf(column, field.kind);
  }
  if (rest.length === 0) return leaf(column, "id");
  const inner = `${alias}_${name.toLowerCase()}`;
  return alongPath(field.target(), inner, rest, (expression, kind) =>
    leaf(`(SELECT ${expression} FROM ${field.target().table} ${inner} WHERE ${inner}.id = ${column})`, kind),
  );
}

function alongMany(
  field: Extract<Field, { kind: "many" }>,
  alias: string,
  rest: string[],
  leaf: Leaf,
): string {
  const link = `${alias}_link`;
  const target = field.target();
  const inner = `${alias}_item`;
  const matches =
    rest.length === 0 ? leaf(`${link}.${field.other}`, "id") : alongPath(target, inner, rest, leaf);
  return (
    `EXISTS (SELECT 1 FROM ${field.link} ${link} JOIN ${target.table} ${inner} ON ${inner}.id = ${link}.${field.other} ` +
    `WHERE ${link}.${field.own} = ${alias}.id AND ${matches})`
  );
}

function predicate(filter: FilterField, expression: string, kind: ScalarKind | "id", bind: Bind): string {
  switch (filter.operation) {
    case "eq":
    case "ne":
      return equality(filter, expression, kind, bind);
    case "cn":
    case "nc":
    case "bw":
    case "bn":
    case "ew":
    case "en":
      return likeness(filter, expression, kind, bind);
    case "gt":
    case "ge":
    case "lt":
    case "le":
      return comparison(filter, expression, kind, bind);
    case "in":
      return membership(filter, expression, kind, bind);
    case "inm":
      if (filter.joinType === null) throw unusable("inm needs a joinType");
      return membership(filter, expression, kind, bind);
    case "nu":
      return `${expression} IS NULL`;
    case "nn":
      return `${expression} IS NOT NULL`;
  }
}

function equality(filter: FilterField, expression: string, kind: ScalarKind | "id", bind: Bind): string {
  if (isEnum(kind) || kind === "date") throw unusable(`'${filter.operation}' on a value of type ${kind}`);
  if (filter.value === null) return "false";
  const operator = filter.operation === "eq" ? "=" : "<>";
  return `${expression} ${operator} ${bind(typed(filter.value, kind))}`;
}

const PATTERNS: Record<string, { negated: boolean; pattern: (value: string) => string }> = {
  cn: { negated: false, pattern: (value) => `%${value}%` },
  nc: { negated: true, pattern: (value) => `%${value}%` },
  bw: { negated: false, pattern: (value) => `${value}%` },
  bn: { negated: true, pattern: (value) => `${value}%` },
  ew: { negated: false, pattern: (value) => `%${value}` },
  en: { negated: true, pattern: (value) => `%${value}` },
};

/** Case- and accent-insensitive; `%` and `_` of the value are wild cards and cannot be escaped. */
function likeness(filter: FilterField, expression: string, kind: ScalarKind | "id", bind: Bind): string {
  if (filter.value === null) {
    throw new ApiError(
      500,
      'Cannot invoke "Object.toString()" because the return value of "getValue()" is null',
    );
  }
  if (kind !== "text") throw unusable(`'${filter.operation}' on a value of type ${kind}`);
  const { negated, pattern } = PATTERNS[filter.operation] ?? {
    negated: false,
    pattern: (value: string) => value,
  };
  const parameter = bind(pattern(String(filter.value).toLowerCase()));
  const like = `unaccent(lower(${expression})) LIKE unaccent(${parameter}) ESCAPE ''`;
  return negated ? `NOT (${like})` : like;
}

const SIGNS: Record<string, string> = { gt: ">", ge: ">=", lt: "<", le: "<=" };

function comparison(filter: FilterField, expression: string, kind: ScalarKind | "id", bind: Bind): string {
  const sign = SIGNS[filter.operation] ?? "=";
  if (kind !== "date") return `${expression} ${sign} ${bind(typed(filter.value, kind))}`;
  const inclusive = filter.operation === "ge" || filter.operation === "le";
  if (!inclusive || filter.enumName !== "JS_DATE") throw unusable("dates compare by ge and le with JS_DATE");
  const date = parseJsDate(String(filter.value));
  return date === undefined ? "false" : `${expression} ${sign} ${bind(date)}`;
}

function membership(filter: FilterField, expression: string, kind: ScalarKind | "id", bind: Bind): string {
  if (filter.values.length === 0) return "false";
  if (isEnum(kind)) return `${expression} = ANY(${bind(ordinals(filter, kind))}::smallint[])`;
  if (kind === "date") throw unusable("'in' on a date");
  const parameters = filter.values.map((value) => bind(typed(value, kind)));
  return `${expression} IN (${parameters.join(", ")})`;
}

function isEnum(kind: ScalarKind | "id"): boolean {
  return kind === "enum" || kind === "status" || kind === "priority";
}

/** An unknown status is read as OPEN and an unknown priority as NONE, silently. */
function ordinals(filter: FilterField, kind: ScalarKind | "id"): number[] {
  if (kind === "enum" || filter.enumName?.toLowerCase() !== kind)
    throw unusable("this enum cannot be filtered");
  const constants: readonly unknown[] = kind === "status" ? STATUSES : PRIORITIES;
  return filter.values.map((value) => Math.max(0, constants.indexOf(value)));
}

function typed(value: unknown, kind: ScalarKind | "id"): unknown {
  const wanted = kind === "id" || kind === "number" ? "number" : kind === "boolean" ? "boolean" : "string";
  if (typeof value === wanted) return value;
  if (wanted === "number" && typeof value === "string" && /^-?\d+$/.test(value)) return Number(value);
  throw unusable(`a value of type ${typeof value} for a field of type ${kind}`);
}

function sortExpression(entity: Entity, path: string): string {
  try {
    return alongPath(entity, "t", path.split("."), (expression) => expression);
  } catch (fault) {
    throw new ApiError(500, `No property '${path}' found for type '${entity.name}'`, { cause: fault });
  }
}

function fieldOf(entity: Entity, name: string): Field | undefined {
  return Object.hasOwn(entity.fields, name) ? entity.fields[name] : undefined;
}

function unusable(what: string): ApiError {
  return new ApiError(500, `org.hibernate.query.SemanticException: Cannot compare: ${what}`);
}
