import { object, set, string } from "../bridge/schema.ts";

export const labels = set(object({ label: string({ required: true }), value: string({ required: true }) }), {
  forceNew: true,
});
