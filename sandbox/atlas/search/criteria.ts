import { ApiError } from "../http/api-error.ts";
import { isRaw, JsonObject, jsonFault } from "../http/json-object.ts";

export const OPERATIONS = [
  "eq",
  "ne",
  "cn",
  "nc",
  "bw",
  "bn",
  "ew",
  "en",
  "gt",
  "ge",
  "lt",
  "le",
  "in",
  "inm",
  "nu",
  "nn",
] as const;
export type Operation = (typeof OPERATIONS)[number];

const ENUM_NAMES = ["STATUS", "PRIORITY", "JS_DATE"] as const;
export type EnumName = (typeof ENUM_NAMES)[number];

export interface FilterField {
  field: string;
  operation: Operation;
  value: unknown;
  values: unknown[];
  enumName: EnumName | null;
  joinType: string | null;
  alternatives: FilterField[];
}

export interface SearchCriteria {
  filterFields: FilterField[];
  pageNum: number;
  pageSize: number;
  sortField: string;
  direction: "ASC" | "DESC";
}

/** The criteria of a body; what the original cannot read or page by is a 500, what it forbids a 400. */
export function readCriteria(body: JsonObject): SearchCriteria {
  const criteria: SearchCriteria = {
    filterFields: readFilters(body),
    pageNum: body.has("pageNum") ? (body.integer("pageNum") ?? 0) : 0,
    pageSize: body.has("pageSize") ? (body.integer("pageSize") ?? 0) : 10,
    sortField: body.has("sortField") ? (body.text("sortField") ?? "") : "id",
    direction: readDirection(body),
  };
  if (criteria.pageNum < 0) throw new ApiError(500, "Page index must not be less than zero");
  if (criteria.pageSize < 1) throw new ApiError(500, "Page size must not be less than one");
  if (criteria.sortField === "") throw new ApiError(500, "Property must not be null or empty");
  return criteria;
}

function readDirection(body: JsonObject): SearchCriteria["direction"] {
  if (!body.has("direction")) return "ASC";
  const value = body.value("direction");
  if (value === "ASC" || value === "DESC") return value;
  if (value === null) throw new ApiError(500, "Direction must not be null");
  throw jsonFault(
    "Cannot deserialize value of type `org.springframework.data.domain.Sort$Direction` from " +
      `String "${String(value)}": not one of the values accepted for Enum class: [DESC, ASC]`,
  );
}

function readFilters(body: JsonObject): FilterField[] {
  if (!body.has("filterFields")) return [];
  const value = body.value("filterFields");
  if (value === null) {
    throw new ApiError(500, 'Cannot invoke "java.util.List.add(Object)" because "this.filterFields" is null');
  }
  return readFilterList(value);
}

function readFilterList(value: unknown): FilterField[] {
  if (!Array.isArray(value)) throw jsonFault("Cannot deserialize value of type `java.util.ArrayList`");
  return value.map((entry) => readFilter(JsonObject.of(entry, "com.grash.advancedsearch.FilterField")));
}

function readFilter(raw: JsonObject): FilterField {
  const field = raw.text("field");
  if (field === null) {
    throw new ApiError(
      500,
      'Cannot invoke "String.equals(Object)" because the return value of "getField()" is null',
    );
  }
  const operation = OPERATIONS.find((known) => known === raw.text("operation"));
  if (field.trim() === "" || operation === undefined || isSensitive(field)) throw invalidSearchField();
  const alternatives = raw.value("alternatives");
  return {
    field,
    operation,
    value: raw.value("value"),
    values: readValues(raw),
    enumName: raw.constant("enumName", "EnumName", ENUM_NAMES),
    joinType: raw.text("joinType"),
    alternatives: alternatives === null ? [] : readFilterList(alternatives),
  };
}

function readValues(raw: JsonObject): unknown[] {
  const values = raw.value("values");
  if (values === null) return [];
  if (Array.isArray(values) && !values.some(isRaw)) return values;
  throw jsonFault("Cannot deserialize value of type `java.util.ArrayList`");
}

function isSensitive(field: string): boolean {
  return field.split(".").some((segment) => ["password", "secret", "token"].includes(segment));
}

export function invalidSearchField(): ApiError {
  return new ApiError(400, "Invalid search field");
}

/** A filter that the server adds itself. */
export function filter(
  field: string,
  operation: Operation,
  values: number[],
  alternatives: FilterField[] = [],
): FilterField {
  const [value] = values;
  return { field, operation, value: value ?? null, values, enumName: null, joinType: "LEFT", alternatives };
}
