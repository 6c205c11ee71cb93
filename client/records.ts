import { z } from "zod";
import type { Calls } from "./calls.ts";
import { madeSince, sinceOnServer } from "./likeness.ts";
import type { Operation } from "./operation.ts";
import { successOut } from "./schemas/fields.ts";
import type { Page } from "./schemas/page.ts";
import { userOut } from "./schemas/user.ts";
import { type FilterField, searchRequest } from "./search.ts";
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

export function signedInUserId(calls: Calls, operation: Operation): Promise<number> {
  return calls.fetch(operation, getRequest("/auth/me"), userOut).then(({ id }) => id);
}

/**
 * Among the newest records that match, those that the signed-in user made since a moment of this machine's clock,
 * oldest first. Records that tell who made them and when are looked at once more here; teams tell neither.
 */
export async function newestOfMine<T>(
  calls: Calls,
  operation: Operation,
  searchPath: string,
  page: z.ZodType<Page<T>>,
  filters: readonly FilterField[],
  since: number,
): Promise<T[]> {
  const me = await signedInUserId(calls, operation);
  const offset = calls.session.clockOffsetMs;
  const from = new Date(sinceOnServer(since, offset)).toISOString();
  const mine: FilterField[] = [
    { field: "createdBy", operation: "eq", value: me },
    { field: "createdAt", operation: "ge", value: from, enumName: "JS_DATE" },
  ];
  const newest = searchRequest(searchPath, [...filters, ...mine], { sort: { by: "id", direction: "DESC" } });
  const { content } = await calls.fetch(operation, newest, page);
  return content.filter((record) => !isSomebodyElses(record, me, since, offset)).reverse();
}

const datedOut = z.looseObject({ createdBy: z.number().nullable(), createdAt: z.string() });

function isSomebodyElses(record: unknown, me: number, since: number, offset: number | undefined): boolean {
  const told = datedOut.safeParse(record);
  return told.success && (told.data.createdBy !== me || !madeSince(told.data.createdAt, since, offset));
}
