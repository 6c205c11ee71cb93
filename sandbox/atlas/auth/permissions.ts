export const PERMISSIONS = [
  "PEOPLE_AND_TEAMS",
  "CATEGORIES",
  "CATEGORIES_WEB",
  "WORK_ORDERS",
  "PREVENTIVE_MAINTENANCES",
  "ASSETS",
  "PARTS_AND_MULTIPARTS",
  "PURCHASE_ORDERS",
  "METERS",
  "VENDORS_AND_CUSTOMERS",
  "FILES",
  "LOCATIONS",
  "SETTINGS",
  "REQUESTS",
  "ANALYTICS",
] as const;

export type Permission = (typeof PERMISSIONS)[number];

export interface PermissionTable {
  createPermissions: readonly Permission[];
  viewPermissions: readonly Permission[];
  viewOtherPermissions: readonly Permission[];
  editOtherPermissions: readonly Permission[];
  deleteOtherPermissions: readonly Permission[];
}

export interface Role extends PermissionTable {
  id: number;
  roleType: "ROLE_CLIENT" | "ROLE_SUPER_ADMIN";
  code: string;
  paid: boolean;
  name: string;
  /** Set on the super admin's and on custom roles: whoever joins by the role joins this company. */
  companyId: number | null;
}

interface DefaultRole extends PermissionTable {
  code: string;
  name: string;
  paid: boolean;
}

const ALL: readonly Permission[] = PERMISSIONS;
const NONE: readonly Permission[] = [];

function allBut(...left: Permission[]): Permission[] {
  return PERMISSIONS.filter((permission) => !left.includes(permission));
}

/** The client roles that every start brings back to this state. */
export const DEFAULT_ROLES: readonly DefaultRole[] = [
  {
    code: "ADMIN",
    name: "Administrator",
    paid: true,
    createPermissions: ALL,
    viewPermissions: ALL,
    viewOtherPermissions: ALL,
    editOtherPermissions: ALL,
    deleteOtherPermissions: ALL,
  },
  {
    code: "LIMITED_ADMIN",
    name: "Limited Administrator",
    paid: true,
    createPermissions: allBut("PEOPLE_AND_TEAMS", "REQUESTS"),
    viewPermissions: allBut("SETTINGS"),
    viewOtherPermissions: ALL,
    editOtherPermissions: allBut("PEOPLE_AND_TEAMS"),
    deleteOtherPermissions: NONE,
  },
  {
    code: "TECHNICIAN",
    name: "Technician",
    paid: true,
    createPermissions: ["WORK_ORDERS", "ASSETS", "LOCATIONS", "FILES"],
    viewPermissions: [
      "WORK_ORDERS",
      "LOCATIONS",
      "ASSETS",
      "CATEGORIES",
      "PREVENTIVE_MAINTENANCES",
      "METERS",
    ],
    viewOtherPermissions: ["WORK_ORDERS", "PARTS_AND_MULTIPARTS", "LOCATIONS", "ASSETS"],
    editOtherPermissions: NONE,
    deleteOtherPermissions: NONE,
  },
  {
    code: "LIMITED_TECHNICIAN",
    name: "Limited Technician",
    paid: true,
    createPermissions: ["FILES"],
    viewPermissions: [
      "WORK_ORDERS",
      "CATEGORIES",
      "PARTS_AND_MULTIPARTS",
      "LOCATIONS",
      "ASSETS",
      "PREVENTIVE_MAINTENANCES",
      "METERS",
    ],
    viewOtherPermissions: ["ASSETS", "PARTS_AND_MULTIPARTS", "LOCATIONS"],
    editOtherPermissions: NONE,
    deleteOtherPermissions: NONE,
  },
  {
    code: "VIEW_ONLY",
    name: "View Only",
    paid: false,
    createPermissions: NONE,
    viewPermissions: allBut("SETTINGS"),
    viewOtherPermissions: ALL,
    editOtherPermissions: NONE,
    deleteOtherPermissions: NONE,
  },
  {
    code: "REQUESTER",
    name: "Requester",
    paid: false,
    createPermissions: ["REQUESTS", "FILES"],
    viewPermissions: ["REQUESTS", "CATEGORIES"],
    viewOtherPermissions: NONE,
    editOtherPermissions: NONE,
    deleteOtherPermissions: NONE,
  },
];

interface Owned {
  createdBy: number | null;
  assignees: readonly number[];
}

interface Actor {
  id: number;
  role: Role;
}

export function canView(actor: Actor, kind: Permission, record: Owned): boolean {
  if (!actor.role.viewPermissions.includes(kind)) return false;
  return (
    actor.role.viewOtherPermissions.includes(kind) || isCreator(actor, record) || isAssigned(actor, record)
  );
}

export function canEdit(actor: Actor, kind: Permission, record: Owned): boolean {
  return (
    actor.role.editOtherPermissions.includes(kind) || isCreator(actor, record) || isAssigned(actor, record)
  );
}

/** Being assigned is not enough to delete. */
export function canDelete(actor: Actor, kind: Permission, record: Owned): boolean {
  return actor.role.deleteOtherPermissions.includes(kind) || isCreator(actor, record);
}

function isCreator(actor: Actor, record: Owned): boolean {
  return record.createdBy === actor.id;
}

function isAssigned(actor: Actor, record: Owned): boolean {
  return record.assignees.includes(actor.id);
}
