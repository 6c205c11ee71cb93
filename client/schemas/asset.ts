import { z } from "zod";
import {
  dateIn,
  dateOrNullOut,
  idOrNullOut,
  longTextIn,
  namedOrNullOut,
  nameIn,
  numberOrNullOut,
  personOut,
  plainOrNullOut,
  plainTextIn,
  recordOut,
  referenceIn,
  referencesIn,
  shortTextIn,
  textOrNullOut,
  textOut,
} from "./fields.ts";
import { withFoundingFields, wordIn } from "./founding-words.ts";
import { pageOut, pagingIn } from "./page.ts";

const STATUSES = [
  "OPERATIONAL",
  "DOWN",
  "MODERNIZATION",
  "STANDBY",
  "INSPECTION_SCHEDULED",
  "COMMISSIONING",
  "EMERGENCY_SHUTDOWN",
] as const;
export type AssetStatus = (typeof STATUSES)[number];
const statusIn = wordIn(STATUSES);

/** An asset as Atlas gives it, its text unescaped and its dates in one shape. */
export const assetOut = z.looseObject({
  ...recordOut,
  customId: plainOrNullOut,
  name: textOut,
  description: textOrNullOut,
  status: z.enum(STATUSES),
  archived: z.boolean().default(false),
  hasChildren: z.boolean().default(false),
  serialNumber: textOrNullOut,
  model: textOrNullOut,
  manufacturer: textOrNullOut,
  power: textOrNullOut,
  area: textOrNullOut,
  additionalInfos: textOrNullOut,
  barCode: plainOrNullOut,
  acquisitionCost: numberOrNullOut,
  warrantyExpirationDate: dateOrNullOut,
  inServiceDate: dateOrNullOut,
  location: namedOrNullOut,
  parentAsset: namedOrNullOut,
  category: idOrNullOut,
  primaryUser: personOut.nullable().default(null),
  assignedTo: z.array(personOut).default([]),
});
export type Asset = z.output<typeof assetOut>;
export const assetPageOut = pageOut(assetOut);

const money = z.number("must be a number").min(0, "must not be negative");

const creatable = z.strictObject({
  name: nameIn,
  description: longTextIn.optional(),
  status: statusIn.optional(),
  serialNumber: shortTextIn.optional(),
  model: shortTextIn.optional(),
  manufacturer: shortTextIn.optional(),
  power: shortTextIn.optional(),
  area: shortTextIn.optional(),
  additionalInfos: longTextIn.optional(),
  barCode: plainTextIn.optional(),
  acquisitionCost: money.optional(),
  warrantyExpirationDate: dateIn.optional(),
  inServiceDate: dateIn.optional(),
  location: referenceIn.optional(),
  /** Needs a licence. */
  parentAsset: referenceIn.optional(),
  category: referenceIn.optional(),
  primaryUser: referenceIn.optional(),
  assignedTo: referencesIn.optional(),
});
export const assetCreateIn = withFoundingFields(creatable);
export type AssetCreate = z.input<typeof assetCreateIn>;

/** Only what is named changes; `null` clears a field. */
const changeable = z.strictObject({
  name: nameIn.optional(),
  description: longTextIn.nullable().optional(),
  status: statusIn.optional(),
  archived: z.boolean().optional(),
  serialNumber: shortTextIn.nullable().optional(),
  model: shortTextIn.nullable().optional(),
  manufacturer: shortTextIn.nullable().optional(),
  power: shortTextIn.nullable().optional(),
  area: shortTextIn.nullable().optional(),
  additionalInfos: longTextIn.nullable().optional(),
  barCode: plainTextIn.nullable().optional(),
  acquisitionCost: money.nullable().optional(),
  warrantyExpirationDate: dateIn.nullable().optional(),
  inServiceDate: dateIn.nullable().optional(),
  location: referenceIn.nullable().optional(),
  parentAsset: referenceIn.nullable().optional(),
  category: referenceIn.nullable().optional(),
  primaryUser: referenceIn.nullable().optional(),
  assignedTo: referencesIn.optional(),
});
export const assetUpdateIn = withFoundingFields(changeable);
export type AssetUpdate = z.input<typeof assetUpdateIn>;

const filters = {
  /** Found in name, customId, serial number, bar code or description; `%` and `_` are wild cards. */
  text: z.string().min(1, "must not be empty").optional(),
  location: referenceIn.optional(),
  /** @default false */
  includeArchived: z.boolean().optional(),
};

/** No filter by status: Atlas cannot filter by this enum (atlas-api 7). */
export const assetFilterIn = withFoundingFields(z.strictObject({ ...filters, pageSize: pagingIn.pageSize }));
export type AssetFilter = z.input<typeof assetFilterIn>;

export const assetQueryIn = withFoundingFields(z.strictObject({ ...filters, ...pagingIn }));
export type AssetQuery = z.input<typeof assetQueryIn>;
