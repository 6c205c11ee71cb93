import { objects, text } from "../bridge/props.ts";
import type { Props, Value } from "../bridge/schema.ts";

export * from "../bridge/props.ts";

export function labelMap(value: Value | undefined): Record<string, string> {
  return Object.fromEntries(objects(value).map((label) => [text(label.label), text(label.value)]));
}

export function labelList(labels: Record<string, string> | null | undefined): Props[] {
  return Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }));
}
