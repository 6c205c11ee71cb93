import { z } from "zod";
import { escapeText, unescapeText } from "../text.ts";

/*
 * Building blocks. "In" goes to Atlas: checked here, since Atlas answers most faults with 500. "Out" comes from Atlas:
 * unknown keys pass through, a missing optional one is null.
 */

export const idIn = z
  .number("must be a numeric id")
  .int("must be a whole number")
  .positive("must be positive");
export type Id = z.output<typeof idIn>;

/** A record that another one refers to: its id, or anything that has one. */
export const referenceIn = z
  .union([idIn, z.object({ id: idIn })], "must be an id or an object with an id")
  .transform((reference) => (typeof reference === "number" ? { id: reference } : { id: reference.id }));
export type Reference = z.input<typeof referenceIn>;

/** Any number of records: a list, or a single one. */
export const referencesIn = z
  .custom<Reference | readonly Reference[]>()
  .transform((given): unknown => (Array.isArray(given) ? given : [given]))
  .pipe(z.array(referenceIn));

/** A moment: a Date, or ISO 8601 text with its offset, or a day (midnight UTC). */
export const dateIn = z
  .union(
    [z.date(), z.iso.datetime({ offset: true }), z.iso.date()],
    "must be a Date or ISO 8601 text such as 2026-12-01T10:00:00Z",
  )
  .transform((moment) => new Date(moment).toISOString());

export const COLUMN = 255;
const LONG_COLUMN = 10_000;
const tooLong = (limit: number) =>
  `is too long: Atlas keeps ${limit} characters, and & < > count as 5, 4 and 4`;

/** Free text that Atlas sanitises and keeps in a column of 255 characters. */
export const shortTextIn = z
  .string("must be text")
  .transform(escapeText)
  .refine((stored) => stored.length <= COLUMN, tooLong(COLUMN));

export const nameIn = z
  .string("must be text")
  .refine((text) => text.trim() !== "", "must not be empty")
  .pipe(shortTextIn);

/** The same in a column of 10,000 characters. */
export const longTextIn = z
  .string("must be text")
  .transform(escapeText)
  .refine((stored) => stored.length <= LONG_COLUMN, tooLong(LONG_COLUMN));

/** Text that Atlas keeps as it is. */
export const plainTextIn = z.string("must be text").max(COLUMN, `must have at most ${COLUMN} characters`);

export const textOut = z.string().transform(unescapeText);
export const textOrNullOut = textOut.nullable().default(null);
export const plainOrNullOut = z.string().nullable().default(null);
export const numberOrNullOut = z.number().nullable().default(null);

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Atlas writes dates in two shapes (atlas-api 3); out comes one: `2026-12-01T10:00:00.000Z`. */
export const dateOut = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), "a date")
  // Most have that shape already, and writing one anew takes longer than reading ten other fields.
  .transform((text) => (CANONICAL.test(text) ? text : new Date(text).toISOString()));
export const dateOrNullOut = dateOut.nullable().default(null);

/** A reference with a name, as records hold them. */
export const namedOut = z.looseObject({ id: z.number(), name: textOut, customId: plainOrNullOut });
export const namedOrNullOut = namedOut.nullable().default(null);
export const idOrNullOut = z.looseObject({ id: z.number() }).nullable().default(null);

export const personOut = z.looseObject({
  id: z.number(),
  firstName: textOrNullOut,
  lastName: textOrNullOut,
});
export type Person = z.output<typeof personOut>;

/** What all records have. */
export const recordOut = {
  id: z.number(),
  createdAt: dateOut,
  updatedAt: dateOut,
  createdBy: numberOrNullOut,
  updatedBy: numberOrNullOut,
};

/** `{"success":true,"message":"…"}` */
export const successOut = z.looseObject({ success: z.boolean(), message: z.string() });
