/** What may be searched and sorted by, per entity. A name that is not here is an invalid search field. */
export interface Entity {
  name: string;
  table: string;
  fields: Record<string, Field>;
}

/** `enum` stands for those that no search can filter by. */
export type ScalarKind = "text" | "number" | "boolean" | "date" | "status" | "priority" | "enum";

export type Field =
  | { kind: ScalarKind; column: string }
  | { kind: "one"; column: string; target: () => Entity }
  | { kind: "many"; link: string; own: string; other: string; target: () => Entity };

function scalars(kind: ScalarKind, names: string): Record<string, Field> {
  return Object.fromEntries(names.split(" ").map((name) => [name, { kind, column: snakeCase(name) }]));
}

function one(column: string, target: () => Entity): Field {
  return { kind: "one", column, target };
}

function many(link: string, own: string, other: string, target: () => Entity): Field {
  return { kind: "many", link, own, other, target };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const ID_AND_AUDIT: Record<string, Field> = {
  ...scalars("number", "id createdBy updatedBy"),
  ...scalars("date", "createdAt updatedAt"),
  company: one("company_id", () => COMPANY),
};

const COMPANY: Entity = {
  name: "Company",
  table: "company",
  fields: {
    ...scalars("number", "id employeesCount"),
    ...scalars("text", "name address phone website"),
    ...scalars("boolean", "demo"),
  },
};

export const FILE: Entity = {
  name: "File",
  table: "file",
  fields: {
    ...ID_AND_AUDIT,
    ...scalars("text", "name path"),
    ...scalars("boolean", "hidden"),
    ...scalars("enum", "type"),
  },
};
export const TEAM: Entity = {
  name: "Team",
  table: "team",
  fields: {
    ...ID_AND_AUDIT,
    ...scalars("text", "name description"),
    users: many("t_team_user_associations", "id_team", "id_user", () => USER),
  },
};
const CUSTOMER: Entity = {
  name: "Customer",
  table: "customer",
  fields: { ...ID_AND_AUDIT, ...scalars("text", "name email") },
};
const VENDOR: Entity = {
  name: "Vendor",
  table: "vendor",
  fields: { ...ID_AND_AUDIT, ...scalars("text", "companyName email") },
};
const ASSET_CATEGORY: Entity = {
  name: "AssetCategory",
  table: "asset_category",
  fields: { ...ID_AND_AUDIT, ...scalars("text", "name") },
};
const WORK_ORDER_CATEGORY: Entity = {
  name: "WorkOrderCategory",
  table: "work_order_category",
  fields: { ...ID_AND_AUDIT, ...scalars("text", "name description") },
};
const REQUEST: Entity = {
  name: "Request",
  table: "request",
  fields: { ...ID_AND_AUDIT, ...scalars("text", "title") },
};
const PREVENTIVE_MAINTENANCE: Entity = {
  name: "PreventiveMaintenance",
  table: "preventive_maintenance",
  fields: { ...ID_AND_AUDIT, ...scalars("text", "name") },
};

const ROLE: Entity = {
  name: "Role",
  table: "role",
  fields: {
    ...scalars("number", "id"),
    ...scalars("text", "name description externalId"),
    ...scalars("enum", "code roleType"),
    ...scalars("boolean", "paid"),
  },
};

export const USER: Entity = {
  name: "User",
  table: "own_user",
  fields: {
    ...scalars("number", "id rate"),
    ...scalars("text", "username email firstName lastName phone jobTitle"),
    ...scalars("boolean", "ownsCompany enabled enabledInSubscription"),
    ...scalars("date", "lastLogin createdAt"),
    role: one("role_id", () => ROLE),
    company: one("company_id", () => COMPANY),
    location: one("location_id", () => LOCATION),
    image: one("image_id", () => FILE),
  },
};

export const LOCATION: Entity = {
  name: "Location",
  table: "location",
  fields: {
    ...ID_AND_AUDIT,
    ...scalars("text", "customId name address"),
    ...scalars("number", "longitude latitude"),
    parentLocation: one("parent_location_id", () => LOCATION),
    image: one("image_id", () => FILE),
    workers: many("t_location_user_associations", "id_location", "id_user", () => USER),
    teams: many("t_location_team_associations", "id_location", "id_team", () => TEAM),
  },
};

export const ASSET: Entity = {
  name: "Asset",
  table: "asset",
  fields: {
    ...ID_AND_AUDIT,
    ...scalars(
      "text",
      "customId name description area barCode nfcId serialNumber model manufacturer power additionalInfos",
    ),
    ...scalars("number", "acquisitionCost"),
    ...scalars("boolean", "archived"),
    ...scalars("enum", "status"),
    ...scalars("date", "warrantyExpirationDate inServiceDate"),
    location: one("location_id", () => LOCATION),
    parentAsset: one("parent_asset_id", () => ASSET),
    category: one("category_id", () => ASSET_CATEGORY),
    primaryUser: one("primary_user_id", () => USER),
    image: one("image_id", () => FILE),
    assignedTo: many("t_asset_user_associations", "id_asset", "id_user", () => USER),
    teams: many("t_asset_team_associations", "id_asset", "id_team", () => TEAM),
    vendors: many("t_asset_vendor_associations", "id_asset", "id_vendor", () => VENDOR),
    customers: many("t_asset_customer_associations", "id_asset", "id_customer", () => CUSTOMER),
    files: many("t_asset_file_associations", "id_asset", "id_file", () => FILE),
  },
};

export const WORK_ORDER: Entity = {
  name: "WorkOrder",
  table: "work_order",
  fields: {
    ...ID_AND_AUDIT,
    ...scalars("text", "customId title description feedback signature"),
    ...scalars("priority", "priority"),
    ...scalars("status", "status"),
    ...scalars("number", "estimatedDuration"),
    ...scalars("boolean", "requiredSignature archived"),
    ...scalars("date", "dueDate estimatedStartDate completedOn firstTimeToReact"),
    asset: one("asset_id", () => ASSET),
    location: one("location_id", () => LOCATION),
    team: one("team_id", () => TEAM),
    category: one("category_id", () => WORK_ORDER_CATEGORY),
    primaryUser: one("primary_user_id", () => USER),
    completedBy: one("completed_by_id", () => USER),
    image: one("image_id", () => FILE),
    parentRequest: one("parent_request_id", () => REQUEST),
    parentPreventiveMaintenance: one("parent_preventive_maintenance_id", () => PREVENTIVE_MAINTENANCE),
    assignedTo: many("t_work_order_user_associations", "id_work_order", "id_user", () => USER),
    customers: many("t_work_order_customer_associations", "id_work_order", "id_customer", () => CUSTOMER),
    files: many("t_work_order_file_associations", "id_work_order", "id_file", () => FILE),
  },
};
