import type { Props, Value } from "./schema.ts";
import { isObject } from "./values.ts";

/** Typed looks into checked inputs: unset and the type's zero are one, as for the original. */

export function text(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

export function amount(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}

export function flag(value: Value | undefined): boolean {
  return value === true;
}

export function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.map((item) => (typeof item === "string" ? item : "")) : [];
}

export function objects(value: Value | undefined): Props[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function fields(value: Value | undefined): Props {
  return isObject(value) ? value : {};
}

export function textMap(value: Value | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(fields(value)).map(([key, item]) => [key, text(item)]));
}

/** Leaves out what is not set, for the service at the other end tells unset from empty. */
export function given<T extends object>(body: T): Partial<T> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => !isNothing(value))) as Partial<T>;
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}
