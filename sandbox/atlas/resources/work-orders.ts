import { canDelete, canEdit, canView } from "../auth/permissions.ts";
import type { User } from "../auth/user-store.ts";
import { STATUSES } from "../constants.ts";
import type { Sql } from "../database/sql.ts";
import { ApiError } from "../http/api-error.ts";
import { json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, idParameter, type Route, route } from "../http/router.ts";
import { type FilterField, filter, readCriteria, type SearchCriteria } from "../search/criteria.ts";
import { WORK_ORDER } from "../search/entities.ts";
import { pageView, search } from "../search/search.ts";
import { refuseOthers } from "./tenant.ts";
import {
  findWorkOrder,
  findWorkOrders,
  type WorkOrder,
  workOrderMiniView,
  workOrderView,
} from "./work-order-view.ts";
import { changeStatus, createWorkOrder, patchWorkOrder } from "./work-order-write.ts";

export const workOrderRoutes: Route[] = [
  route("POST", "/work-orders/search", "signed-in", (call) => searchBy(call, workOrderView)),
  route("POST", "/work-orders/search/mini", "signed-in", (call) => searchBy(call, workOrderMiniView)),
  route("GET", "/work-orders/asset/:id", "signed-in", (call) => listOf(call, "asset")),
  route("GET", "/work-orders/location/:id", "signed-in", (call) => listOf(call, "location")),
  route("GET", "/work-orders/:id", "signed-in", get),
  route("POST", "/work-orders", "client", create),
  route("PATCH", "/work-orders/:id", "client", patch),
  route("PATCH", "/work-orders/:id/change-status", "client", patchStatus),
  route("DELETE", "/work-orders/:id", "client", remove),
];

async function searchBy(call: Call, view: (order: WorkOrder) => object): Promise<Reply> {
  const user = callerOf(call);
  const criteria = readCriteria(await call.body("com.grash.advancedsearch.SearchCriteria"));
  return await call.app.database.transaction(async (sql) => {
    const visible = { ...criteria, filterFields: await visibleTo(sql, user, criteria) };
    const found = await search(sql, WORK_ORDER, visible);
    const orders = await findWorkOrders(sql, found.ids);
    return json(pageView(orders.map(view), found.total, criteria));
  });
}

/** The caller's filters and those of its role. `assignedToUser` is no property but a question of its own. */
async function visibleTo(sql: Sql, user: User, { filterFields }: SearchCriteria): Promise<FilterField[]> {
  if (user.role.roleType !== "ROLE_CLIENT") return filterFields;
  const given = filterFields.filter(({ field }) => field !== "assignedToUser");
  const all = [...given, filter("company", "eq", [user.companyId])];
  if (!user.role.viewPermissions.includes("WORK_ORDERS")) {
    const isRequester = user.role.code === "REQUESTER";
    return isRequester ? [...all, filter("parentRequest.createdBy", "eq", [user.id])] : all;
  }
  if (!user.role.viewOtherPermissions.includes("WORK_ORDERS")) {
    return [...all, filter("createdBy", "eq", [user.id], await assignedToAny(sql, [user.id]))];
  }
  const asked = filterFields.filter(({ field }) => field === "assignedToUser");
  const wanted = await Promise.all(asked.map(({ values }) => assignedToAny(sql, values.map(Number))));
  return [
    ...all,
    ...wanted.flatMap(([first, ...others]) => (first ? [{ ...first, alternatives: others }] : [])),
  ];
}

async function assignedToAny(sql: Sql, users: number[]): Promise<FilterField[]> {
  const teams = await sql.rows<{ id: number }>(
    "SELECT DISTINCT id_team AS id FROM t_team_user_associations WHERE id_user = ANY($1::bigint[])",
    [users],
  );
  return [
    filter("assignedTo", "inm", users),
    filter("primaryUser", "in", users),
    filter(
      "team",
      "in",
      teams.map(({ id }) => id),
    ),
  ];
}

async function get(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const order = await findWorkOrder(sql, id);
    if (!order) throw new ApiError(404, "Work Order not found");
    refuseOthers(callerOf(call), order);
    if (!canView(callerOf(call), "WORK_ORDERS", order)) throw new ApiError(403, "Access denied");
    return json(workOrderView(order));
  });
}

async function listOf(call: Call, relation: "asset" | "location"): Promise<Reply> {
  const id = idParameter(call);
  const user = callerOf(call);
  return await call.app.database.transaction(async (sql) => {
    const owner = await sql.first<{ companyId: number }>(
      `SELECT company_id AS "companyId" FROM ${relation} WHERE id = $1`,
      [id],
    );
    if (!owner) throw new ApiError(404, "Not found");
    refuseOthers(user, owner);
    const rows = await sql.rows<{ id: number }>(
      `SELECT id FROM work_order WHERE ${relation}_id = $1 ORDER BY id`,
      [id],
    );
    const orders = await findWorkOrders(
      sql,
      rows.map((row) => row.id),
    );
    return json(orders.map(workOrderView));
  });
}

async function create(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.dto.workOrder.WorkOrderPostDTO");
  return await call.app.database.transaction(async (sql) =>
    json(workOrderView(await createWorkOrder(call.app, sql, callerOf(call), body))),
  );
}

async function patch(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const body = await call.body("com.grash.dto.workOrder.WorkOrderPatchDTO");
  return await call.app.database.transaction(async (sql) => {
    const order = await findWorkOrder(sql, id);
    if (!order) throw new ApiError(404, "WorkOrder not found");
    refuseOthers(callerOf(call), order);
    if (!canEdit(callerOf(call), "WORK_ORDERS", order)) throw new ApiError(403, "Forbidden");
    return json(workOrderView(await patchWorkOrder(call.app, sql, callerOf(call), order, body)));
  });
}

async function patchStatus(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const body = await call.body("com.grash.dto.WorkOrderChangeStatusDTO");
  const status = body.constant("status", "Status", STATUSES);
  const signature = body.text("signature");
  return await call.app.database.transaction(async (sql) => {
    const order = await findWorkOrder(sql, id);
    if (!order) throw new ApiError(500, "No value present");
    refuseOthers(callerOf(call), order);
    if (status === null) throw new ApiError(406, "Status can't be null");
    if (signature !== null && !call.app.settings.licence.entitlements.has("SIGNATURE_CAPTURE"))
      throw new ApiError(403, "You need a license to add signature to work order");
    if (status === "COMPLETE" && order.requiredSignature) {
      throw new ApiError(400, "Signature is required to complete this work order");
    }
    if (!canEdit(callerOf(call), "WORK_ORDERS", order)) throw new ApiError(403, "Forbidden");
    const change = { status, signature, feedback: body.text("feedback") };
    return json(workOrderView(await changeStatus(sql, callerOf(call), order, change)));
  });
}

async function remove(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const order = await findWorkOrder(sql, id);
    if (!order) throw new ApiError(404, "WorkOrder not found");
    refuseOthers(callerOf(call), order);
    if (!canDelete(callerOf(call), "WORK_ORDERS", order)) throw new ApiError(403, "Forbidden");
    await sql.run("DELETE FROM work_order WHERE id = $1", [id]);
    return success("Deleted successfully");
  });
}
