import { z } from "zod";
import {
  idOrNullOut,
  namedOrNullOut,
  nameIn,
  numberOrNullOut,
  personOut,
  plainOrNullOut,
  recordOut,
  referenceIn,
  referencesIn,
  shortTextIn,
  textOrNullOut,
  textOut,
} from "./fields.ts";
import { pageOut, pagingIn } from "./page.ts";

/** A location as Atlas gives it, its text unescaped and its dates in one shape. */
export const locationOut = z.looseObject({
  ...recordOut,
  customId: plainOrNullOut,
  name: textOut,
  address: textOrNullOut,
  latitude: numberOrNullOut,
  longitude: numberOrNullOut,
  hasChildren: z.boolean().default(false),
  parentLocation: namedOrNullOut,
  workers: z.array(personOut).default([]),
  teams: z.array(z.looseObject({ id: z.number(), name: textOut })).default([]),
  image: idOrNullOut,
});
export type Location = z.output<typeof locationOut>;
export const locationPageOut = pageOut(locationOut);

const latitudeIn = z.number("must be a number of degrees").min(-90).max(90);
const longitudeIn = z.number("must be a number of degrees").min(-180).max(180);

export const locationCreateIn = z.strictObject({
  name: nameIn,
  address: shortTextIn.optional(),
  /** Degrees, north positive. */
  latitude: latitudeIn.optional(),
  /** Degrees, east positive. */
  longitude: longitudeIn.optional(),
  parentLocation: referenceIn.optional(),
  workers: referencesIn.optional(),
  teams: referencesIn.optional(),
});
export type LocationCreate = z.input<typeof locationCreateIn>;

/** Only what is named changes; `null` clears a field. */
export const locationUpdateIn = z.strictObject({
  name: nameIn.optional(),
  address: shortTextIn.nullable().optional(),
  latitude: latitudeIn.nullable().optional(),
  longitude: longitudeIn.nullable().optional(),
  parentLocation: referenceIn.nullable().optional(),
  workers: referencesIn.optional(),
  teams: referencesIn.optional(),
});
export type LocationUpdate = z.input<typeof locationUpdateIn>;

const filters = {
  /** Found in name, address or customId; `%` and `_` are wild cards. */
  text: z.string().min(1, "must not be empty").optional(),
  parentLocation: referenceIn.optional(),
};

export const locationFilterIn = z.strictObject({ ...filters, pageSize: pagingIn.pageSize });
export type LocationFilter = z.input<typeof locationFilterIn>;

export const locationQueryIn = z.strictObject({ ...filters, ...pagingIn });
export type LocationQuery = z.input<typeof locationQueryIn>;
