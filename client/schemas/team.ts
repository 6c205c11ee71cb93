import { z } from "zod";
import {
  nameIn,
  personOut,
  referenceIn,
  referencesIn,
  shortTextIn,
  textOrNullOut,
  textOut,
} from "./fields.ts";
import { pageOut, pagingIn } from "./page.ts";

/** A team as Atlas gives it: without dates and without its maker. */
export const teamOut = z.looseObject({
  id: z.number(),
  name: textOut,
  description: textOrNullOut,
  users: z.array(personOut).default([]),
});
export type Team = z.output<typeof teamOut>;
export const teamPageOut = pageOut(teamOut);

export const teamCreateIn = z.strictObject({
  name: nameIn,
  description: shortTextIn.optional(),
  users: referencesIn.optional(),
});
export type TeamCreate = z.input<typeof teamCreateIn>;

/** Only what is named changes; `null` clears a field. */
export const teamUpdateIn = z.strictObject({
  name: nameIn.optional(),
  description: shortTextIn.nullable().optional(),
  users: referencesIn.optional(),
});
export type TeamUpdate = z.input<typeof teamUpdateIn>;

const filters = {
  /** Found in name or description; `%` and `_` are wild cards. */
  text: z.string().min(1, "must not be empty").optional(),
  /** Teams that this user belongs to. */
  user: referenceIn.optional(),
};

export const teamFilterIn = z.strictObject({ ...filters, pageSize: pagingIn.pageSize });
export type TeamFilter = z.input<typeof teamFilterIn>;

export const teamQueryIn = z.strictObject({ ...filters, ...pagingIn });
export type TeamQuery = z.input<typeof teamQueryIn>;
