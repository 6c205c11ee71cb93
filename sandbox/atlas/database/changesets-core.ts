/** One step of the schema's history; committed on its own, never changed once released. */
export interface Changeset {
  id: string;
  sql: string;
}

/** Ids are handed out in blocks of 50, so every sequence steps by 50. */
export function sequence(table: string): string {
  return `CREATE SEQUENCE ${table}_seq START WITH 1 INCREMENT BY 50`;
}

export const AUDIT_COLUMNS = `
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by bigint,
  updated_by bigint`;

/** Organisations, roles, users and sessions. */
export const CORE_CHANGESETS: readonly Changeset[] = [
  { id: "0001-unaccent", sql: "CREATE EXTENSION IF NOT EXISTS unaccent" },
  {
    id: "0002-currency",
    sql: "CREATE TABLE currency (id bigint PRIMARY KEY, code varchar(255) NOT NULL UNIQUE, name varchar(255) NOT NULL)",
  },
  {
    id: "0003-currency-rows",
    sql: `INSERT INTO currency (id, code, name) VALUES
      (1, '$', 'Dollar'), (2, '€', 'Euro'), (3, '£', 'Pound sterling'), (4, 'MAD', 'Dirham'), (5, 'CFA', 'CFA franc')`,
  },
  {
    id: "0004-subscription-plan",
    sql: `CREATE TABLE subscription_plan (
      id bigint PRIMARY KEY, code varchar(255) NOT NULL UNIQUE, name varchar(255) NOT NULL,
      monthly_cost_per_user double precision NOT NULL, yearly_cost_per_user double precision NOT NULL)`,
  },
  { id: "0005-subscription-plan-seq", sql: sequence("subscription_plan") },
  {
    id: "0006-subscription-plan-features",
    sql: `CREATE TABLE subscription_plan_features (
      subscription_plan_id bigint NOT NULL REFERENCES subscription_plan ON DELETE CASCADE,
      features varchar(255) NOT NULL, PRIMARY KEY (subscription_plan_id, features))`,
  },
  {
    id: "0007-subscription",
    sql: `CREATE TABLE subscription (
      id bigint PRIMARY KEY, users_count integer NOT NULL, monthly boolean NOT NULL DEFAULT false,
      starts_on timestamptz(3), ends_on timestamptz(3), subscription_plan_id bigint REFERENCES subscription_plan)`,
  },
  { id: "0008-subscription-seq", sql: sequence("subscription") },
  {
    id: "0009-company",
    sql: `CREATE TABLE company (
      id bigint PRIMARY KEY, name varchar(255), employees_count integer, address varchar(255), phone varchar(255),
      website varchar(255), subscription_id bigint REFERENCES subscription, created_at timestamptz(3) NOT NULL DEFAULT now())`,
  },
  { id: "0010-company-seq", sql: sequence("company") },
  { id: "0011-company-demo", sql: "ALTER TABLE company ADD COLUMN demo boolean NOT NULL DEFAULT false" },
  {
    id: "0012-company-settings",
    sql: `CREATE TABLE company_settings (
      id bigint PRIMARY KEY, company_id bigint NOT NULL UNIQUE REFERENCES company ON DELETE CASCADE)`,
  },
  { id: "0013-company-settings-seq", sql: sequence("company_settings") },
  {
    id: "0014-general-preferences",
    sql: `CREATE TABLE general_preferences (
      company_settings_id bigint PRIMARY KEY REFERENCES company_settings ON DELETE CASCADE,
      language varchar(255) NOT NULL DEFAULT 'EN', time_zone varchar(255), currency_id bigint REFERENCES currency,
      date_format varchar(255) NOT NULL DEFAULT 'MMDDYY')`,
  },
  {
    id: "0015-custom-sequence",
    sql: `CREATE TABLE custom_sequence (
      company_id bigint PRIMARY KEY REFERENCES company ON DELETE CASCADE,
      work_order_sequence bigint NOT NULL DEFAULT 0, asset_sequence bigint NOT NULL DEFAULT 0)`,
  },
  {
    id: "0016-custom-sequence-location",
    sql: "ALTER TABLE custom_sequence ADD COLUMN location_sequence bigint NOT NULL DEFAULT 0",
  },
  {
    id: "0017-role",
    sql: `CREATE TABLE role (
      id bigint PRIMARY KEY, role_type varchar(255) NOT NULL, code varchar(255) NOT NULL, name varchar(255) NOT NULL,
      description varchar(255), external_id varchar(255), paid boolean NOT NULL DEFAULT false,
      company_settings_id bigint REFERENCES company_settings ON DELETE CASCADE)`,
  },
  { id: "0018-role-seq", sql: sequence("role") },
  {
    id: "0019-role-permissions",
    sql: `ALTER TABLE role
      ADD COLUMN create_permissions varchar(255)[] NOT NULL DEFAULT '{}',
      ADD COLUMN view_permissions varchar(255)[] NOT NULL DEFAULT '{}',
      ADD COLUMN edit_other_permissions varchar(255)[] NOT NULL DEFAULT '{}',
      ADD COLUMN delete_other_permissions varchar(255)[] NOT NULL DEFAULT '{}'`,
  },
  {
    id: "0020-role-view-other",
    sql: "ALTER TABLE role ADD COLUMN view_other_permissions varchar(255)[] NOT NULL DEFAULT '{}'",
  },
  {
    id: "0021-own-user",
    sql: `CREATE TABLE own_user (
      id bigint PRIMARY KEY, username varchar(255) NOT NULL UNIQUE, email varchar(255) NOT NULL,
      password varchar(255) NOT NULL, first_name varchar(255) NOT NULL, last_name varchar(255) NOT NULL,
      phone varchar(255), job_title varchar(255), rate double precision NOT NULL DEFAULT 0,
      role_id bigint NOT NULL REFERENCES role, company_id bigint NOT NULL REFERENCES company ON DELETE CASCADE,
      owns_company boolean NOT NULL DEFAULT false, enabled boolean NOT NULL DEFAULT false,
      enabled_in_subscription boolean NOT NULL DEFAULT true, last_login timestamptz(3),
      created_at timestamptz(3) NOT NULL DEFAULT now())`,
  },
  { id: "0022-own-user-seq", sql: sequence("own_user") },
  { id: "0023-own-user-email", sql: "CREATE UNIQUE INDEX ux_own_user_email ON own_user (lower(email))" },
  { id: "0024-own-user-company", sql: "CREATE INDEX ix_own_user_company ON own_user (company_id)" },
  {
    id: "0025-own-user-session",
    sql: "ALTER TABLE own_user ADD COLUMN session_invalidated_at timestamptz(3)",
  },
  {
    id: "0026-user-settings",
    sql: `CREATE TABLE user_settings (
      id bigint PRIMARY KEY, user_id bigint NOT NULL UNIQUE REFERENCES own_user ON DELETE CASCADE,
      email_updates_for_work_orders boolean NOT NULL DEFAULT true)`,
  },
  { id: "0027-user-settings-seq", sql: sequence("user_settings") },
  {
    id: "0028-ui-configuration",
    sql: `CREATE TABLE ui_configuration (
      id bigint PRIMARY KEY, user_id bigint NOT NULL UNIQUE REFERENCES own_user ON DELETE CASCADE,
      requests boolean NOT NULL DEFAULT true, locations boolean NOT NULL DEFAULT true,
      meters boolean NOT NULL DEFAULT true, vendors_and_customers boolean NOT NULL DEFAULT true)`,
  },
  { id: "0029-ui-configuration-seq", sql: sequence("ui_configuration") },
  {
    id: "0030-user-invitation",
    sql: `CREATE TABLE user_invitation (
      id bigint PRIMARY KEY, email varchar(255) NOT NULL, role_id bigint NOT NULL REFERENCES role ON DELETE CASCADE,
      created_by bigint REFERENCES own_user ON DELETE CASCADE, created_at timestamptz(3) NOT NULL DEFAULT now())`,
  },
  { id: "0031-user-invitation-seq", sql: sequence("user_invitation") },
  {
    id: "0032-user-invitation-index",
    sql: "CREATE INDEX ix_user_invitation_email ON user_invitation (lower(email), role_id)",
  },
  {
    id: "0033-refresh-token",
    sql: `CREATE TABLE refresh_token (
      id bigint PRIMARY KEY, token_hash varchar(255) NOT NULL UNIQUE,
      user_id bigint NOT NULL REFERENCES own_user ON DELETE CASCADE, created_at timestamptz(3) NOT NULL,
      expires_at timestamptz(3) NOT NULL, revoked boolean NOT NULL DEFAULT false,
      replaced_by_token_hash varchar(255))`,
  },
  { id: "0034-refresh-token-seq", sql: sequence("refresh_token") },
  { id: "0035-refresh-token-user", sql: "CREATE INDEX ix_refresh_token_user ON refresh_token (user_id)" },
  {
    id: "0036-verification-token",
    sql: `CREATE TABLE verification_token (
      token varchar(255) PRIMARY KEY, user_id bigint NOT NULL REFERENCES own_user ON DELETE CASCADE,
      created_at timestamptz(3) NOT NULL DEFAULT now())`,
  },
];
