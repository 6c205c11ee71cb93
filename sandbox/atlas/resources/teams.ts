/* Teams, read in the original's source and not observed: TeamController, TeamShowDTO, TeamMiniDTO. */
import { canDelete, canEdit, canView } from "../auth/permissions.ts";
import type { Sql } from "../database/sql.ts";
import { ApiError } from "../http/api-error.ts";
import type { JsonObject } from "../http/json-object.ts";
import { json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, idParameter, type Route, route } from "../http/router.ts";
import { sanitise } from "../sanitise.ts";
import { TEAM } from "../search/entities.ts";
import { idsOf, manyOf, userMini } from "./minis.ts";
import { refuseMissing, requireOnUpdate } from "./notnull.ts";
import { findByIds } from "./record.ts";
import { insert, type Link, replaceLinks, update } from "./store.ts";
import { refuseOthers } from "./tenant.ts";
import { searchOwn } from "./tenant-search.ts";

export const teamRoutes: Route[] = [
  route("POST", "/teams/search", "signed-in", (call) =>
    searchOwn(call, TEAM, "PEOPLE_AND_TEAMS", async (sql, ids) => (await findTeams(sql, ids)).map(view)),
  ),
  route("GET", "/teams/mini", "client", mini),
  route("GET", "/teams/:id", "signed-in", get),
  route("POST", "/teams", "client", create),
  route("PATCH", "/teams/:id", "client", patch),
  route("DELETE", "/teams/:id", "client", remove),
];

interface Team {
  id: number;
  companyId: number;
  createdBy: number | null;
  name: string;
  description: string | null;
  users: object[];
  assignees: number[];
}

const USERS: Link = { table: "t_team_user_associations", own: "id_team", other: "id_user" };

const SELECT = `
  SELECT t.id, t.company_id AS "companyId", t.created_by AS "createdBy", t.name, t.description,
    ${manyOf(USERS.table, USERS.own, USERS.other, "own_user", userMini)} AS users,
    ${idsOf(USERS.table, USERS.own, USERS.other)} AS assignees
  FROM team t`;

async function findTeams(sql: Sql, ids: readonly number[]): Promise<Team[]> {
  return await findByIds<Team>(sql, SELECT, ids);
}

async function existing(sql: Sql, id: number, message: string): Promise<Team> {
  const [team] = await findTeams(sql, [id]);
  if (team) return team;
  throw new ApiError(404, message);
}

/** Neither dates nor its maker, unlike other records. */
function view({ id, name, description, users }: Team): object {
  return { id, name, description, users };
}

async function get(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const team = await existing(sql, id, "Not found");
    refuseOthers(callerOf(call), team);
    if (!canView(callerOf(call), "PEOPLE_AND_TEAMS", team)) throw new ApiError(403, "Access denied");
    return json(view(team));
  });
}

async function mini(call: Call): Promise<Reply> {
  return await call.app.database.transaction(async (sql) => {
    const teams = await sql.rows<Team>(`${SELECT} WHERE t.company_id = $1 ORDER BY t.id`, [
      callerOf(call).companyId,
    ]);
    return json(teams.map(({ id, name, assignees }) => ({ id, name, userIds: assignees })));
  });
}

async function create(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.model.Team");
  const name = body.text("name");
  refuseMissing(name);
  const user = callerOf(call);
  if (!user.role.createPermissions.includes("PEOPLE_AND_TEAMS")) throw new ApiError(403, "Access denied");
  return await call.app.database.transaction(async (sql) => {
    const id = await call.app.database.ids.next(sql, "team");
    await insert(sql, "team", {
      id,
      name: sanitise(name),
      description: sanitise(body.text("description")),
      company_id: user.companyId,
      created_by: user.id,
      updated_by: user.id,
    });
    await writeUsers(sql, id, body);
    return json(view(await existing(sql, id, "Team not found")));
  });
}

async function patch(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const body = await call.body("com.grash.dto.TeamPatchDTO");
  return await call.app.database.transaction(async (sql) => {
    const team = await existing(sql, id, "Team not found");
    const user = callerOf(call);
    refuseOthers(user, team);
    if (!canEdit(user, "PEOPLE_AND_TEAMS", { ...team, assignees: [] }))
      throw new ApiError(403, "Access denied");
    await update(sql, "team", id, {
      name: sanitise(requireOnUpdate(body.text("name"), "Team", "name")),
      description: sanitise(body.text("description")),
      updated_by: user.id,
      updated_at: new Date(),
    });
    await writeUsers(sql, id, body);
    return json(view(await existing(sql, id, "Team not found")));
  });
}

async function remove(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const team = await existing(sql, id, "Team not found");
    refuseOthers(callerOf(call), team);
    if (!canDelete(callerOf(call), "PEOPLE_AND_TEAMS", team)) throw new ApiError(403, "Forbidden");
    await sql.run("DELETE FROM team WHERE id = $1", [id]);
    return success("Deleted successfully");
  });
}

async function writeUsers(sql: Sql, id: number, body: JsonObject): Promise<void> {
  await replaceLinks(sql, USERS, id, body.references("users", "User"));
}
