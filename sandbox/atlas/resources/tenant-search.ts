import type { Permission } from "../auth/permissions.ts";
import type { User } from "../auth/user-store.ts";
import type { Sql } from "../database/sql.ts";
import { ApiError } from "../http/api-error.ts";
import { json, type Reply } from "../http/reply.ts";
import { type Call, callerOf } from "../http/router.ts";
import { type FilterField, filter, readCriteria } from "../search/criteria.ts";
import type { Entity } from "../search/entities.ts";
import { pageView, search } from "../search/search.ts";

/** A search, narrowed by the filters that the server adds itself, within the caller's organisation, and within its own records for roles that may not see others'. */
export async function searchOwn(
  call: Call,
  entity: Entity,
  permission: Permission,
  load: (sql: Sql, ids: number[]) => Promise<object[]>,
  always: readonly FilterField[] = [],
): Promise<Reply> {
  const criteria = readCriteria(await call.body("com.grash.advancedsearch.SearchCriteria"));
  const filterFields = [...criteria.filterFields, ...always, ...tenantFilters(callerOf(call), permission)];
  return await call.app.database.transaction(async (sql) => {
    const found = await search(sql, entity, { ...criteria, filterFields });
    return json(pageView(await load(sql, found.ids), found.total, criteria));
  });
}

function tenantFilters(user: User, permission: Permission): FilterField[] {
  if (user.role.roleType !== "ROLE_CLIENT") return [];
  if (!user.role.viewPermissions.includes(permission)) throw new ApiError(403, "Access Denied");
  const company = filter("company", "eq", [user.companyId]);
  const seesOthers = user.role.viewOtherPermissions.includes(permission);
  return seesOthers ? [company] : [company, filter("createdBy", "eq", [user.id])];
}
