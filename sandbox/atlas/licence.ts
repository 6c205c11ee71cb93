import type { Sql } from "./database/sql.ts";
import { ApiError } from "./http/api-error.ts";

/** What a licence can grant (upstream LicenseEntitlement), as far as something here asks for it. */
export const ENTITLEMENTS = [
  "UNLIMITED_ACTIVE_WORK_ORDERS",
  "UNLIMITED_ASSETS",
  "UNLIMITED_LOCATIONS",
  "UNLIMITED_USERS",
  "MULTI_INSTANCE",
  "ASSET_HIERARCHY",
  "SIGNATURE_CAPTURE",
  "FILE_ATTACHMENTS",
  "API_ACCESS",
] as const;
export type Entitlement = (typeof ENTITLEMENTS)[number];

/** A key that the licence server knows nothing of counts as one that is there and not valid. */
export interface Licence {
  hasKey: boolean;
  entitlements: ReadonlySet<Entitlement>;
}

/** @param granted what the licence server, which the stand-in has not, would say of the key; `ALL` for everything */
export function readLicence(key: string, granted: readonly string[]): Licence {
  const grants = (entitlement: Entitlement) => granted.includes(entitlement) || granted.includes("ALL");
  return { hasKey: key !== "", entitlements: new Set(key === "" ? [] : ENTITLEMENTS.filter(grants)) };
}

export function licenceState({ hasKey, entitlements }: Licence): object {
  const valid = entitlements.size > 0;
  return {
    hasLicense: hasKey,
    valid,
    planName: valid ? "Stand-in" : null,
    entitlements: [...entitlements],
    expirationDate: null,
    usersCount: 0,
  };
}

/** What an installation without a licence may have. */
const LIMITS = {
  paidUsers: 5,
  openWorkOrders: 30,
  assets: 50,
  locations: 10,
  workOrdersBeforeSecondCompany: 5,
};

/** The refusal when so many users with a paid role would be too many in the whole installation. */
export async function paidUserLimitFault(
  sql: Sql,
  licence: Licence,
  newUsers: number,
): Promise<string | undefined> {
  if (licence.entitlements.has("UNLIMITED_USERS")) return undefined;
  const paid = await count(
    sql,
    "SELECT count(*) FROM own_user u JOIN role r ON r.id = u.role_id WHERE u.enabled AND r.paid",
  );
  if (paid <= LIMITS.paidUsers - newUsers) return undefined;
  return (
    `Cannot create more users than the free license allows: ${LIMITS.paidUsers}. ` +
    "Refer to https://github.com/Grashjs/cmms/blob/main/dev-docs/Disable%20users.md"
  );
}

export async function refuseMorePaidUsers(sql: Sql, licence: Licence): Promise<void> {
  const fault = await paidUserLimitFault(sql, licence, 1);
  if (fault !== undefined) throw new ApiError(500, fault);
}

export async function secondCompanyNeedsLicence(sql: Sql, licence: Licence): Promise<boolean> {
  if (licence.entitlements.has("MULTI_INSTANCE")) return false;
  const busy = await sql.first(
    "SELECT company_id FROM work_order GROUP BY company_id HAVING count(*) >= $1",
    [LIMITS.workOrdersBeforeSecondCompany],
  );
  return busy !== undefined;
}

export async function refuseMoreWorkOrders(
  sql: Sql,
  licence: Licence,
  companyId: number,
  completeStatus: number,
): Promise<void> {
  if (licence.entitlements.has("UNLIMITED_ACTIVE_WORK_ORDERS")) return;
  const open = await count(sql, "SELECT count(*) FROM work_order WHERE company_id = $1 AND status <> $2", [
    companyId,
    completeStatus,
  ]);
  if (open < LIMITS.openWorkOrders) return;
  throw new ApiError(
    403,
    "You need a license to add a new work order. " +
      `Free Limit of ${LIMITS.openWorkOrders} incomplete work orders reached`,
  );
}

export async function refuseMoreAssets(sql: Sql, licence: Licence, companyId: number): Promise<void> {
  if (licence.entitlements.has("UNLIMITED_ASSETS")) return;
  if ((await count(sql, "SELECT count(*) FROM asset WHERE company_id = $1", [companyId])) < LIMITS.assets)
    return;
  throw new ApiError(403, `You need a license to add a new asset. Free Limit reached: ${LIMITS.assets}`);
}

export async function refuseMoreLocations(sql: Sql, licence: Licence, companyId: number): Promise<void> {
  if (licence.entitlements.has("UNLIMITED_LOCATIONS")) return;
  const known = await count(sql, "SELECT count(*) FROM location WHERE company_id = $1", [companyId]);
  if (known < LIMITS.locations) return;
  throw new ApiError(
    403,
    `You need a license to add a new location. Free Limit reached: ${LIMITS.locations}`,
  );
}

async function count(sql: Sql, statement: string, parameters: readonly unknown[] = []): Promise<number> {
  return (await sql.one<{ count: number }>(statement, parameters)).count;
}
