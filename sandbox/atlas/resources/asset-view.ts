import { ASSET_STATUSES } from "../constants.ts";
import type { Sql } from "../database/sql.ts";
import { plainDate } from "../dates.ts";
import { assetMini, idsOf, locationMini, manyOf, namedMini, userMini } from "./minis.ts";
import { findByIds, RECORD_COLUMNS, recordView, type StoredRecord } from "./record.ts";

export interface Asset extends StoredRecord {
  archived: boolean;
  hasChildren: boolean;
  description: string | null;
  location: object | null;
  parentAsset: object | null;
  area: string | null;
  barCode: string | null;
  nfcId: string | null;
  category: object | null;
  name: string;
  primaryUser: object | null;
  assignedTo: object[];
  teams: object[];
  vendors: object[];
  customers: object[];
  files: object[];
  warrantyExpirationDate: Date | null;
  inServiceDate: Date | null;
  additionalInfos: string | null;
  serialNumber: string | null;
  model: string | null;
  status: number;
  acquisitionCost: number | null;
  power: string | null;
  manufacturer: string | null;
  customId: string | null;
  assignees: number[];
}

const ASSIGNED = ["t_asset_user_associations", "id_asset", "id_user"] as const;

const SELECT = `
  SELECT ${RECORD_COLUMNS}, t.archived, t.description, t.area,
    EXISTS (SELECT 1 FROM asset child WHERE child.parent_asset_id = t.id) AS "hasChildren",
    t.bar_code AS "barCode", t.nfc_id AS "nfcId", t.name, t.warranty_expiration_date AS "warrantyExpirationDate",
    t.in_service_date AS "inServiceDate", t.additional_infos AS "additionalInfos", t.serial_number AS "serialNumber",
    t.model, t.status, t.acquisition_cost AS "acquisitionCost", t.power, t.manufacturer, t.custom_id AS "customId",
    ${locationMini("l")} AS location, ${assetMini("pa")} AS "parentAsset", ${namedMini("c")} AS category,
    ${userMini("p")} AS "primaryUser",
    ${manyOf(...ASSIGNED, "own_user", userMini)} AS "assignedTo",
    ${manyOf("t_asset_team_associations", "id_asset", "id_team", "team", namedMini)} AS teams,
    ${manyOf("t_asset_vendor_associations", "id_asset", "id_vendor", "vendor", vendorMini)} AS vendors,
    ${manyOf("t_asset_customer_associations", "id_asset", "id_customer", "customer", namedMini)} AS customers,
    ${manyOf("t_asset_file_associations", "id_asset", "id_file", "file", namedMini)} AS files,
    array_remove(t.primary_user_id || ${idsOf(...ASSIGNED)}, NULL) AS assignees
  FROM asset t
  LEFT JOIN location l ON l.id = t.location_id
  LEFT JOIN asset pa ON pa.id = t.parent_asset_id
  LEFT JOIN asset_category c ON c.id = t.category_id
  LEFT JOIN own_user p ON p.id = t.primary_user_id`;

function vendorMini(alias: string): string {
  return `json_build_object('id', ${alias}.id, 'companyName', ${alias}.company_name)`;
}

/** In the order of the given ids. */
export async function findAssets(sql: Sql, ids: readonly number[]): Promise<Asset[]> {
  return await findByIds<Asset>(sql, SELECT, ids);
}

export async function findAsset(sql: Sql, id: number): Promise<Asset | undefined> {
  const [asset] = await findAssets(sql, [id]);
  return asset;
}

export function assetView(asset: Asset): object {
  return {
    ...recordView(asset),
    archived: asset.archived,
    hasChildren: asset.hasChildren,
    description: asset.description,
    image: null,
    location: asset.location,
    parentAsset: asset.parentAsset,
    area: asset.area,
    barCode: asset.barCode,
    nfcId: asset.nfcId,
    category: asset.category,
    name: asset.name,
    primaryUser: asset.primaryUser,
    assignedTo: asset.assignedTo,
    teams: asset.teams,
    vendors: asset.vendors,
    customers: asset.customers,
    deprecation: null,
    warrantyExpirationDate: plainDate(asset.warrantyExpirationDate),
    inServiceDate: plainDate(asset.inServiceDate),
    additionalInfos: asset.additionalInfos,
    serialNumber: asset.serialNumber,
    model: asset.model,
    status: ASSET_STATUSES[asset.status],
    acquisitionCost: asset.acquisitionCost,
    files: asset.files,
    parts: [],
    power: asset.power,
    manufacturer: asset.manufacturer,
    customId: asset.customId,
    customFieldValues: [],
  };
}
