import { nextCustomId } from "../auth/companies.ts";
import { canDelete, canEdit, canView } from "../auth/permissions.ts";
import type { Sql } from "../database/sql.ts";
import { ApiError } from "../http/api-error.ts";
import type { JsonObject } from "../http/json-object.ts";
import { json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, idParameter, type Route, route } from "../http/router.ts";
import { refuseMoreLocations } from "../licence.ts";
import { sanitise } from "../sanitise.ts";
import { LOCATION } from "../search/entities.ts";
import { idsOf, locationMini, manyOf, namedMini, userMini } from "./minis.ts";
import { refuseMissing, requireOnUpdate } from "./notnull.ts";
import { findByIds, RECORD_COLUMNS, recordView, type StoredRecord } from "./record.ts";
import { type Columns, insert, type Link, replaceLinks, update } from "./store.ts";
import { refuseOthers } from "./tenant.ts";
import { searchOwn } from "./tenant-search.ts";

export const locationRoutes: Route[] = [
  route("POST", "/locations/search", "signed-in", (call) =>
    searchOwn(call, LOCATION, "LOCATIONS", async (sql, ids) => (await findLocations(sql, ids)).map(view)),
  ),
  route("GET", "/locations/mini", "client", mini),
  route("GET", "/locations/:id", "signed-in", get),
  route("POST", "/locations", "client", create),
  route("PATCH", "/locations/:id", "client", patch),
  route("DELETE", "/locations/:id", "client", remove),
];

interface Location extends StoredRecord {
  name: string;
  address: string | null;
  longitude: number | null;
  latitude: number | null;
  hasChildren: boolean;
  teams: object[];
  parentLocation: object | null;
  workers: object[];
  customId: string | null;
  assignees: number[];
}

const WORKERS: Link = { table: "t_location_user_associations", own: "id_location", other: "id_user" };
const TEAMS: Link = { table: "t_location_team_associations", own: "id_location", other: "id_team" };

const SELECT = `
  SELECT ${RECORD_COLUMNS}, t.name, t.address, t.longitude, t.latitude,
    t.custom_id AS "customId", ${locationMini("parent")} AS "parentLocation",
    EXISTS (SELECT 1 FROM location child WHERE child.parent_location_id = t.id) AS "hasChildren",
    ${manyOf(WORKERS.table, WORKERS.own, WORKERS.other, "own_user", userMini)} AS workers,
    ${manyOf(TEAMS.table, TEAMS.own, TEAMS.other, "team", namedMini)} AS teams,
    ${idsOf(WORKERS.table, WORKERS.own, WORKERS.other)} AS assignees
  FROM location t LEFT JOIN location parent ON parent.id = t.parent_location_id`;

async function findLocations(sql: Sql, ids: readonly number[]): Promise<Location[]> {
  return await findByIds<Location>(sql, SELECT, ids);
}

async function existing(sql: Sql, id: number, message: string): Promise<Location> {
  const [location] = await findLocations(sql, [id]);
  if (location) return location;
  throw new ApiError(404, message);
}

function view(location: Location): object {
  return {
    ...recordView(location),
    name: location.name,
    address: location.address,
    longitude: location.longitude,
    latitude: location.latitude,
    hasChildren: location.hasChildren,
    teams: location.teams,
    parentLocation: location.parentLocation,
    vendors: [],
    customers: [],
    workers: location.workers,
    image: null,
    files: [],
    customId: location.customId,
    customFieldValues: [],
  };
}

async function get(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const location = await existing(sql, id, "Not found");
    refuseOthers(callerOf(call), location);
    if (!canView(callerOf(call), "LOCATIONS", location)) throw new ApiError(403, "Access denied");
    return json(view(location));
  });
}

async function mini(call: Call): Promise<Reply> {
  return await call.app.database.transaction(async (sql) =>
    json(
      await sql.rows(
        `SELECT id, name, address, custom_id AS "customId", parent_location_id AS "parentId"
         FROM location WHERE company_id = $1 ORDER BY id`,
        [callerOf(call).companyId],
      ),
    ),
  );
}

async function create(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.dto.LocationPostDTO");
  const columns = baseColumns(body);
  const name = body.text("name");
  refuseMissing(name);
  const user = callerOf(call);
  if (!user.role.createPermissions.includes("LOCATIONS")) throw new ApiError(403, "Access denied");
  return await call.app.database.transaction(async (sql) => {
    await refuseMoreLocations(sql, call.app.settings.licence, user.companyId);
    const id = await call.app.database.ids.next(sql, "location");
    await insert(sql, "location", {
      ...columns,
      id,
      name: sanitise(name),
      custom_id: await nextCustomId(sql, user.companyId, "location"),
      company_id: user.companyId,
      created_by: user.id,
      updated_by: user.id,
    });
    await writeLinks(sql, id, body);
    return json(view(await existing(sql, id, "Location not found")));
  });
}

async function patch(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const body = await call.body("com.grash.dto.LocationPatchDTO");
  const columns = baseColumns(body);
  return await call.app.database.transaction(async (sql) => {
    const location = await existing(sql, id, "Location not found");
    const user = callerOf(call);
    refuseOthers(user, location);
    if (!canEdit(user, "LOCATIONS", { ...location, assignees: [] })) throw new ApiError(403, "Forbidden");
    if (columns.parent_location_id === id) throw new ApiError(406, "Parent location cannot be the same id");
    await update(sql, "location", id, {
      ...columns,
      name: sanitise(requireOnUpdate(body.text("name"), "Location", "name")),
      custom_id: body.text("customId"),
      updated_by: user.id,
      updated_at: new Date(),
    });
    await writeLinks(sql, id, body);
    return json(view(await existing(sql, id, "Location not found")));
  });
}

async function remove(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const location = await existing(sql, id, "Location not found");
    refuseOthers(callerOf(call), location);
    if (!canDelete(callerOf(call), "LOCATIONS", location)) throw new ApiError(403, "Forbidden");
    await sql.run("DELETE FROM location WHERE id = $1", [id]);
    return success("Deleted successfully");
  });
}

function baseColumns(body: JsonObject): Columns {
  return {
    address: sanitise(body.text("address")),
    longitude: body.number("longitude"),
    latitude: body.number("latitude"),
    image_id: body.reference("image", "File"),
    parent_location_id: body.reference("parentLocation", "Location"),
  };
}

async function writeLinks(sql: Sql, id: number, body: JsonObject): Promise<void> {
  await replaceLinks(sql, WORKERS, id, body.references("workers", "User"));
  await replaceLinks(sql, TEAMS, id, body.references("teams", "Team"));
}
