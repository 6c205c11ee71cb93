import { z } from "zod";
import { nameIn, recordOut, shortTextIn, textOrNullOut, textOut } from "./fields.ts";

/** A category of work orders as Atlas gives it. */
export const categoryOut = z.looseObject({ ...recordOut, name: textOut, description: textOrNullOut });
export type Category = z.output<typeof categoryOut>;
export const categoriesOut = z.array(categoryOut);

export const categoryCreateIn = z.strictObject({ name: nameIn, description: shortTextIn.optional() });
export type CategoryCreate = z.input<typeof categoryCreateIn>;

/** Only what is named changes; `null` clears a field. */
export const categoryUpdateIn = z.strictObject({
  name: nameIn.optional(),
  description: shortTextIn.nullable().optional(),
});
export type CategoryUpdate = z.input<typeof categoryUpdateIn>;
