// Reads what a program asked for, which may be unknown before the run or not what its type says.
import Big from "big.js";
import { unknown } from "../resource.ts";

/** Why there is no value: the reason why a price is not known. */
export interface Fault {
  fault: string;
}

export const isFault = (value: unknown): value is Fault =>
  typeof value === "object" && value !== null && "fault" in value;

/** The input at a path such as `nodePool.size`: undefined where there is none, `unknown` where it lies in what is unknown. */
export function input(inputs: Record<string, unknown>, path: string): unknown {
  let value: unknown = inputs;
  for (const name of path.split(".")) {
    if (value === undefined || value === null || value === unknown) return value ?? undefined;
    value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value ?? undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** A whole number, of things that are counted. */
export function readCount(inputs: Record<string, unknown>, path: string, least = 1): Big | Fault {
  const value = input(inputs, path);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least
    ? Big(value)
    : faultOf(path, value, `a whole number from ${least} on`);
}

export function readText(inputs: Record<string, unknown>, path: string): string | Fault {
  const value = input(inputs, path);
  return typeof value === "string" && value !== "" && value !== unknown
    ? value
    : faultOf(path, value, "a text");
}

/** @param missing what it is where the program does not say */
export function readFlag(inputs: Record<string, unknown>, path: string, missing = false): boolean | Fault {
  const value = input(inputs, path) ?? missing;
  return typeof value === "boolean" ? value : faultOf(path, value, "true or false");
}

export function faultOf(path: string, value: unknown, expected: string): Fault {
  if (value === undefined) return { fault: `\`${path}\` is not set` };
  if (value === unknown) return { fault: `\`${path}\` is not known before the run` };
  // What is not a plain value may hold a secret.
  const shown = ["string", "number", "boolean"].includes(typeof value) ? JSON.stringify(value) : typeof value;
  return { fault: `\`${path}\` must be ${expected}, and is ${shown}` };
}
