import type { Props } from "../bridge/schema.ts";

let made = 0;

/** Attachments have no id of their own in the API: a prefix, the time to a tenth of a millisecond, and a counter. */
export function uniqueId(prefix: string): string {
  const [date, fraction = ""] = new Date().toISOString().replace("Z", "").split(".");
  made += 1;
  const counter = made.toString(16).padStart(8, "0");
  return `${prefix}${(date ?? "").replace(/\D/g, "")}${fraction.padEnd(4, "0")}${counter}`;
}

/** The two ids that an import of a pair is given as, in the names of the properties they stand for. */
export function pairOf(id: string, first: string, second: string): Props {
  const [one = "", two = "", ...more] = id.split(",");
  if (one === "" || two === "" || more.length > 0)
    throw new Error(`the id "${id}" has to be the ${first} and the ${second} joined by a comma`);
  return { [first]: one, [second]: two };
}
