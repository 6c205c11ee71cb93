import { nextCustomId } from "../auth/companies.ts";
import { canDelete, canEdit, canView } from "../auth/permissions.ts";
import { ASSET_STATUSES, type AssetStatus } from "../constants.ts";
import type { Sql } from "../database/sql.ts";
import { ApiError } from "../http/api-error.ts";
import type { JsonObject } from "../http/json-object.ts";
import { json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, idParameter, type Route, route } from "../http/router.ts";
import { type Licence, refuseMoreAssets } from "../licence.ts";
import { sanitise } from "../sanitise.ts";
import { ASSET } from "../search/entities.ts";
import { type Asset, assetView, findAsset, findAssets } from "./asset-view.ts";
import { refuseMissing, requireOnUpdate } from "./notnull.ts";
import { type Columns, insert, type Link, replaceLinks, update } from "./store.ts";
import { refuseOthers } from "./tenant.ts";
import { searchOwn } from "./tenant-search.ts";

export const assetRoutes: Route[] = [
  route("POST", "/assets/search", "signed-in", (call) =>
    searchOwn(call, ASSET, "ASSETS", async (sql, ids) => (await findAssets(sql, ids)).map(assetView)),
  ),
  route("GET", "/assets/mini", "client", mini),
  route("GET", "/assets/:id", "signed-in", get),
  route("POST", "/assets", "client", create),
  route("PATCH", "/assets/:id", "client", patch),
  route("DELETE", "/assets/:id", "client", remove),
];

const LINKS: Record<string, Link & { type: string }> = {
  assignedTo: link("user", "User"),
  teams: link("team", "Team"),
  vendors: link("vendor", "Vendor"),
  customers: link("customer", "Customer"),
  files: link("file", "File"),
};

function link(name: string, type: string): Link & { type: string } {
  return { table: `t_asset_${name}_associations`, own: "id_asset", other: `id_${name}`, type };
}

async function get(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const asset = await findAsset(sql, id);
    if (!asset) throw new ApiError(404, "Not found");
    refuseOthers(callerOf(call), asset);
    if (!canView(callerOf(call), "ASSETS", asset)) throw new ApiError(403, "Access denied");
    return json(assetView(asset));
  });
}

async function mini(call: Call): Promise<Reply> {
  const location = call.query.get("locationId");
  return await call.app.database.transaction(async (sql) =>
    json(
      await sql.rows(
        `SELECT id, name, custom_id AS "customId", parent_asset_id AS "parentId", location_id AS "locationId"
         FROM asset WHERE company_id = $1 AND ($2::bigint IS NULL OR location_id = $2) ORDER BY id`,
        [callerOf(call).companyId, location],
      ),
    ),
  );
}

async function create(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.dto.AssetPostDTO");
  const columns = baseColumns(body);
  const status = readStatus(body) ?? "OPERATIONAL";
  const name = body.text("name");
  refuseMissing(name);
  const user = callerOf(call);
  if (!user.role.createPermissions.includes("ASSETS")) throw new ApiError(403, "Access denied");
  return await call.app.database.transaction(async (sql) => {
    await refuseSameCode(sql, user.companyId, "bar_code", columns.bar_code, "Asset with same barCode exists");
    await refuseSameCode(sql, user.companyId, "nfc_id", columns.nfc_id, "Asset with same nfc code exists");
    await refuseMoreAssets(sql, call.app.settings.licence, user.companyId);
    refuseChild(columns, call.app.settings.licence);
    const id = await call.app.database.ids.next(sql, "asset");
    await insert(sql, "asset", {
      ...columns,
      id,
      name: sanitise(name),
      status: ASSET_STATUSES.indexOf(status),
      custom_id: await nextCustomId(sql, user.companyId, "asset"),
      company_id: user.companyId,
      created_by: user.id,
      updated_by: user.id,
    });
    await writeLinks(sql, id, body);
    return json(assetView(await existing(sql, id)));
  });
}

/** A full replace, the number included; only the status may not be left out. */
async function patch(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const body = await call.body("com.grash.dto.AssetPatchDTO");
  const columns = baseColumns(body);
  const status = readStatus(body);
  const user = callerOf(call);
  return await call.app.database.transaction(async (sql) => {
    const asset = await existing(sql, id);
    refuseOthers(user, asset);
    if (!canEdit(user, "ASSETS", { ...asset, assignees: [] })) throw new ApiError(403, "Forbidden");
    if (status === null) {
      throw new ApiError(
        500,
        'Cannot invoke "com.grash.model.enums.AssetStatus.isReallyDown()" because the return value of ' +
          '"com.grash.dto.AssetPatchDTO.getStatus()" is null',
      );
    }
    await refuseSameCode(
      sql,
      user.companyId,
      "bar_code",
      columns.bar_code,
      "Asset with same barcode exists",
      id,
    );
    await refuseSameCode(
      sql,
      user.companyId,
      "nfc_id",
      columns.nfc_id,
      "Asset with same nfc code exists",
      id,
    );
    refuseChild(columns, call.app.settings.licence);
    await update(sql, "asset", id, {
      ...columns,
      name: sanitise(requireOnUpdate(body.text("name"), "Asset", "name")),
      status: ASSET_STATUSES.indexOf(status),
      custom_id: body.text("customId"),
      updated_by: user.id,
      updated_at: new Date(),
    });
    await writeLinks(sql, id, body);
    return json(assetView(await existing(sql, id)));
  });
}

async function remove(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const asset = await existing(sql, id);
    refuseOthers(callerOf(call), asset);
    if (!canDelete(callerOf(call), "ASSETS", asset)) throw new ApiError(403, "Forbidden");
    await sql.run("DELETE FROM asset WHERE id = $1", [id]);
    return success("Deleted successfully");
  });
}

function baseColumns(body: JsonObject): Columns {
  return {
    description: sanitise(body.text("description")),
    area: sanitise(body.text("area")),
    additional_infos: sanitise(body.text("additionalInfos")),
    model: sanitise(body.text("model")),
    power: sanitise(body.text("power")),
    manufacturer: sanitise(body.text("manufacturer")),
    serial_number: sanitise(body.text("serialNumber")),
    bar_code: body.text("barCode"),
    nfc_id: body.text("nfcId"),
    archived: body.boolean("archived"),
    acquisition_cost: body.number("acquisitionCost"),
    warranty_expiration_date: body.date("warrantyExpirationDate"),
    in_service_date: body.date("inServiceDate"),
    image_id: body.reference("image", "File"),
    location_id: body.reference("location", "Location"),
    parent_asset_id: body.reference("parentAsset", "Asset"),
    category_id: body.reference("category", "AssetCategory"),
    primary_user_id: body.reference("primaryUser", "User"),
  };
}

function readStatus(body: JsonObject): AssetStatus | null {
  return body.constant("status", "AssetStatus", ASSET_STATUSES);
}

async function writeLinks(sql: Sql, id: number, body: JsonObject): Promise<void> {
  for (const [field, target] of Object.entries(LINKS)) {
    await replaceLinks(sql, target, id, body.references(field, target.type));
  }
}

function refuseChild(columns: Columns, { entitlements }: Licence): void {
  if (columns.parent_asset_id === null || entitlements.has("ASSET_HIERARCHY")) return;
  throw new ApiError(403, "You need a license to add a child asset to another asset.");
}

async function refuseSameCode(
  sql: Sql,
  companyId: number,
  column: "bar_code" | "nfc_id",
  code: unknown,
  message: string,
  exceptId = 0,
): Promise<void> {
  if (code === null) return;
  const same = await sql.first(`SELECT id FROM asset WHERE company_id = $1 AND ${column} = $2 AND id <> $3`, [
    companyId,
    code,
    exceptId,
  ]);
  if (same) throw new ApiError(406, message);
}

async function existing(sql: Sql, id: number): Promise<Asset> {
  const asset = await findAsset(sql, id);
  if (asset) return asset;
  throw new ApiError(404, "Asset not found");
}
