import { PRIORITIES, STATUSES } from "../constants.ts";
import type { Sql } from "../database/sql.ts";
import { auditDate, plainDate } from "../dates.ts";
import { assetMini, idsOf, locationMini, manyOf, namedMini, userMini } from "./minis.ts";
import { findByIds, RECORD_COLUMNS, recordView, type StoredRecord } from "./record.ts";

export interface WorkOrder extends StoredRecord {
  dueDate: Date | null;
  priority: number;
  estimatedDuration: number;
  estimatedStartDate: Date | null;
  description: string | null;
  title: string;
  requiredSignature: boolean;
  archived: boolean;
  completedOn: Date | null;
  signature: string | null;
  status: number;
  feedback: string | null;
  customId: string | null;
  assetId: number | null;
  category: object | null;
  location: object | null;
  team: object | null;
  primaryUser: object | null;
  asset: object | null;
  completedBy: object | null;
  assignedTo: object[];
  customers: object[];
  files: object[];
  /** Whoever it is assigned to: the primary user, the assigned ones and the team. */
  assignees: number[];
}

const ASSIGNED = ["t_work_order_user_associations", "id_work_order", "id_user"] as const;
const CUSTOMERS = ["t_work_order_customer_associations", "id_work_order", "id_customer"] as const;
const FILES = ["t_work_order_file_associations", "id_work_order", "id_file"] as const;

const SELECT = `
  SELECT ${RECORD_COLUMNS}, t.due_date AS "dueDate", t.priority,
    t.estimated_duration AS "estimatedDuration", t.estimated_start_date AS "estimatedStartDate", t.description, t.title,
    t.required_signature AS "requiredSignature", t.archived, t.completed_on AS "completedOn", t.signature, t.status,
    t.feedback, t.custom_id AS "customId", t.asset_id AS "assetId",
    ${namedMini("c")} AS category, ${locationMini("l")} AS location, ${namedMini("tm")} AS team,
    ${userMini("p")} AS "primaryUser", ${assetMini("a")} AS asset, ${userMini("d")} AS "completedBy",
    ${manyOf(...ASSIGNED, "own_user", userMini)} AS "assignedTo",
    ${manyOf(...CUSTOMERS, "customer", namedMini)} AS customers,
    ${manyOf(...FILES, "file", namedMini)} AS files,
    array_remove(t.primary_user_id || ${idsOf(...ASSIGNED)}
      || ARRAY(SELECT id_user FROM t_team_user_associations WHERE id_team = t.team_id), NULL) AS assignees
  FROM work_order t
  LEFT JOIN work_order_category c ON c.id = t.category_id
  LEFT JOIN location l ON l.id = t.location_id
  LEFT JOIN team tm ON tm.id = t.team_id
  LEFT JOIN own_user p ON p.id = t.primary_user_id
  LEFT JOIN own_user d ON d.id = t.completed_by_id
  LEFT JOIN asset a ON a.id = t.asset_id`;

/** In the order of the given ids. */
export async function findWorkOrders(sql: Sql, ids: readonly number[]): Promise<WorkOrder[]> {
  return await findByIds<WorkOrder>(sql, SELECT, ids);
}

export async function findWorkOrder(sql: Sql, id: number): Promise<WorkOrder | undefined> {
  const [order] = await findWorkOrders(sql, [id]);
  return order;
}

export function workOrderView(order: WorkOrder): object {
  return {
    ...recordView(order),
    dueDate: plainDate(order.dueDate),
    priority: PRIORITIES[order.priority],
    estimatedDuration: order.estimatedDuration,
    estimatedStartDate: plainDate(order.estimatedStartDate),
    description: order.description,
    title: order.title,
    requiredSignature: order.requiredSignature,
    category: order.category,
    location: order.location,
    team: order.team,
    primaryUser: order.primaryUser,
    assignedTo: order.assignedTo,
    customers: order.customers,
    asset: order.asset,
    files: order.files,
    image: null,
    customFieldValues: [],
    completedBy: order.completedBy,
    completedOn: plainDate(order.completedOn),
    archived: order.archived,
    parentRequest: null,
    parentPreventiveMaintenance: null,
    signature: order.signature,
    status: STATUSES[order.status],
    feedback: order.feedback,
    customId: order.customId,
  };
}

export function workOrderMiniView(order: WorkOrder): object {
  return {
    id: order.id,
    title: order.title,
    dueDate: plainDate(order.dueDate),
    createdAt: auditDate(order.createdAt),
    priority: PRIORITIES[order.priority],
    status: STATUSES[order.status],
    customId: order.customId,
  };
}
