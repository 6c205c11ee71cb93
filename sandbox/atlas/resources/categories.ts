/* Categories of work orders, read in the original's source and not observed: WorkOrderCategoryController and its service. */
import { canDelete, canEdit } from "../auth/permissions.ts";
import type { Sql } from "../database/sql.ts";
import { plainDate } from "../dates.ts";
import { ApiError } from "../http/api-error.ts";
import { json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, idParameter, type Route, route } from "../http/router.ts";
import { sanitise } from "../sanitise.ts";
import { refuseMissing, requireOnUpdate } from "./notnull.ts";
import { RECORD_COLUMNS, type StoredRecord } from "./record.ts";
import { insert, update } from "./store.ts";
import { refuseOthers } from "./tenant.ts";

const PATH = "/work-order-categories";

export const categoryRoutes: Route[] = [
  route("GET", PATH, "signed-in", list),
  route("GET", `${PATH}/:id`, "signed-in", get),
  route("POST", PATH, "client", create),
  route("PATCH", `${PATH}/:id`, "client", patch),
  route("DELETE", `${PATH}/:id`, "client", remove),
];

interface Category extends StoredRecord {
  name: string;
  description: string | null;
}

const SELECT = `
  SELECT ${RECORD_COLUMNS}, t.name, t.description
  FROM work_order_category t`;

async function existing(sql: Sql, id: number, message: string): Promise<Category> {
  const category = await sql.first<Category>(`${SELECT} WHERE t.id = $1`, [id]);
  if (category) return category;
  throw new ApiError(404, message);
}

/** The stored object itself and no view of it, so its dates are in the other shape. */
function view({ companyId: _company, createdAt, updatedAt, ...category }: Category): object {
  return { ...category, createdAt: plainDate(createdAt), updatedAt: plainDate(updatedAt), demo: false };
}

async function list(call: Call): Promise<Reply> {
  const user = callerOf(call);
  const isClient = user.role.roleType === "ROLE_CLIENT";
  if (isClient && !user.role.viewPermissions.includes("CATEGORIES")) throw new ApiError(403, "Access Denied");
  return await call.app.database.transaction(async (sql) => {
    const company = isClient ? user.companyId : null;
    const categories = await sql.rows<Category>(
      `${SELECT} WHERE $1::bigint IS NULL OR t.company_id = $1 ORDER BY t.id`,
      [company],
    );
    return json(categories.map(view));
  });
}

async function get(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const category = await existing(sql, id, "Not found");
    refuseOthers(callerOf(call), category);
    if (!callerOf(call).role.viewPermissions.includes("CATEGORIES")) throw new ApiError(403, "Access denied");
    return json(view(category));
  });
}

async function create(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.model.WorkOrderCategory");
  const name = sanitise(body.text("name"));
  refuseMissing(name);
  const user = callerOf(call);
  if (!user.role.createPermissions.includes("CATEGORIES")) throw new ApiError(403, "Access denied");
  return await call.app.database.transaction(async (sql) => {
    await refuseSameName(sql, user.companyId, name);
    const id = await call.app.database.ids.next(sql, "work_order_category");
    await insert(sql, "work_order_category", {
      id,
      name,
      description: sanitise(body.text("description")),
      company_id: user.companyId,
      created_by: user.id,
      updated_by: user.id,
    });
    return json(view(await existing(sql, id, "Not found")));
  });
}

async function refuseSameName(sql: Sql, companyId: number, name: string | null): Promise<void> {
  const same = await sql.first(
    "SELECT id FROM work_order_category WHERE company_id = $1 AND lower(name) = lower($2)",
    [companyId, name],
  );
  if (same) throw new ApiError(406, "WorkOrderCategory with same name already exists");
}

/** A change is not held against the other names. */
async function patch(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const body = await call.body("com.grash.dto.CategoryPatchDTO");
  return await call.app.database.transaction(async (sql) => {
    const category = await existing(sql, id, "Category not found");
    const user = callerOf(call);
    refuseOthers(user, category);
    if (!canEdit(user, "CATEGORIES", { ...category, assignees: [] }))
      throw new ApiError(403, "Access denied");
    await update(sql, "work_order_category", id, {
      name: sanitise(requireOnUpdate(body.text("name"), "WorkOrderCategory", "name")),
      description: sanitise(body.text("description")),
      updated_by: user.id,
      updated_at: new Date(),
    });
    return json(view(await existing(sql, id, "Not found")));
  });
}

/** One that work orders refer to stays: the statement fails at their foreign key. */
async function remove(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const category = await existing(sql, id, "WorkOrderCategory not found");
    refuseOthers(callerOf(call), category);
    if (!canDelete(callerOf(call), "CATEGORIES", { ...category, assignees: [] }))
      throw new ApiError(403, "Forbidden");
    await sql.run("DELETE FROM work_order_category WHERE id = $1", [id]);
    return success("Deleted successfully");
  });
}
