import { z } from "zod";
import {
  dateOrNullOut,
  idIn,
  nameIn,
  numberOrNullOut,
  plainOrNullOut,
  shortTextIn,
  textOrNullOut,
} from "./fields.ts";
import { wordIn } from "./founding-words.ts";
import { pageOut, pagingIn } from "./page.ts";

export const roleOut = z.looseObject({
  id: z.number(),
  /** ROLE_SUPER_ADMIN or ROLE_CLIENT. */
  roleType: z.string(),
  /** E.g. ADMIN, TECHNICIAN; custom roles have their own. */
  code: plainOrNullOut,
  name: z.string(),
  paid: z.boolean().default(false),
});
export type Role = z.output<typeof roleOut>;
export const rolesOut = z.array(roleOut);

export const userOut = z.looseObject({
  id: z.number(),
  email: z.string(),
  username: plainOrNullOut,
  firstName: textOrNullOut,
  lastName: textOrNullOut,
  phone: textOrNullOut,
  jobTitle: textOrNullOut,
  role: roleOut,
  companyId: numberOrNullOut,
  ownsCompany: z.boolean().default(false),
  enabled: z.boolean().default(true),
  lastLogin: dateOrNullOut,
  createdAt: dateOrNullOut,
});
export type User = z.output<typeof userOut>;
export const userPageOut = pageOut(userOut);

/** The default roles' codes (atlas-api 10.1). */
export const ROLE_CODES = [
  "ADMIN",
  "LIMITED_ADMIN",
  "TECHNICIAN",
  "LIMITED_TECHNICIAN",
  "VIEW_ONLY",
  "REQUESTER",
] as const;

/** A role by its id, by its code, or itself. */
export const roleIn = z
  .union(
    [idIn, z.object({ id: idIn }), wordIn(ROLE_CODES)],
    `must be a role's id or one of ${ROLE_CODES.join(", ")}`,
  )
  .transform((role) => (typeof role === "object" ? role.id : role));

const emailIn = z.email("must be an email address").transform((email) => email.toLowerCase());
const passwordIn = z
  .string()
  .min(12, "must have at least 12 characters")
  .max(128, "must have at most 128 characters");

/** Atlas needs names and phone as text, but takes empty ones. */
const personIn = {
  email: emailIn,
  password: passwordIn,
  firstName: shortTextIn.default(""),
  lastName: shortTextIn.default(""),
  phone: shortTextIn.default(""),
};

export const inviteIn = z.strictObject({
  emails: z.array(emailIn).min(1, "must name at least one address"),
  role: roleIn,
  /** Atlas sends a mail with the invitation, when it is set up to. @default false */
  sendEmail: z.boolean().default(false),
});
export type Invitation = z.input<typeof inviteIn>;

export const userCreateIn = z.strictObject({ ...personIn, role: roleIn });
export type UserCreate = z.input<typeof userCreateIn>;

export const organisationSignUpIn = z.strictObject({
  ...personIn,
  companyName: nameIn,
  employeesCount: z.number().int().min(1).default(1),
  /** One of EN FR TR ES PT_BR PL DE AR IT SV RU PT HU NL ZH_CN ZH BA JA. */
  language: z.string().default("EN"),
  timeZone: z.string().default("UTC"),
});
export type OrganisationSignUp = z.input<typeof organisationSignUpIn>;

/** `message` holds the new user's access token, or a sentence when a mail must be answered first (atlas-api 5.1). */
export const signUpOut = z.looseObject({
  success: z.boolean(),
  message: z.string(),
  user: userOut.nullable().default(null),
  refreshToken: plainOrNullOut,
});

const filters = {
  /** Found in email, first or last name. */
  text: z.string().min(1, "must not be empty").optional(),
  /** @default false */
  includeDisabled: z.boolean().optional(),
};
export const userFilterIn = z.strictObject({ ...filters, pageSize: pagingIn.pageSize });
export type UserFilter = z.input<typeof userFilterIn>;
export const userQueryIn = z.strictObject({ ...filters, ...pagingIn });
export type UserQuery = z.input<typeof userQueryIn>;
