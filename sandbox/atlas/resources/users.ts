import { hashPassword, refuseWeakPassword } from "../auth/passwords.ts";
import { endSessions, setPassword } from "../auth/tokens.ts";
import {
  existingUser,
  findRole,
  findRoles,
  findUser,
  findUsers,
  roleView,
  type User,
  userView,
} from "../auth/user-store.ts";
import type { Sql } from "../database/sql.ts";
import { ApiError } from "../http/api-error.ts";
import { json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, idParameter, idQuery, type Route, route } from "../http/router.ts";
import { invitation } from "../letters.ts";
import { refuseMorePaidUsers } from "../licence.ts";
import { deliver } from "../mail.ts";
import { sanitise } from "../sanitise.ts";
import { type FilterField, filter, readCriteria } from "../search/criteria.ts";
import { USER } from "../search/entities.ts";
import { pageView, search } from "../search/search.ts";
import { requireOnUpdate } from "./notnull.ts";
import { update } from "./store.ts";

export const userRoutes: Route[] = [
  route("POST", "/users/search", "signed-in", searchUsers),
  route("POST", "/users/invite", "signed-in", invite),
  route("GET", "/users/mini", "client", mini),
  route("GET", "/users/:id", "signed-in", get),
  route("PATCH", "/users/:id", "client", patch),
  route("PATCH", "/users/:id/role", "client", patchRole),
  route("PATCH", "/users/:id/disable", "client", disable),
  route("PATCH", "/users/:id/enable", "client", enable),
  route("PATCH", "/users/soft-delete/:id", "client", softDelete),
  route("GET", "/roles", "signed-in", getRoles),
  route("GET", "/roles/:id", "signed-in", getRole),
];

async function searchUsers(call: Call): Promise<Reply> {
  const criteria = readCriteria(await call.body("com.grash.advancedsearch.SearchCriteria"));
  const user = callerOf(call);
  const filterFields: FilterField[] = [...criteria.filterFields];
  if (user.role.roleType === "ROLE_CLIENT") {
    if (!user.role.viewPermissions.includes("PEOPLE_AND_TEAMS")) throw new ApiError(403, "Access Denied");
    filterFields.push(filter("company", "eq", [user.companyId]));
  }
  if ((call.query.get("enabledOnly") ?? "true") === "true") {
    filterFields.push({ ...filter("enabled", "eq", []), value: true });
  }
  return await call.app.database.transaction(async (sql) => {
    const found = await search(sql, USER, { ...criteria, filterFields });
    const users = await findUsers(sql, found.ids);
    return json(pageView(users.map(userView), found.total, criteria));
  });
}

async function invite(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.dto.UserInvitationDTO");
  const user = callerOf(call);
  const emails = body.texts("emails");
  const roleId = body.reference("role", "Role");
  const { settings } = call.app;
  const sendsMail = settings.invitationViaEmail && !body.boolean("disableSendingEmail");
  if (!user.role.createPermissions.includes("PEOPLE_AND_TEAMS")) throw new ApiError(403, "Access denied");
  if (roleId === null) {
    throw new ApiError(
      500,
      'Cannot invoke "com.grash.model.Role.getId()" because the return value of "getRole()" is null',
    );
  }
  return await call.app.database.transaction(async (sql) => {
    const role = await findRole(sql, roleId);
    if (!role || (role.companyId !== null && role.companyId !== user.companyId))
      throw new ApiError(404, "Not found");
    const company = await companyName(sql, user.companyId);
    for (const email of emails) {
      if (!isEmailAddress(email) || (await isUsed(sql, email)))
        throw new ApiError(406, "Email already in use");
      if (role.paid) await refuseMorePaidUsers(sql, settings.licence);
      await sql.run("INSERT INTO user_invitation (id, email, role_id, created_by) VALUES ($1, $2, $3, $4)", [
        await call.app.database.ids.next(sql, "user_invitation"),
        email,
        roleId,
        user.id,
      ]);
      const inviter = `${user.firstName} ${user.lastName}`;
      if (sendsMail) await deliver(settings.mail, invitation(settings, { email, roleId, inviter, company }));
    }
    return success("Users have been invited");
  });
}

async function companyName(sql: Sql, id: number): Promise<string> {
  const { name } = await sql.one<{ name: string | null }>("SELECT name FROM company WHERE id = $1", [id]);
  return name ?? "";
}

async function isUsed(sql: Sql, email: string): Promise<boolean> {
  return (await sql.first("SELECT id FROM own_user WHERE lower(email) = lower($1)", [email])) !== undefined;
}

/** As loose as javax.mail: a local part, an at sign and a domain without spaces. */
function isEmailAddress(text: string): boolean {
  return /^[^\s@<>(),;:"[\]]+@[^\s@<>(),;:"[\]]+$/.test(text) && !/\.\.|@\.|\.$|^\.|\.@/.test(text);
}

async function mini(call: Call): Promise<Reply> {
  const withRequesters = call.query.get("withRequesters") === "true";
  return await call.app.database.transaction(async (sql) =>
    json(
      await sql.rows(
        `SELECT u.id, u.first_name AS "firstName", u.last_name AS "lastName", NULL AS image, u.phone
         FROM own_user u JOIN role r ON r.id = u.role_id
         WHERE u.company_id = $1 AND u.enabled AND ($2 OR r.code NOT IN ('REQUESTER', 'VIEW_ONLY')) ORDER BY u.id`,
        [callerOf(call).companyId, withRequesters],
      ),
    ),
  );
}

async function get(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const user = await call.app.database.transaction((sql) => findUser(sql, id, callerOf(call).companyId));
  if (!user) throw new ApiError(404, "Not found");
  return json(userView(user));
}

async function patch(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const body = await call.body("com.grash.dto.UserPatchDTO");
  const newPassword = body.text("newPassword");
  if (newPassword !== null) refuseWeakPassword(newPassword, call.app.settings.passwords);
  const requester = callerOf(call);
  return await call.app.database.transaction(async (sql) => {
    const user = await findUser(sql, id, requester.companyId);
    if (!user) throw new ApiError(406, "Can't get someone else's user");
    if (user.id !== requester.id) refuseEditing(requester);
    if (newPassword !== null) {
      if (call.app.settings.invitationViaEmail) {
        throw new ApiError(404, "Please tell the user to reset his password");
      }
      await setPassword(sql, id, await hashPassword(newPassword));
    }
    await update(sql, "own_user", id, {
      first_name: sanitise(requireOnUpdate(body.text("firstName"), "User", "firstName")),
      last_name: sanitise(requireOnUpdate(body.text("lastName"), "User", "lastName")),
      phone: sanitise(body.text("phone")),
      job_title: sanitise(body.text("jobTitle")),
      rate: body.number("rate") ?? 0,
      location_id: body.reference("location", "Location"),
      image_id: body.reference("image", "File"),
    });
    return json(userView(await existingUser(sql, id)));
  });
}

async function patchRole(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const roleId = idQuery(call, "role");
  const requester = callerOf(call);
  if (requester.id === id) throw new ApiError(406, "You can't change your own role");
  return await changed(call, id, async (sql) => {
    const role = await findRole(sql, roleId);
    const usable = role && (role.companyId === null || role.companyId === requester.companyId);
    if (!usable) throw new ApiError(404, "User or role not found");
    refuseEditing(requester);
    await update(sql, "own_user", id, { role_id: roleId });
    await endSessions(sql, id);
  });
}

async function disable(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await changed(call, id, async (sql) => {
    refuseEditing(callerOf(call));
    await update(sql, "own_user", id, { enabled: false, enabled_in_subscription: false });
    await endSessions(sql, id);
  });
}

async function enable(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await changed(call, id, async (sql, user) => {
    refuseEditing(callerOf(call));
    if (user.role.paid) await refuseMorePaidUsers(sql, call.app.settings.licence);
    await update(sql, "own_user", id, { enabled: true, enabled_in_subscription: true });
  });
}

/** The address becomes free again, because the disabled user's is renamed. */
async function softDelete(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await changed(call, id, async (sql, user) => {
    if (callerOf(call).id !== id) refuseEditing(callerOf(call));
    await update(sql, "own_user", id, {
      enabled: false,
      enabled_in_subscription: false,
      email: `${user.email}_${id}`,
    });
    await endSessions(sql, id);
  });
}

async function changed(
  call: Call,
  id: number,
  change: (sql: Sql, user: User) => Promise<void>,
): Promise<Reply> {
  return await call.app.database.transaction(async (sql) => {
    const user = await findUser(sql, id, callerOf(call).companyId);
    if (!user) throw new ApiError(404, "User or role not found");
    await change(sql, user);
    return json(userView(await existingUser(sql, id)));
  });
}

function refuseEditing(requester: User): void {
  if (requester.role.editOtherPermissions.includes("PEOPLE_AND_TEAMS")) return;
  throw new ApiError(406, "You don't have permission");
}

async function getRoles(call: Call): Promise<Reply> {
  const user = callerOf(call);
  const isClient = user.role.roleType === "ROLE_CLIENT";
  if (isClient && !user.role.viewPermissions.includes("SETTINGS")) throw new ApiError(403, "Forbidden");
  const roles = await call.app.database.transaction((sql) =>
    findRoles(sql, isClient ? user.companyId : null),
  );
  return json(roles.map(roleView));
}

async function getRole(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const user = callerOf(call);
  if (!user.role.viewPermissions.includes("SETTINGS")) throw new ApiError(403, "Access denied");
  const role = await call.app.database.transaction((sql) => findRole(sql, id));
  if (!role || (role.companyId !== null && role.companyId !== user.companyId))
    throw new ApiError(404, "Not found");
  return json(roleView(role));
}
