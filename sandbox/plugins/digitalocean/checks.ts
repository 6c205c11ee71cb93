import type { Value } from "../bridge/schema.ts";

/** The original's validators, with their words. */

type Check = (value: Value, name: string) => string | undefined;

export const notEmpty: Check = (value, name) => {
  if (value === "") return `${name} must not be empty`;
  return value === 0 ? `${name} must not be zero` : undefined;
};

export const oneOf =
  (choices: readonly string[], ignoreCase = false): Check =>
  (value, name) => {
    const same = (choice: string) =>
      ignoreCase ? choice.toLowerCase() === String(value).toLowerCase() : choice === value;
    if (choices.some(same)) return undefined;
    return `expected ${name} to be one of [${choices.map((choice) => `"${choice}"`).join(" ")}], got ${value}`;
  };

export const between =
  (least: number, most: number): Check =>
  (value, name) =>
    Number(value) >= least && Number(value) <= most
      ? undefined
      : `expected ${name} to be in the range (${least} - ${most}), got ${value}`;

export const atLeast =
  (least: number): Check =>
  (value, name) =>
    Number(value) >= least ? undefined : `expected ${name} to be at least (${least}), got ${value}`;

export const lengthBetween =
  (least: number, most: number): Check =>
  (value, name) => {
    const { length } = String(value);
    return length >= least && length <= most
      ? undefined
      : `expected length of ${name} to be in the range (${least} - ${most}), got ${value}`;
  };

export const ipv4: Check = (value, name) => {
  const numbers = String(value).split(".");
  const isAddress =
    numbers.length === 4 && numbers.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isAddress ? undefined : `expected ${name} to contain a valid IPv4 address, got: ${value}`;
};

export const cidr: Check = (value, name) => {
  const [address, length = ""] = String(value).split("/", 2);
  const isRange =
    address !== undefined &&
    ipv4(address, name) === undefined &&
    /^\d{1,2}$/.test(length) &&
    Number(length) <= 32;
  return isRange
    ? undefined
    : `expected "${name}" to be a valid IPv4 Value, got ${value}: invalid CIDR address: ${value}`;
};

/** Slugs are lower case in the API, however a program writes them. */
export const lowerCase = (value: Value): Value => (typeof value === "string" ? value.toLowerCase() : value);

export const sameText =
  (normal: (text: string) => string) =>
  (old: Value, value: Value): boolean =>
    normal(String(old)) === normal(String(value));
