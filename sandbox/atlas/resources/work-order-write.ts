import type { App } from "../app.ts";
import { nextCustomId } from "../auth/companies.ts";
import type { User } from "../auth/user-store.ts";
import {
  ASSET_STATUSES,
  COMPLETE,
  DOWN,
  OPERATIONAL,
  PRIORITIES,
  STATUSES,
  type Status,
} from "../constants.ts";
import type { Sql } from "../database/sql.ts";
import { ApiError } from "../http/api-error.ts";
import type { JsonObject } from "../http/json-object.ts";
import { assignment } from "../letters.ts";
import { refuseMoreWorkOrders } from "../licence.ts";
import { deliver } from "../mail.ts";
import { sanitise } from "../sanitise.ts";
import { refuseMissing, requireOnUpdate } from "./notnull.ts";
import { type Columns, insert, type Link, replaceLinks, update } from "./store.ts";
import { findWorkOrder, type WorkOrder } from "./work-order-view.ts";

const LINKS: Record<"assignedTo" | "customers" | "files", Link & { type: string }> = {
  assignedTo: link("user", "User"),
  customers: link("customer", "Customer"),
  files: link("file", "File"),
};

function link(name: string, type: string): Link & { type: string } {
  return { table: `t_work_order_${name}_associations`, own: "id_work_order", other: `id_${name}`, type };
}

/** What create and patch write alike: everything that the body leaves out falls back to its default. */
function baseColumns(body: JsonObject): Columns {
  const duration = body.number("estimatedDuration") ?? 0;
  if (duration < 0) throw new ApiError(400, "must be greater than or equal to 0");
  return {
    description: sanitise(body.text("description")),
    priority: PRIORITIES.indexOf(body.constant("priority", "Priority", PRIORITIES) ?? "NONE"),
    due_date: body.date("dueDate"),
    estimated_start_date: body.date("estimatedStartDate"),
    estimated_duration: duration,
    required_signature: body.boolean("requiredSignature"),
    asset_id: body.reference("asset", "Asset"),
    location_id: body.reference("location", "Location"),
    team_id: body.reference("team", "Team"),
    category_id: body.reference("category", "WorkOrderCategory"),
    primary_user_id: body.reference("primaryUser", "User"),
    image_id: body.reference("image", "File"),
  };
}

async function writeLinks(sql: Sql, id: number, body: JsonObject): Promise<void> {
  for (const [field, target] of Object.entries(LINKS)) {
    await replaceLinks(sql, target, id, body.references(field, target.type));
  }
}

export async function createWorkOrder(app: App, sql: Sql, user: User, body: JsonObject): Promise<WorkOrder> {
  const columns = baseColumns(body);
  const title = body.text("title");
  const status = body.constant("status", "Status", STATUSES) ?? "OPEN";
  const assetStatus = body.constant("assetStatus", "AssetStatus", ASSET_STATUSES);
  refuseMissing(title);
  if (!user.role.createPermissions.includes("WORK_ORDERS")) throw new ApiError(403, "Access denied");
  await refuseMoreWorkOrders(sql, app.settings.licence, user.companyId, COMPLETE);
  const id = await app.database.ids.next(sql, "work_order");
  await insert(sql, "work_order", {
    ...columns,
    id,
    title: sanitise(title),
    status: STATUSES.indexOf(status),
    custom_id: await nextCustomId(sql, user.companyId, "work_order"),
    company_id: user.companyId,
    created_by: user.id,
    updated_by: user.id,
  });
  await writeLinks(sql, id, body);
  if (assetStatus !== null && columns.asset_id !== null) {
    await update(sql, "asset", Number(columns.asset_id), { status: ASSET_STATUSES.indexOf(assetStatus) });
  }
  const order = await written(sql, id);
  await notify(app, sql, order, order.assignees);
  return order;
}

/** A full replace: status, feedback and signature alone keep their values. */
export async function patchWorkOrder(
  app: App,
  sql: Sql,
  user: User,
  before: WorkOrder,
  body: JsonObject,
): Promise<WorkOrder> {
  await update(sql, "work_order", before.id, {
    ...baseColumns(body),
    title: sanitise(requireOnUpdate(body.text("title"), "WorkOrder", "title")),
    archived: body.boolean("archived"),
    completed_by_id: body.reference("completedBy", "User"),
    completed_on: body.date("completedOn"),
    updated_by: user.id,
    updated_at: new Date(),
  });
  await writeLinks(sql, before.id, body);
  const after = await written(sql, before.id);
  await notify(
    app,
    sql,
    after,
    after.assignees.filter((assignee) => !before.assignees.includes(assignee)),
  );
  return after;
}

export interface StatusChange {
  status: Status;
  feedback: string | null;
  signature: string | null;
}

/** Any status may follow any other; feedback and signature are overwritten each time. */
export async function changeStatus(
  sql: Sql,
  user: User,
  order: WorkOrder,
  change: StatusChange,
): Promise<WorkOrder> {
  const completes = change.status === "COMPLETE";
  await update(sql, "work_order", order.id, {
    status: STATUSES.indexOf(change.status),
    feedback: sanitise(change.feedback),
    signature: change.signature,
    completed_by_id: completes ? user.id : null,
    completed_on: completes ? new Date() : null,
    updated_by: user.id,
    updated_at: new Date(),
  });
  if (completes && order.assetId !== null) await endDowntime(sql, order.assetId, order.id);
  return await written(sql, order.id);
}

/** An asset comes back to service with its last incomplete order. */
async function endDowntime(sql: Sql, assetId: number, orderId: number): Promise<void> {
  await sql.run(
    `UPDATE asset SET status = $3 WHERE id = $1 AND status = $4 AND NOT EXISTS
       (SELECT 1 FROM work_order WHERE asset_id = $1 AND id <> $2 AND status <> $5)`,
    [assetId, orderId, OPERATIONAL, DOWN, COMPLETE],
  );
}

/** Mails go out inside the transaction: when they fail, nothing was written. */
async function notify(app: App, sql: Sql, order: WorkOrder, assignees: readonly number[]): Promise<void> {
  if (assignees.length === 0) return;
  const receivers = await sql.rows<{ email: string }>(
    `SELECT u.email FROM own_user u JOIN user_settings s ON s.user_id = u.id
     WHERE u.id = ANY($1::bigint[]) AND u.enabled AND s.email_updates_for_work_orders`,
    [assignees],
  );
  if (receivers.length === 0) return;
  const to = receivers.map(({ email }) => email);
  await deliver(app.settings.mail, assignment(app.settings, order, to));
}

async function written(sql: Sql, id: number): Promise<WorkOrder> {
  const order = await findWorkOrder(sql, id);
  if (order) return order;
  throw new ApiError(404, "WorkOrder not found");
}
