import type { Sql } from "./database/sql.ts";
import { ApiError } from "./http/api-error.ts";

/** What an installation without a licence may have. */
const LIMITS = {
  paidUsers: 5,
  openWorkOrders: 30,
  assets: 50,
  locations: 10,
  workOrdersBeforeSecondCompany: 5,
};

/** The refusal when so many users with a paid role would be too many in the whole installation. */
export async function paidUserLimitFault(sql: Sql, newUsers: number): Promise<string | undefined> {
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

export async function refuseMorePaidUsers(sql: Sql): Promise<void> {
  const fault = await paidUserLimitFault(sql, 1);
  if (fault !== undefined) throw new ApiError(500, fault);
}

export async function secondCompanyNeedsLicence(sql: Sql): Promise<boolean> {
  const busy = await sql.first(
    "SELECT company_id FROM work_order GROUP BY company_id HAVING count(*) >= $1",
    [LIMITS.workOrdersBeforeSecondCompany],
  );
  return busy !== undefined;
}

export async function refuseMoreWorkOrders(
  sql: Sql,
  companyId: number,
  completeStatus: number,
): Promise<void> {
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

export async function refuseMoreAssets(sql: Sql, companyId: number): Promise<void> {
  if ((await count(sql, "SELECT count(*) FROM asset WHERE company_id = $1", [companyId])) < LIMITS.assets)
    return;
  throw new ApiError(403, `You need a license to add a new asset. Free Limit reached: ${LIMITS.assets}`);
}

export async function refuseMoreLocations(sql: Sql, companyId: number): Promise<void> {
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
