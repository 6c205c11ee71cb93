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
  recordOut,
  referenceIn,
  referencesIn,
  textOrNullOut,
  textOut,
} from "./fields.ts";
import { FOUNDING_WORDS, withFoundingFields, wordIn } from "./founding-words.ts";
import { pageOut, pagingIn } from "./page.ts";

const STATUSES = ["OPEN", "IN_PROGRESS", "ON_HOLD", "COMPLETE"] as const;
export type WorkOrderStatus = (typeof STATUSES)[number];
const statusIn = wordIn(STATUSES, FOUNDING_WORDS.status);

const PRIORITIES = ["NONE", "LOW", "MEDIUM", "HIGH"] as const;
export type Priority = (typeof PRIORITIES)[number];
const priorityIn = wordIn(PRIORITIES, FOUNDING_WORDS.priority);

/** A work order as Atlas gives it, its text unescaped and its dates in one shape. */
export const workOrderOut = z.looseObject({
  ...recordOut,
  customId: plainOrNullOut,
  title: textOut,
  description: textOrNullOut,
  status: z.enum(STATUSES),
  priority: z.enum(PRIORITIES),
  dueDate: dateOrNullOut,
  estimatedStartDate: dateOrNullOut,
  /** Hours. */
  estimatedDuration: numberOrNullOut,
  requiredSignature: z.boolean().default(false),
  archived: z.boolean().default(false),
  asset: namedOrNullOut,
  location: namedOrNullOut,
  team: idOrNullOut,
  category: idOrNullOut,
  primaryUser: personOut.nullable().default(null),
  assignedTo: z.array(personOut).default([]),
  customers: z.array(z.looseObject({ id: z.number() })).default([]),
  files: z.array(z.looseObject({ id: z.number(), name: z.string() })).default([]),
  image: idOrNullOut,
  completedBy: personOut.nullable().default(null),
  completedOn: dateOrNullOut,
  feedback: textOrNullOut,
});
export type WorkOrder = z.output<typeof workOrderOut>;
export const workOrderPageOut = pageOut(workOrderOut);

const hoursIn = z.number("must be a number of hours").min(0, "must not be negative");

/** `requiredSignature` is left out on purpose: without a licence such an order cannot be completed (atlas-api 8). */
const creatable = z.strictObject({
  title: nameIn,
  description: longTextIn.optional(),
  priority: priorityIn.optional(),
  dueDate: dateIn.optional(),
  estimatedStartDate: dateIn.optional(),
  /** Hours. */
  estimatedDuration: hoursIn.optional(),
  asset: referenceIn.optional(),
  location: referenceIn.optional(),
  team: referenceIn.optional(),
  category: referenceIn.optional(),
  /** The one person who is responsible. */
  primaryUser: referenceIn.optional(),
  assignedTo: referencesIn.optional(),
  customers: referencesIn.optional(),
  files: referencesIn.optional(),
});
export const workOrderCreateIn = withFoundingFields(creatable);
export type WorkOrderCreate = z.input<typeof workOrderCreateIn>;

/** Only what is named changes; `null` clears a field. The status has its own call, `changeStatus`. */
const changeable = z.strictObject({
  title: nameIn.optional(),
  description: longTextIn.nullable().optional(),
  priority: priorityIn.optional(),
  dueDate: dateIn.nullable().optional(),
  estimatedStartDate: dateIn.nullable().optional(),
  estimatedDuration: hoursIn.optional(),
  archived: z.boolean().optional(),
  asset: referenceIn.nullable().optional(),
  location: referenceIn.nullable().optional(),
  team: referenceIn.nullable().optional(),
  category: referenceIn.nullable().optional(),
  primaryUser: referenceIn.nullable().optional(),
  assignedTo: referencesIn.optional(),
  customers: referencesIn.optional(),
  files: referencesIn.optional(),
});
export const workOrderUpdateIn = withFoundingFields(changeable);
export type WorkOrderUpdate = z.input<typeof workOrderUpdateIn>;

export const statusChangeIn = z.strictObject({
  status: statusIn,
  /** Left out: the feedback stays as it is; `null` clears it. */
  feedback: longTextIn.nullable().optional(),
});
export type StatusChange = z.input<typeof statusChangeIn>;

const oneOrMore = <S extends z.ZodType>(item: S) =>
  z
    .custom<z.input<S> | readonly z.input<S>[]>()
    .transform((given): unknown => (Array.isArray(given) ? given : [given]))
    .pipe(z.array(item).min(1, "must name at least one"));

const filters = {
  /** Found in title, description or customId, whatever the case and accents; `%` and `_` are wild cards. */
  text: z.string().min(1, "must not be empty").optional(),
  status: oneOrMore(statusIn).optional(),
  priority: oneOrMore(priorityIn).optional(),
  asset: referenceIn.optional(),
  location: referenceIn.optional(),
  team: referenceIn.optional(),
  category: referenceIn.optional(),
  primaryUser: referenceIn.optional(),
  /** Primary user, assigned, or in the assigned team. */
  assignedTo: referenceIn.optional(),
  dueFrom: dateIn.optional(),
  dueUntil: dateIn.optional(),
  /** @default false */
  includeArchived: z.boolean().optional(),
};

export const workOrderFilterIn = withFoundingFields(
  z.strictObject({ ...filters, pageSize: pagingIn.pageSize }),
);
export type WorkOrderFilter = z.input<typeof workOrderFilterIn>;

export const workOrderQueryIn = withFoundingFields(z.strictObject({ ...filters, ...pagingIn }));
export type WorkOrderQuery = z.input<typeof workOrderQueryIn>;
