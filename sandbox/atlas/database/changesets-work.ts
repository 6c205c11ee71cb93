import { AUDIT_COLUMNS, type Changeset, sequence } from "./changesets-core.ts";

const COMPANY = "company_id bigint NOT NULL REFERENCES company ON DELETE CASCADE";

/** A table of records that belong to an organisation. */
function companyTable(name: string, columns: string): string {
  return `CREATE TABLE ${name} (id bigint PRIMARY KEY, ${columns}, ${COMPANY}, ${AUDIT_COLUMNS})`;
}

function link(name: string, own: string, ownTable: string, other: string, otherTable: string): string {
  return `CREATE TABLE ${name} (
    ${own} bigint NOT NULL REFERENCES ${ownTable} ON DELETE CASCADE,
    ${other} bigint NOT NULL REFERENCES ${otherTable} ON DELETE CASCADE, PRIMARY KEY (${own}, ${other}))`;
}

/** Places, equipment and work. */
export const WORK_CHANGESETS: readonly Changeset[] = [
  { id: "0037-file", sql: companyTable("file", "name varchar(255) NOT NULL, url varchar(255)") },
  { id: "0038-file-seq", sql: sequence("file") },
  { id: "0039-team", sql: companyTable("team", "name varchar(255) NOT NULL, description varchar(255)") },
  { id: "0040-team-seq", sql: sequence("team") },
  { id: "0041-team-users", sql: link("t_team_user_associations", "id_team", "team", "id_user", "own_user") },
  { id: "0042-customer", sql: companyTable("customer", "name varchar(255) NOT NULL, email varchar(255)") },
  {
    id: "0043-vendor",
    sql: companyTable("vendor", "company_name varchar(255) NOT NULL, email varchar(255)"),
  },
  {
    id: "0044-location",
    sql: companyTable(
      "location",
      `custom_id varchar(255), name varchar(255) NOT NULL, address varchar(255), longitude double precision,
       latitude double precision, image_id bigint REFERENCES file ON DELETE SET NULL,
       parent_location_id bigint REFERENCES location ON DELETE SET NULL`,
    ),
  },
  { id: "0045-location-seq", sql: sequence("location") },
  { id: "0046-location-company", sql: "CREATE INDEX ix_location_company ON location (company_id)" },
  {
    id: "0047-own-user-location",
    sql: `ALTER TABLE own_user ADD COLUMN location_id bigint REFERENCES location ON DELETE SET NULL,
      ADD COLUMN image_id bigint REFERENCES file ON DELETE SET NULL`,
  },
  {
    id: "0048-location-users",
    sql: link("t_location_user_associations", "id_location", "location", "id_user", "own_user"),
  },
  {
    id: "0049-location-teams",
    sql: link("t_location_team_associations", "id_location", "location", "id_team", "team"),
  },
  { id: "0050-asset-category", sql: companyTable("asset_category", "name varchar(255) NOT NULL") },
  {
    id: "0051-asset",
    sql: companyTable(
      "asset",
      `custom_id varchar(255), name varchar(255) NOT NULL, description varchar(10000), area varchar(255),
       bar_code varchar(255), serial_number varchar(255), model varchar(255), manufacturer varchar(255),
       power varchar(255), additional_infos varchar(255), status smallint NOT NULL DEFAULT 0,
       archived boolean NOT NULL DEFAULT false, acquisition_cost double precision,
       warranty_expiration_date timestamptz(3), in_service_date timestamptz(3),
       image_id bigint REFERENCES file ON DELETE SET NULL, location_id bigint REFERENCES location ON DELETE SET NULL,
       parent_asset_id bigint REFERENCES asset ON DELETE CASCADE, category_id bigint REFERENCES asset_category,
       primary_user_id bigint REFERENCES own_user ON DELETE SET NULL`,
    ),
  },
  { id: "0052-asset-seq", sql: sequence("asset") },
  { id: "0053-asset-nfc", sql: "ALTER TABLE asset ADD COLUMN nfc_id varchar(255)" },
  { id: "0054-asset-company", sql: "CREATE INDEX ix_asset_company ON asset (company_id)" },
  {
    id: "0055-asset-users",
    sql: link("t_asset_user_associations", "id_asset", "asset", "id_user", "own_user"),
  },
  { id: "0056-asset-teams", sql: link("t_asset_team_associations", "id_asset", "asset", "id_team", "team") },
  {
    id: "0057-asset-vendors",
    sql: link("t_asset_vendor_associations", "id_asset", "asset", "id_vendor", "vendor"),
  },
  {
    id: "0058-asset-customers",
    sql: link("t_asset_customer_associations", "id_asset", "asset", "id_customer", "customer"),
  },
  { id: "0059-asset-files", sql: link("t_asset_file_associations", "id_asset", "asset", "id_file", "file") },
  { id: "0060-work-order-category", sql: companyTable("work_order_category", "name varchar(255) NOT NULL") },
  { id: "0061-request", sql: companyTable("request", "title varchar(255) NOT NULL") },
  { id: "0062-preventive-maintenance", sql: companyTable("preventive_maintenance", "name varchar(255)") },
  {
    id: "0063-work-order",
    sql: companyTable(
      "work_order",
      `custom_id varchar(255), title varchar(255) NOT NULL, description varchar(10000),
       priority smallint NOT NULL DEFAULT 0, status smallint NOT NULL DEFAULT 0, due_date timestamptz(3),
       estimated_start_date timestamptz(3), estimated_duration double precision NOT NULL DEFAULT 0,
       required_signature boolean NOT NULL DEFAULT false, archived boolean NOT NULL DEFAULT false,
       completed_on timestamptz(3), completed_by_id bigint REFERENCES own_user ON DELETE SET NULL,
       feedback varchar(10000), image_id bigint REFERENCES file ON DELETE SET NULL,
       asset_id bigint REFERENCES asset ON DELETE SET NULL, location_id bigint REFERENCES location ON DELETE SET NULL,
       team_id bigint REFERENCES team ON DELETE SET NULL, category_id bigint REFERENCES work_order_category,
       primary_user_id bigint REFERENCES own_user ON DELETE SET NULL,
       parent_request_id bigint REFERENCES request ON DELETE SET NULL,
       parent_preventive_maintenance_id bigint REFERENCES preventive_maintenance ON DELETE SET NULL`,
    ),
  },
  { id: "0064-work-order-seq", sql: sequence("work_order") },
  { id: "0065-work-order-signature", sql: "ALTER TABLE work_order ADD COLUMN signature text" },
  {
    id: "0066-work-order-reaction",
    sql: "ALTER TABLE work_order ADD COLUMN first_time_to_react timestamptz(3)",
  },
  {
    id: "0067-work-order-company",
    sql: "CREATE INDEX ix_work_order_company ON work_order (company_id, status)",
  },
  { id: "0068-work-order-asset", sql: "CREATE INDEX ix_work_order_asset ON work_order (asset_id)" },
  {
    id: "0069-work-order-users",
    sql: link("t_work_order_user_associations", "id_work_order", "work_order", "id_user", "own_user"),
  },
  {
    id: "0070-work-order-customers",
    sql: link("t_work_order_customer_associations", "id_work_order", "work_order", "id_customer", "customer"),
  },
  {
    id: "0071-work-order-files",
    sql: link("t_work_order_file_associations", "id_work_order", "work_order", "id_file", "file"),
  },
  {
    id: "0072-work-order-category-description",
    sql: "ALTER TABLE work_order_category ADD COLUMN description varchar(255)",
  },
  { id: "0073-work-order-category-seq", sql: sequence("work_order_category") },
  {
    id: "0074-file-content",
    sql: `ALTER TABLE file DROP COLUMN url, ADD COLUMN path varchar(255) NOT NULL,
      ADD COLUMN type smallint NOT NULL DEFAULT 1, ADD COLUMN hidden boolean NOT NULL DEFAULT false`,
  },
  {
    id: "0075-api-key",
    sql: companyTable(
      "api_key",
      `label varchar(255) NOT NULL, code varchar(255) NOT NULL UNIQUE,
       user_id bigint NOT NULL REFERENCES own_user ON DELETE CASCADE, last_used timestamptz(3), expires_at timestamptz(3)`,
    ),
  },
  { id: "0076-api-key-seq", sql: sequence("api_key") },
  {
    id: "0077-verification-token-payload",
    sql: "ALTER TABLE verification_token ADD COLUMN payload varchar(255)",
  },
];
