import { randomInt } from "node:crypto";
import type { Ids } from "../database/ids.ts";
import type { Sql } from "../database/sql.ts";
import { plainDate } from "../dates.ts";
import type { Permission, Role } from "./permissions.ts";

export interface User {
  id: number;
  username: string;
  email: string;
  passwordHash: string;
  firstName: string;
  lastName: string;
  phone: string | null;
  jobTitle: string | null;
  rate: number;
  companyId: number;
  companySettingsId: number;
  userSettingsId: number;
  ui: object;
  ownsCompany: boolean;
  enabled: boolean;
  enabledInSubscription: boolean;
  lastLogin: Date | null;
  createdAt: Date;
  sessionInvalidatedAt: Date | null;
  role: Role;
}

interface UserRow extends Omit<User, "role"> {
  roleId: number;
  roleType: Role["roleType"];
  roleCode: string;
  rolePaid: boolean;
  roleName: string;
  roleCompanyId: number | null;
  createPermissions: Permission[];
  viewPermissions: Permission[];
  viewOtherPermissions: Permission[];
  editOtherPermissions: Permission[];
  deleteOtherPermissions: Permission[];
}

const PERMISSION_COLUMNS = `
  r.create_permissions AS "createPermissions", r.view_permissions AS "viewPermissions",
  r.view_other_permissions AS "viewOtherPermissions", r.edit_other_permissions AS "editOtherPermissions",
  r.delete_other_permissions AS "deleteOtherPermissions"`;

const SELECT_USER = `
  SELECT u.id, u.username, u.email, u.password AS "passwordHash", u.first_name AS "firstName",
    u.last_name AS "lastName", u.phone, u.job_title AS "jobTitle", u.rate, u.company_id AS "companyId",
    cs.id AS "companySettingsId", us.id AS "userSettingsId",
    json_build_object('id', ui.id, 'requests', ui.requests, 'locations', ui.locations, 'meters', ui.meters,
      'vendorsAndCustomers', ui.vendors_and_customers) AS ui,
    u.owns_company AS "ownsCompany", u.enabled, u.enabled_in_subscription AS "enabledInSubscription",
    u.last_login AS "lastLogin", u.created_at AS "createdAt", u.session_invalidated_at AS "sessionInvalidatedAt",
    r.id AS "roleId", r.role_type AS "roleType", r.code AS "roleCode", r.paid AS "rolePaid", r.name AS "roleName",
    rcs.company_id AS "roleCompanyId", ${PERMISSION_COLUMNS}
  FROM own_user u
  JOIN role r ON r.id = u.role_id
  LEFT JOIN company_settings rcs ON rcs.id = r.company_settings_id
  JOIN company_settings cs ON cs.company_id = u.company_id
  JOIN user_settings us ON us.user_id = u.id
  JOIN ui_configuration ui ON ui.user_id = u.id`;

export async function findUserByEmail(sql: Sql, email: string): Promise<User | undefined> {
  return toUser(await sql.first<UserRow>(`${SELECT_USER} WHERE lower(u.email) = lower($1)`, [email]));
}

export async function findUser(sql: Sql, id: number, companyId?: number): Promise<User | undefined> {
  const row = await sql.first<UserRow>(
    `${SELECT_USER} WHERE u.id = $1 AND u.company_id = coalesce($2, u.company_id)`,
    [id, companyId ?? null],
  );
  return toUser(row);
}

export async function existingUser(sql: Sql, id: number): Promise<User> {
  const user = await findUser(sql, id);
  if (user) return user;
  throw new Error(`User ${id} is gone`);
}

/** In the order of the given ids. */
export async function findUsers(sql: Sql, ids: readonly number[]): Promise<User[]> {
  const rows = await sql.rows<UserRow>(
    `${SELECT_USER} WHERE u.id = ANY($1::bigint[]) ORDER BY array_position($1::bigint[], u.id)`,
    [ids],
  );
  return rows.map(toUser).filter((user) => user !== undefined);
}

function toUser(row: UserRow | undefined): User | undefined {
  if (row === undefined) return undefined;
  const { roleId, roleType, roleCode, rolePaid, roleName, roleCompanyId, ...user } = row;
  return {
    ...user,
    role: {
      id: roleId,
      roleType,
      code: roleCode,
      paid: rolePaid,
      name: roleName,
      companyId: roleCompanyId,
      createPermissions: row.createPermissions,
      viewPermissions: row.viewPermissions,
      viewOtherPermissions: row.viewOtherPermissions,
      editOtherPermissions: row.editOtherPermissions,
      deleteOtherPermissions: row.deleteOtherPermissions,
    },
  };
}

const SELECT_ROLE = `
  SELECT r.id, r.role_type AS "roleType", r.code, r.paid, r.name, s.company_id AS "companyId", ${PERMISSION_COLUMNS}
  FROM role r LEFT JOIN company_settings s ON s.id = r.company_settings_id`;

export async function findRole(sql: Sql, id: number): Promise<Role | undefined> {
  return await sql.first<Role>(`${SELECT_ROLE} WHERE r.id = $1`, [id]);
}

/** The default roles and those of the company; without one, all of them. */
export async function findRoles(sql: Sql, companyId: number | null): Promise<Role[]> {
  return await sql.rows<Role>(
    `${SELECT_ROLE} WHERE $1::bigint IS NULL OR (r.role_type = 'ROLE_CLIENT' AND coalesce(s.company_id, $1) = $1)
     ORDER BY r.id`,
    [companyId],
  );
}

export interface NewUser {
  email: string;
  passwordHash: string;
  firstName: string;
  lastName: string;
  phone: string;
  roleId: number;
  companyId: number;
  ownsCompany: boolean;
  enabled: boolean;
}

export async function insertUser(sql: Sql, ids: Ids, user: NewUser): Promise<number> {
  const id = await ids.next(sql, "own_user");
  await sql.run(
    `INSERT INTO own_user (id, username, email, password, first_name, last_name, phone, role_id, company_id,
       owns_company, enabled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      id,
      randomUsername(),
      user.email,
      user.passwordHash,
      user.firstName,
      user.lastName,
      user.phone,
      user.roleId,
      user.companyId,
      user.ownsCompany,
      user.enabled,
    ],
  );
  for (const table of ["user_settings", "ui_configuration"]) {
    await sql.run(`INSERT INTO ${table} (id, user_id) VALUES ($1, $2)`, [await ids.next(sql, table), id]);
  }
  return id;
}

const USERNAME_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function randomUsername(): string {
  return Array.from({ length: 8 }, () => USERNAME_LETTERS[randomInt(USERNAME_LETTERS.length)]).join("");
}

export function roleView(role: Role): object {
  return {
    id: role.id,
    roleType: role.roleType,
    code: role.code,
    paid: role.paid,
    name: role.name,
    description: null,
    externalId: null,
    createPermissions: role.createPermissions,
    viewPermissions: role.viewPermissions,
    viewOtherPermissions: role.viewOtherPermissions,
    editOtherPermissions: role.editOtherPermissions,
    deleteOtherPermissions: role.deleteOtherPermissions,
  };
}

export function userView(user: User): object {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    role: roleView(user.role),
    rate: user.rate,
    jobTitle: user.jobTitle,
    firstName: user.firstName,
    lastName: user.lastName,
    phone: user.phone,
    ownsCompany: user.ownsCompany,
    companyId: user.companyId,
    companySettingsId: user.companySettingsId,
    userSettingsId: user.userSettingsId,
    image: null,
    superAccountRelations: [],
    parentSuperAccount: null,
    enabled: user.enabled,
    enabledInSubscription: user.enabledInSubscription,
    uiConfiguration: user.ui,
    lastLogin: plainDate(user.lastLogin),
    createdAt: plainDate(user.createdAt),
    paddleUserId: null,
    shiftConfiguration: null,
  };
}
