import { randomUUID } from "node:crypto";
import type { App } from "../app.ts";
import type { Sql } from "../database/sql.ts";
import { ApiError } from "../http/api-error.ts";
import { activation } from "../letters.ts";
import { paidUserLimitFault, secondCompanyNeedsLicence } from "../licence.ts";
import { deliver } from "../mail.ts";
import { sanitise } from "../sanitise.ts";
import { createCompany, subscribe } from "./companies.ts";
import { decideSignup, type SignupFacts } from "./doors.ts";
import { isLoopbackUrl } from "./loopback.ts";
import { hashPassword } from "./passwords.ts";
import type { Role } from "./permissions.ts";
import { createAccessToken, createRefreshToken } from "./tokens.ts";
import { existingUser, findRole, insertUser, type User } from "./user-store.ts";

export interface SignupRequest {
  email: string;
  password: string;
  firstName: string;
  lastName: string;
  phone: string;
  companyName: string | null;
  employeesCount: number | null;
  language: string;
  timeZone: string | null;
  /** Joins by this role; null founds an organisation. */
  roleId: number | null;
  demo: boolean;
}

export interface SignedUp {
  message: string;
  user: User | null;
  refreshToken: string | null;
}

/** Passes a sign-up through its door and makes what it asks for, all or nothing. */
export async function signUp(app: App, sql: Sql, request: SignupRequest): Promise<SignedUp> {
  const invitation = await findInvitation(sql, request);
  const role = request.roleId === null ? undefined : ((await findRole(sql, request.roleId)) ?? null);
  const decision = decideSignup(await gatherFacts(app, sql, request, role, invitation !== undefined), {
    allowedOrganizationAdmins: app.settings.allowedOrganizationAdmins,
    invitationViaEmail: app.settings.invitationViaEmail,
    mailEnabled: app.settings.mail.enabled,
    publicApiIsLoopback: await isLoopbackUrl(app.settings.publicApiUrl),
  });
  if (decision.kind === "refuse") throw new ApiError(decision.status, decision.message);
  if (decision.kind === "join" && role) {
    return await signIn(app, sql, await joinCompany(app, sql, request, role, invitation));
  }
  const needsMail = decision.kind === "found" && decision.activation === "mail";
  const user = await foundCompany(app, sql, request, !needsMail);
  return needsMail ? await askForActivation(app, sql, user) : await signIn(app, sql, user);
}

async function gatherFacts(
  { settings: { licence } }: App,
  sql: Sql,
  request: SignupRequest,
  role: Role | null | undefined,
  invited: boolean,
): Promise<SignupFacts> {
  const sameEmail = await sql.first("SELECT id FROM own_user WHERE lower(email) = lower($1)", [
    request.email,
  ]);
  return {
    email: request.email,
    emailIsUsed: sameEmail !== undefined,
    role: role ? { paid: role.paid, hasCompany: role.companyId !== null, invited } : role,
    demo: request.demo,
    secondCompanyNeedsLicence: await secondCompanyNeedsLicence(sql, licence),
    paidUserLimitFault: await paidUserLimitFault(sql, licence, 1),
  };
}

interface Invitation {
  companyId: number | null;
}

/** The latest invitation of this address for this role, with the company of whoever sent it. */
async function findInvitation(sql: Sql, request: SignupRequest): Promise<Invitation | undefined> {
  return await sql.first<{ companyId: number | null }>(
    `SELECT u.company_id AS "companyId" FROM user_invitation i LEFT JOIN own_user u ON u.id = i.created_by
     WHERE i.role_id = $1 AND lower(i.email) = lower($2) ORDER BY i.created_at DESC, i.id DESC LIMIT 1`,
    [request.roleId, request.email],
  );
}

async function joinCompany(
  app: App,
  sql: Sql,
  request: SignupRequest,
  role: Role,
  invitation: Invitation | undefined,
): Promise<User> {
  const companyId = role.companyId ?? invitation?.companyId;
  if (companyId === null || companyId === undefined) throw new ApiError(406, "Inviter not found");
  return await createUser(app, sql, request, {
    roleId: role.id,
    companyId,
    ownsCompany: false,
    enabled: true,
  });
}

async function foundCompany(app: App, sql: Sql, request: SignupRequest, enabled: boolean): Promise<User> {
  const { ids } = app.database;
  const company = await createCompany(sql, ids, {
    name: sanitise(request.companyName),
    employeesCount: request.employeesCount,
    demo: request.demo,
    language: request.language,
    timeZone: request.timeZone,
  });
  await subscribe(sql, ids, company.id);
  const admin = await sql.one<{ id: number }>(
    "SELECT id FROM role WHERE code = 'ADMIN' AND role_type = 'ROLE_CLIENT' AND company_settings_id IS NULL",
  );
  return await createUser(app, sql, request, {
    roleId: admin.id,
    companyId: company.id,
    ownsCompany: true,
    enabled,
  });
}

interface Place {
  roleId: number;
  companyId: number;
  ownsCompany: boolean;
  enabled: boolean;
}

async function createUser(app: App, sql: Sql, request: SignupRequest, place: Place): Promise<User> {
  const id = await insertUser(sql, app.database.ids, {
    ...place,
    email: request.email.toLowerCase(),
    passwordHash: await hashPassword(request.password),
    firstName: sanitise(request.firstName),
    lastName: sanitise(request.lastName),
    phone: sanitise(request.phone),
  });
  return await existingUser(sql, id);
}

async function signIn(app: App, sql: Sql, user: User): Promise<SignedUp> {
  return {
    message: await createAccessToken(user, app.settings.jwt),
    user,
    refreshToken: await createRefreshToken(sql, app.database, user, app.settings.jwt),
  };
}

async function askForActivation(app: App, sql: Sql, user: User): Promise<SignedUp> {
  const token = randomUUID();
  await sql.run("INSERT INTO verification_token (token, user_id) VALUES ($1, $2)", [token, user.id]);
  await deliver(app.settings.mail, activation(app.settings, { email: user.email, token }));
  return {
    message: "Successful registration. Check your mailbox to activate your account",
    user: null,
    refreshToken: null,
  };
}
