import type { z } from "zod";
import type { Account } from "../state.ts";
import type { Twin } from "../twin.ts";
import { badRequest, notFound, unprocessable } from "./errors.ts";

export interface Call {
  twin: Twin;
  account: Account;
  parameters: Record<string, string>;
  query: URLSearchParams;
  /** Scheme and host as the caller wrote them, and the path. */
  url: URL;
  body: string;
}

/** The call's body. Nulls count as absent: clients written in Go send them for what was not given. */
export function readBody<T>(call: Call, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseBody(call.body), { error: plainly });
  if (result.success) return result.data;
  throw unprocessable(result.error.issues.map(({ message }) => message).join("; "));
}

export function parseBody(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text, (_, value) => (value === null ? undefined : value));
  } catch {
    throw badRequest("Unable to parse the JSON of the request body.");
  }
}

/** For what a schema has no words of its own. */
const plainly: z.core.$ZodErrorMap = ({ code, input, path = [], ...issue }) => {
  const subject = path.join(".") || "the request body";
  if (input === undefined) return `${subject} is required`;
  return code === "invalid_type" ? `${subject} must be of type ${issue.expected}` : `${subject} is invalid`;
};

/** A path parameter that is a number, as ids of droplets, keys, actions and records are. */
export function idParameter(call: Call, name = "id"): number {
  const text = call.parameters[name] ?? "";
  if (!/^\d{1,15}$/.test(text)) throw notFound();
  return Number(text);
}

export const parameter = (call: Call, name = "id"): string => call.parameters[name] ?? "";

/** What was asked for, or the original's 404. */
export function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw notFound();
  return thing;
}
