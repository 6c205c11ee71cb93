import type { Ids } from "../database/ids.ts";
import type { Sql } from "../database/sql.ts";

export interface NewCompany {
  name: string | null;
  employeesCount: number | null;
  demo: boolean;
  language?: string;
  timeZone?: string | null;
}

const SEATS = 300;

/** A company with its settings and counters; a client organisation also gets the BUSINESS plan (see `subscribe`). */
export async function createCompany(
  sql: Sql,
  ids: Ids,
  company: NewCompany,
): Promise<{ id: number; settingsId: number }> {
  const id = await ids.next(sql, "company");
  await sql.run("INSERT INTO company (id, name, employees_count, demo) VALUES ($1, $2, $3, $4)", [
    id,
    company.name,
    company.employeesCount,
    company.demo,
  ]);
  const settingsId = await ids.next(sql, "company_settings");
  await sql.run("INSERT INTO company_settings (id, company_id) VALUES ($1, $2)", [settingsId, id]);
  await sql.run(
    "INSERT INTO general_preferences (company_settings_id, language, time_zone, currency_id) VALUES ($1, $2, $3, 1)",
    [settingsId, company.language ?? "EN", company.timeZone ?? null],
  );
  await sql.run("INSERT INTO custom_sequence (company_id) VALUES ($1)", [id]);
  return { id, settingsId };
}

export async function subscribe(sql: Sql, ids: Ids, companyId: number): Promise<void> {
  const id = await ids.next(sql, "subscription");
  await sql.run(
    `INSERT INTO subscription (id, users_count, monthly, starts_on, subscription_plan_id)
     SELECT $1, $2, false, now(), id FROM subscription_plan WHERE code = 'BUSINESS'`,
    [id, SEATS],
  );
  await sql.run("UPDATE company SET subscription_id = $1 WHERE id = $2", [id, companyId]);
}

type Counter = "work_order" | "asset" | "location";
const PREFIX: Record<Counter, string> = { work_order: "WO", asset: "A", location: "L" };

/** The next number of an organisation: WO000001, A000001, L000001. */
export async function nextCustomId(sql: Sql, companyId: number, counter: Counter): Promise<string> {
  const column = `${counter}_sequence`;
  const row = await sql.one<{ value: number }>(
    `UPDATE custom_sequence SET ${column} = ${column} + 1 WHERE company_id = $1 RETURNING ${column} AS value`,
    [companyId],
  );
  return `${PREFIX[counter]}${String(row.value).padStart(6, "0")}`;
}
