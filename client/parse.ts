import { z } from "zod";
import { headerOf, jsonOf } from "./answers.ts";
import { AtlasSchemaError, AtlasValidationError, type Fault, type SchemaMismatch } from "./errors.ts";
import { type Operation, type OperationName, type RequestTrail, trailDetails } from "./operation.ts";
import type { Answer } from "./transport.ts";

/** Version of the API for which the schemas were written. */
export const API_VERSION = "Atlas CMMS v1.8.0 and d4ce8ef";

/**
 * Checks an input before anything is sent.
 * @throws AtlasValidationError naming each faulty field.
 */
export function checkedInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
  operation: OperationName,
): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(faultOf);
  const list = faults.map(({ name, problem }) => (name === "" ? problem : `${name} ${problem}`)).join("; ");
  throw new AtlasValidationError(
    `Could not ${operation.doing}: ${list}. Nothing was sent; correct the input.`,
    { operation: operation.name, faults, outcome: "none" },
  );
}

function faultOf(issue: z.core.$ZodIssue): Fault {
  return { name: issue.path.join("."), problem: issue.message };
}

/**
 * Reads the body of a 2xx answer.
 * @param schema one that is kept for good: it is compiled when it first comes.
 * @throws AtlasSchemaError naming the first place that differs.
 */
export function parsedAnswer<S extends z.ZodType>(
  schema: S,
  answer: Answer,
  operation: Operation,
  request: RequestTrail,
): z.output<S> {
  const body = jsonOf(answer);
  if (body === undefined) throw schemaError(notJson(answer), answer, operation, request);
  const parsed = compiled(schema).safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw parsed.error;
  throw schemaError(mismatchOf(issue, body), answer, operation, request, parsed.error);
}

const compiledSchemas = new WeakMap<z.ZodType, z.ZodType>();

/** The schema as code of its own, made when it is first needed: that takes some milliseconds, and a third off each answer. */
function compiled<S extends z.ZodType>(schema: S): S {
  let known = compiledSchemas.get(schema);
  if (known === undefined) {
    known = z.compile(schema);
    compiledSchemas.set(schema, known);
  }
  // What is kept for a schema is that schema, compiled.
  return known as S;
}

function schemaError(
  mismatch: SchemaMismatch,
  answer: Answer,
  operation: Operation,
  request: RequestTrail,
  cause?: unknown,
): AtlasSchemaError {
  const { path, expected, received } = mismatch;
  const next =
    path === "$" && expected === "JSON"
      ? "Check the base URL: it must lead to the API (often it ends in /api), not to the web page."
      : `Check that the server's version fits this client (${API_VERSION}).`;
  return new AtlasSchemaError(
    `Could not ${operation.doing}: in the answer to ${request.method} ${request.path}, ${path} should be ${expected} but is ${received}. ${next}`,
    { ...trailDetails(operation, request), status: answer.status, mismatch },
    { cause },
  );
}

function notJson(answer: Answer): SchemaMismatch {
  const type = headerOf(answer, "content-type") ?? "no content type";
  return { path: "$", expected: "JSON", received: answer.text === "" ? "empty" : type };
}

function mismatchOf(issue: z.core.$ZodIssue, body: unknown): SchemaMismatch {
  const path = issue.path.length === 0 ? "$" : issue.path.join(".");
  return { path, expected: expectedBy(issue), received: kindOf(valueAt(body, issue.path)) };
}

function expectedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return issue.expected;
  if (issue.code === "invalid_value") return `one of ${issue.values.join(", ")}`;
  return issue.message;
}

/** Only the kind of a value, and short words such as an unknown status: a whole value may be a secret. */
function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return /^[A-Z_]{1,40}$/.test(value) ? value : "text";
  return typeof value === "object" ? "an object" : `${typeof value} ${String(value)}`;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    body,
  );
}
