import { z } from "zod";
import type { Calls } from "./calls.ts";
import { madeSince } from "./likeness.ts";
import type { Operation } from "./operation.ts";
import { successOut } from "./schemas/fields.ts";
import { userOut } from "./schemas/user.ts";
import { searchPage, searchRequest } from "./search.ts";
import type { AtlasRequest } from "./sender.ts";

/* What the API does alike for all kinds of records. `path` is a record's, e.g. `/work-orders/7`. */

/** The fields of a record exactly as stored, unknown ones too: what may be written back. */
export const storedOut = z.record(z.string(), z.unknown());

export function getRequest(path: string): AtlasRequest {
  return { method: "GET", path, repeatable: true };
}

/** PATCH resets what it is not told (atlas-api 8), so the record is read, merged and written back whole. */
export async function mergeInto<S extends z.ZodType>(
  calls: Calls,
  operation: Operation,
  path: string,
  changes: object,
  schema: S,
): Promise<z.output<S>> {
  const stored = await calls.fetch(operation, getRequest(path), storedOut);
  const request: AtlasRequest = { method: "PATCH", path, body: { ...stored, ...changes }, repeatable: false };
  return calls.fetch(operation, request, schema);
}

export async function deleteRecord(calls: Calls, operation: Operation, path: string): Promise<void> {
  await calls.fetch(operation, { method: "DELETE", path, repeatable: false }, successOut);
}

interface Dated {
  readonly createdBy: number | null;
  readonly createdAt: string;
}

/** The records among the newest that the signed-in user made since a moment of this machine's clock, oldest first. */
export async function newestOfMine<T extends Dated>(
  calls: Calls,
  operation: Operation,
  searchPath: string,
  schema: z.ZodType<T>,
  since: number,
): Promise<T[]> {
  const me = await calls.fetch(operation, getRequest("/auth/me"), userOut);
  const newest = searchRequest(searchPath, [], { sort: { by: "id", direction: "DESC" } });
  const { content } = await searchPage(calls, operation, newest, schema);
  const offset = calls.session.clockOffsetMs;
  return content
    .filter(({ createdBy, createdAt }) => createdBy === me.id && madeSince(createdAt, since, offset))
    .reverse();
}
