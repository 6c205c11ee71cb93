import { parseRequestDate } from "../dates.ts";
import { ApiError } from "./api-error.ts";

type Raw = Record<string, unknown>;

/** A request body read the way Jackson binds it: unknown fields ignored, scalars coerced, everything else a 500. */
export class JsonObject {
  readonly #raw: Raw;

  constructor(raw: Raw) {
    this.#raw = raw;
  }

  static parse(text: string, type: string): JsonObject {
    if (text.trim() === "") {
      throw new ApiError(500, "Required request body is missing");
    }
    return JsonObject.of(parseJson(text), type);
  }

  static of(value: unknown, type: string): JsonObject {
    if (isRaw(value)) return new JsonObject(value);
    throw jsonFault(`Cannot deserialize value of type \`${type}\` from ${tokenOf(value)}`);
  }

  has(name: string): boolean {
    return this.#raw[name] !== undefined;
  }

  value(name: string): unknown {
    return this.#raw[name] ?? null;
  }

  text(name: string): string | null {
    const value = this.value(name);
    if (value === null || typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    throw jsonFault(`Cannot deserialize value of type \`java.lang.String\` from ${tokenOf(value)}`);
  }

  number(name: string): number | null {
    const value = this.value(name);
    if (value === null || value === "" || typeof value === "number") return value === "" ? null : value;
    if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)))
      return Number(value);
    throw jsonFault(`Cannot deserialize value of type \`java.lang.Double\` from ${tokenOf(value)}`);
  }

  integer(name: string): number | null {
    const value = this.number(name);
    return value === null ? null : Math.trunc(value);
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    if (value === null || value === "") return false;
    if (typeof value === "boolean") return value;
    if (typeof value === "number") return value !== 0;
    if (value === "true" || value === "True" || value === "TRUE") return true;
    if (value === "false" || value === "False" || value === "FALSE") return false;
    throw jsonFault(`Cannot deserialize value of type \`boolean\` from ${tokenOf(value)}`);
  }

  date(name: string): Date | null {
    const value = this.value(name);
    if (value === null || value === "") return null;
    const date = typeof value === "string" || typeof value === "number" ? parseRequestDate(value) : undefined;
    if (date) return date;
    throw jsonFault(
      `Cannot deserialize value of type \`java.util.Date\` from ${tokenOf(value)}: not a valid representation`,
    );
  }

  /** One of the constants, by its name or its position. */
  constant<T extends string>(name: string, type: string, constants: readonly T[]): T | null {
    const value = this.value(name);
    if (value === null) return null;
    const known = constants.find((constant, index) => constant === value || index === value);
    if (known !== undefined) return known;
    throw jsonFault(
      `Cannot deserialize value of type \`com.grash.model.enums.${type}\` from ${tokenOf(value)}: not one of the values ` +
        `accepted for Enum class: [${constants.join(", ")}]`,
    );
  }

  /** The id of a reference `{"id": n}`. */
  reference(name: string, type: string): number | null {
    const value = this.value(name);
    return value === null ? null : idOf(value, type);
  }

  references(name: string, type: string): number[] {
    return this.#list(name).map((value) => idOf(value, type));
  }

  texts(name: string): string[] {
    return this.#list(name).map(String);
  }

  #list(name: string): unknown[] {
    const value = this.value(name);
    if (value === null) return [];
    if (Array.isArray(value)) return value;
    throw jsonFault(`Cannot deserialize value of type \`java.util.ArrayList\` from ${tokenOf(value)}`);
  }
}

export function jsonFault(detail: string): ApiError {
  return new ApiError(500, `JSON parse error: ${detail}`);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (fault) {
    throw jsonFault(fault instanceof Error ? fault.message : "unreadable");
  }
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function idOf(value: unknown, type: string): number {
  if (!isRaw(value)) {
    throw jsonFault(
      `Cannot construct instance of \`com.grash.model.${type}\` (although at least one Creator exists): no suitable ` +
        `constructor/factory method to deserialize from ${tokenOf(value)}`,
    );
  }
  const id = new JsonObject(value).integer("id");
  if (id === null) throw new ApiError(500, "The given id must not be null");
  return id;
}

function tokenOf(value: unknown): string {
  if (Array.isArray(value)) return "Array value (token `JsonToken.START_ARRAY`)";
  if (typeof value === "object") return "Object value (token `JsonToken.START_OBJECT`)";
  if (typeof value === "string") return `String "${value}"`;
  return `${typeof value === "boolean" ? "Boolean" : "Number"} value (${value})`;
}
