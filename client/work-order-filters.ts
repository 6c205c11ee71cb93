import type { z } from "zod";
import type { workOrderFilterIn } from "./schemas/work-order.ts";
import { type FilterField, notArchived, refersTo, textFilter } from "./search.ts";
import { escapeText } from "./text.ts";

type Filter = z.output<typeof workOrderFilterIn>;

/** The API's conditions for a filter (atlas-api 7). */
export function workOrderFilters(filter: Filter): FilterField[] {
  return [
    filter.text !== undefined && inTitleAndOthers(filter.text),
    filter.status && oneOf("status", filter.status, "STATUS"),
    filter.priority && oneOf("priority", filter.priority, "PRIORITY"),
    filter.asset && refersTo("asset", filter.asset),
    filter.location && refersTo("location", filter.location),
    filter.team && refersTo("team", filter.team),
    filter.category && refersTo("category", filter.category),
    filter.primaryUser && refersTo("primaryUser", filter.primaryUser),
    filter.assignedTo && oneOf("assignedToUser", [filter.assignedTo.id]),
    filter.dueFrom !== undefined && due("ge", filter.dueFrom),
    filter.dueUntil !== undefined && due("le", filter.dueUntil),
    filter.includeArchived !== true && notArchived,
  ].filter((field) => typeof field === "object");
}

function inTitleAndOthers(text: string): FilterField {
  const stored = escapeText(text);
  return textFilter({ title: stored, description: stored, customId: text });
}

function oneOf(
  field: string,
  values: readonly (string | number)[],
  enumName?: "STATUS" | "PRIORITY",
): FilterField {
  return { field, operation: "in", values, ...(enumName && { enumName }) };
}

function due(operation: "ge" | "le", value: string): FilterField {
  return { field: "dueDate", operation, value, enumName: "JS_DATE" };
}
