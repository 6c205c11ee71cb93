import { createCompany } from "./auth/companies.ts";
import { hashPassword } from "./auth/passwords.ts";
import { DEFAULT_ROLES, type PermissionTable } from "./auth/permissions.ts";
import { insertUser } from "./auth/user-store.ts";
import type { Database } from "./database/database.ts";
import type { Sql } from "./database/sql.ts";
import { type Licence, paidUserLimitFault } from "./licence.ts";
import type { Logger } from "./log.ts";
import { StartFailure } from "./start-failure.ts";

const LOG = "com.grash.ApplicationInitializer";

/** Rows that every start makes sure of. */
export async function initialise(database: Database, licence: Licence, log: Logger): Promise<void> {
  await database.transaction(async (sql) => {
    log.info(LOG, "Initializing super admin...");
    await initialiseSuperAdmin(sql, database, log);
    log.info(LOG, "Initializing subscription plans...");
    await initialisePlans(sql, database);
    log.info(LOG, "Updating default roles...");
    await updateDefaultRoles(sql, database);
    const fault = await paidUserLimitFault(sql, licence, 0);
    if (fault !== undefined) throw new StartFailure(fault);
  });
}

/** The default super admin comes back whenever its company has no user left. */
async function initialiseSuperAdmin(sql: Sql, database: Database, log: Logger): Promise<void> {
  const role = (await superAdminRole(sql)) ?? (await createSuperAdminRole(sql, database, log));
  const users = await sql.one<{ count: number }>("SELECT count(*) FROM own_user WHERE company_id = $1", [
    role.companyId,
  ]);
  if (users.count > 0) {
    log.info(LOG, "Super admin user already exists");
    return;
  }
  log.info(LOG, "Creating super admin user...");
  await insertUser(sql, database.ids, {
    email: "superadmin@test.com",
    passwordHash: await hashPassword("pls_change_me"),
    firstName: "Super",
    lastName: "Admin",
    phone: "",
    roleId: role.id,
    companyId: role.companyId,
    ownsCompany: false,
    enabled: true,
  });
}

interface SuperAdminRole {
  id: number;
  companyId: number;
}

async function superAdminRole(sql: Sql): Promise<SuperAdminRole | undefined> {
  return await sql.first<{ id: number; companyId: number }>(
    `SELECT r.id, s.company_id AS "companyId" FROM role r JOIN company_settings s ON s.id = r.company_settings_id
     WHERE r.role_type = 'ROLE_SUPER_ADMIN' AND r.code = 'ADMIN'`,
  );
}

async function createSuperAdminRole(sql: Sql, database: Database, log: Logger): Promise<SuperAdminRole> {
  log.info(LOG, "Creating super admin role...");
  const company = await createCompany(sql, database.ids, { name: null, employeesCount: null, demo: false });
  const id = await database.ids.next(sql, "role");
  await sql.run(
    `INSERT INTO role (id, role_type, code, name, paid, company_settings_id)
     VALUES ($1, 'ROLE_SUPER_ADMIN', 'ADMIN', 'Super admin', false, $2)`,
    [id, company.settingsId],
  );
  return { id, companyId: company.id };
}

async function updateDefaultRoles(sql: Sql, database: Database): Promise<void> {
  for (const role of DEFAULT_ROLES) {
    const known = await sql.first<{ id: number }>(
      "SELECT id FROM role WHERE code = $1 AND role_type = 'ROLE_CLIENT' AND company_settings_id IS NULL",
      [role.code],
    );
    const id = known?.id ?? (await insertRole(sql, database, role.code, role.name));
    await sql.run(
      `UPDATE role SET paid = $2, create_permissions = $3, view_permissions = $4, view_other_permissions = $5,
         edit_other_permissions = $6, delete_other_permissions = $7 WHERE id = $1`,
      [id, role.paid, ...permissionColumns(role)],
    );
  }
}

async function insertRole(sql: Sql, database: Database, code: string, name: string): Promise<number> {
  const id = await database.ids.next(sql, "role");
  await sql.run("INSERT INTO role (id, role_type, code, name) VALUES ($1, 'ROLE_CLIENT', $2, $3)", [
    id,
    code,
    name,
  ]);
  return id;
}

function permissionColumns(table: PermissionTable): unknown[] {
  return [
    table.createPermissions,
    table.viewPermissions,
    table.viewOtherPermissions,
    table.editOtherPermissions,
    table.deleteOtherPermissions,
  ];
}

const STARTER = [
  "PREVENTIVE_MAINTENANCE",
  "CHECKLIST",
  "FILE",
  "METER",
  "ADDITIONAL_COST",
  "ADDITIONAL_TIME",
];
const PROFESSIONAL = [
  ...STARTER,
  "REQUEST_CONFIGURATION",
  "SIGNATURE",
  "ANALYTICS",
  "IMPORT_CSV",
  "REQUEST_PORTAL",
];
const BUSINESS = [...PROFESSIONAL, "PURCHASE_ORDER", "ROLE", "WORKFLOW", "API_ACCESS", "WEBHOOK"];

const PLANS = [
  { code: "FREE", name: "Free", monthly: 0, yearly: 0, features: [] },
  { code: "STARTER", name: "Starter", monthly: 10, yearly: 100, features: STARTER },
  { code: "PROFESSIONAL", name: "Professional", monthly: 15, yearly: 150, features: PROFESSIONAL },
  { code: "BUSINESS", name: "Business", monthly: 40, yearly: 400, features: BUSINESS },
];

async function initialisePlans(sql: Sql, database: Database): Promise<void> {
  for (const plan of PLANS) {
    if (await sql.first("SELECT id FROM subscription_plan WHERE code = $1", [plan.code])) continue;
    const id = await database.ids.next(sql, "subscription_plan");
    await sql.run("INSERT INTO subscription_plan VALUES ($1, $2, $3, $4, $5)", [
      id,
      plan.code,
      plan.name,
      plan.monthly,
      plan.yearly,
    ]);
    await sql.run("INSERT INTO subscription_plan_features SELECT $1, unnest($2::varchar[])", [
      id,
      plan.features,
    ]);
  }
}
