/* API keys, read in the original's source and not observed: ApiKeyController, ApiKeyService, ApiKeyAuthFilter. */
import { createHash, randomBytes } from "node:crypto";
import type { App } from "../app.ts";
import type { Sql } from "../database/sql.ts";
import { plainDate } from "../dates.ts";
import { ApiError } from "../http/api-error.ts";
import { json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, idParameter, type Route, route } from "../http/router.ts";
import { userMini } from "../resources/minis.ts";
import { refuseMissing } from "../resources/notnull.ts";
import { RECORD_COLUMNS, recordView, type StoredRecord } from "../resources/record.ts";
import { insert, update } from "../resources/store.ts";
import { pageView } from "../search/search.ts";
import { findUser, type User } from "./user-store.ts";

export const apiKeyRoutes: Route[] = [
  route("POST", "/api-keys", "client", create),
  route("POST", "/api-keys/search", "client", list),
  route("POST", "/api-keys/:id/rotate", "client", rotate),
  route("GET", "/api-keys/:id", "client", get),
  route("DELETE", "/api-keys/:id", "client", remove),
];

interface ApiKey extends StoredRecord {
  label: string;
  user: object;
  lastUsed: Date | null;
  expiresAt: Date | null;
}

const SELECT = `
  SELECT ${RECORD_COLUMNS}, t.label, ${userMini("u")} AS "user",
    t.last_used AS "lastUsed", t.expires_at AS "expiresAt"
  FROM api_key t JOIN own_user u ON u.id = t.user_id`;

/** The user of a key; undefined without one, and for one that is unknown: such a call is anonymous. */
export async function userOfApiKey(app: App, key: string | undefined): Promise<User | undefined> {
  if (key === undefined) return undefined;
  return await app.database.transaction(async (sql) => {
    const found = await sql.first<{ id: number; userId: number; expiresAt: Date | null }>(
      `SELECT id, user_id AS "userId", expires_at AS "expiresAt" FROM api_key WHERE code = $1`,
      [hashOf(key)],
    );
    if (found === undefined) return undefined;
    if (found.expiresAt !== null && found.expiresAt < new Date())
      throw new ApiError(401, "API key has expired");
    const user = await findUser(sql, found.userId);
    if (!user?.enabled) throw new ApiError(401, "User account is disabled");
    refuseUnlicensed(app);
    await sql.run(
      `UPDATE api_key SET last_used = now()
       WHERE id = $1 AND coalesce(last_used, '-infinity') < now() - interval '5 minutes'`,
      [found.id],
    );
    return user;
  });
}

async function create(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.dto.apiKey.ApiKeyPostDTO");
  const [label, expiresAt] = [body.text("label"), body.date("expiresAt")];
  refuseMissing(label);
  const user = administrator(call);
  refuseUnlicensed(call.app);
  const code = newCode();
  return await call.app.database.transaction(async (sql) => {
    const id = await call.app.database.ids.next(sql, "api_key");
    await insert(sql, "api_key", {
      id,
      label,
      code: hashOf(code),
      user_id: user.id,
      expires_at: expiresAt,
      company_id: user.companyId,
      created_by: user.id,
      updated_by: user.id,
    });
    return json(view(await existing(sql, id), code));
  });
}

async function rotate(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const user = administrator(call);
  refuseUnlicensed(call.app);
  const code = newCode();
  return await call.app.database.transaction(async (sql) => {
    await own(sql, call, id);
    await update(sql, "api_key", id, {
      code: hashOf(code),
      updated_by: user.id,
      updated_at: new Date(),
    });
    return json(view(await existing(sql, id), code));
  });
}

/** Spring's own paging, by query parameters. */
async function list(call: Call): Promise<Reply> {
  const { companyId } = administrator(call);
  const pageNum = Number(call.query.get("page") ?? 0);
  const pageSize = Number(call.query.get("size") ?? 20);
  return await call.app.database.transaction(async (sql) => {
    const { total } = await sql.one<{ total: number }>(
      "SELECT count(*) AS total FROM api_key WHERE company_id = $1",
      [companyId],
    );
    const keys = await sql.rows<ApiKey>(
      `${SELECT} WHERE t.company_id = $1 ORDER BY t.id LIMIT $2 OFFSET $3`,
      [companyId, pageSize, pageNum * pageSize],
    );
    const content = keys.map((key) => view(key, null));
    return json(
      pageView(content, total, { filterFields: [], pageNum, pageSize, sortField: "id", direction: "ASC" }),
    );
  });
}

async function get(call: Call): Promise<Reply> {
  const id = idParameter(call);
  administrator(call);
  return await call.app.database.transaction(async (sql) => json(view(await own(sql, call, id), null)));
}

async function remove(call: Call): Promise<Reply> {
  const id = idParameter(call);
  administrator(call);
  return await call.app.database.transaction(async (sql) => {
    await own(sql, call, id);
    await sql.run("DELETE FROM api_key WHERE id = $1", [id]);
    return success("Deleted successfully");
  });
}

function administrator(call: Call): User {
  const user = callerOf(call);
  if (user.role.viewPermissions.includes("SETTINGS")) return user;
  throw new ApiError(403, "Access denied");
}

function refuseUnlicensed({ settings }: App): void {
  if (!settings.licence.entitlements.has("API_ACCESS")) throw new ApiError(403, "Access denied");
}

async function own(sql: Sql, call: Call, id: number): Promise<ApiKey> {
  const key = await existing(sql, id);
  if (key.companyId !== callerOf(call).companyId) throw new ApiError(403, "Access denied");
  return key;
}

async function existing(sql: Sql, id: number): Promise<ApiKey> {
  const key = await sql.first<ApiKey>(`${SELECT} WHERE t.id = $1`, [id]);
  if (key) return key;
  throw new ApiError(404, "Not found");
}

function newCode(): string {
  return randomBytes(32).toString("base64url");
}

function hashOf(code: string): string {
  return createHash("sha256").update(code).digest("base64");
}

/** @param code shown once, when the key is made or changed */
function view(key: ApiKey, code: string | null): object {
  return {
    ...recordView(key),
    label: key.label,
    code,
    user: key.user,
    lastUsed: plainDate(key.lastUsed),
    expiresAt: plainDate(key.expiresAt),
  };
}
