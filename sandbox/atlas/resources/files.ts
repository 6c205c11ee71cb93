/* Files, read in the original's source and not observed: FileController, FileShowDTO, MinioService. */
import { randomUUID } from "node:crypto";
import { canDelete, canEdit, canView } from "../auth/permissions.ts";
import type { Sql } from "../database/sql.ts";
import type { MinioSettings } from "../env.ts";
import { ApiError } from "../http/api-error.ts";
import { json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, idParameter, type Route, route } from "../http/router.ts";
import { signedUrl, storeObject } from "../s3.ts";
import { sanitise } from "../sanitise.ts";
import { filter } from "../search/criteria.ts";
import { FILE } from "../search/entities.ts";
import { requireOnUpdate } from "./notnull.ts";
import { findByIds, RECORD_COLUMNS, recordView, type StoredRecord } from "./record.ts";
import { insert, update } from "./store.ts";
import { refuseOthers } from "./tenant.ts";
import { searchOwn } from "./tenant-search.ts";

export const fileRoutes: Route[] = [
  route("POST", "/files/upload", "signed-in", upload),
  route("POST", "/files/search", "signed-in", (call) =>
    searchOwn(
      call,
      FILE,
      "FILES",
      async (sql, ids) => (await findFiles(sql, ids)).map((file) => view(file, call.app.settings.minio)),
      [{ ...filter("hidden", "eq", []), value: false }],
    ),
  ),
  route("GET", "/files/:id", "signed-in", get),
  route("PATCH", "/files/:id", "client", patch),
  route("DELETE", "/files/:id", "client", remove),
];

const TYPES: readonly string[] = ["IMAGE", "OTHER"];
const MAX_BYTES = 35 * 1024 * 1024;

interface StoredFile extends StoredRecord {
  name: string;
  path: string;
  type: number;
  hidden: boolean;
}

const SELECT = `
  SELECT ${RECORD_COLUMNS}, t.name, t.path, t.type, t.hidden
  FROM file t`;

async function findFiles(sql: Sql, ids: readonly number[]): Promise<StoredFile[]> {
  return await findByIds<StoredFile>(sql, SELECT, ids);
}

async function existing(sql: Sql, id: number, message: string): Promise<StoredFile> {
  const [file] = await findFiles(sql, [id]);
  if (file) return file;
  throw new ApiError(404, message);
}

function view(file: StoredFile, minio: MinioSettings | undefined): object {
  return {
    ...recordView(file),
    name: file.name,
    url: signedUrl(configured(minio), file.path),
    type: TYPES[file.type],
    hidden: file.hidden,
    assets: [],
    workOrders: [],
  };
}

/** The form is read before the licence is asked. */
async function upload(call: Call): Promise<Reply> {
  const form = await call.form();
  const parts = form.getAll("files");
  const files = parts.filter((part) => typeof part !== "string");
  if (files.length === 0) throw new ApiError(500, "Required part 'files' is not present.");
  const [folder, hidden, type] = [parameter(form, "folder"), parameter(form, "hidden"), typeOf(form)];
  const { app } = call;
  if (!app.settings.licence.entitlements.has("FILE_ATTACHMENTS"))
    throw new ApiError(403, "You need a license to add a file");
  const user = callerOf(call);
  if (app.limits.enabled && !app.limits.upload.tryConsume(`user:${user.id}`))
    throw new ApiError(429, "Rate limit exceeded. Try again later.");
  if (!user.role.createPermissions.includes("FILES")) throw new ApiError(403, "Access Denied");
  const minio = configured(app.settings.minio);
  return await app.database.transaction(async (sql) => {
    const ids: number[] = [];
    for (const file of files) {
      const path = await store(minio, folder, file);
      const id = await app.database.ids.next(sql, "file");
      await insert(sql, "file", {
        id,
        name: file.name,
        path,
        type,
        hidden: hidden === "true",
        company_id: user.companyId,
        created_by: user.id,
        updated_by: user.id,
      });
      ids.push(id);
    }
    return json((await findFiles(sql, ids)).map((file) => view(file, minio)));
  });
}

function parameter(form: FormData, name: string): string {
  const value = form.get(name);
  if (typeof value === "string") return value;
  throw new ApiError(
    500,
    `Required request parameter '${name}' for method parameter type String is not present`,
  );
}

function typeOf(form: FormData): number {
  const name = parameter(form, "type");
  const type = TYPES.indexOf(name);
  if (type !== -1) return type;
  throw new ApiError(
    500,
    `Method parameter 'type': Failed to convert value of type 'java.lang.String' to required type 'com.grash.model.enums.FileType'; No enum constant com.grash.model.enums.FileType.${name}`,
  );
}

async function store(minio: MinioSettings, folder: string, file: File): Promise<string> {
  if (file.size === 0) throw new ApiError(400, "Uploaded file is empty.");
  if (file.size > MAX_BYTES) throw new ApiError(500, "Maximum upload size exceeded");
  const path = `${folder}/${randomUUID()} ${file.name}`;
  const content = new Uint8Array(await file.arrayBuffer());
  if (await storeObject(minio, path, content, file.type)) return path;
  throw new ApiError(500, "Failed to save the file to storage.");
}

function configured(minio: MinioSettings | undefined): MinioSettings {
  if (minio) return minio;
  throw new ApiError(
    500,
    "MinIO is not configured. Please define the MinIO credentials in the env variables",
  );
}

async function get(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const file = await existing(sql, id, "Not found");
    refuseOthers(callerOf(call), file);
    if (!canView(callerOf(call), "FILES", { ...file, assignees: [] }))
      throw new ApiError(403, "Access denied");
    return json(view(file, call.app.settings.minio));
  });
}

async function patch(call: Call): Promise<Reply> {
  const id = idParameter(call);
  const body = await call.body("com.grash.dto.FilePatchDTO");
  return await call.app.database.transaction(async (sql) => {
    const file = await existing(sql, id, "File not found");
    const user = callerOf(call);
    refuseOthers(user, file);
    if (!canEdit(user, "FILES", { ...file, assignees: [] })) throw new ApiError(403, "Forbidden");
    await update(sql, "file", id, {
      name: sanitise(requireOnUpdate(body.text("name"), "File", "name")),
      updated_by: user.id,
      updated_at: new Date(),
    });
    return json(view(await existing(sql, id, "File not found"), call.app.settings.minio));
  });
}

/** The record alone: the original leaves the object where it is. */
async function remove(call: Call): Promise<Reply> {
  const id = idParameter(call);
  return await call.app.database.transaction(async (sql) => {
    const file = await existing(sql, id, "File not found");
    refuseOthers(callerOf(call), file);
    if (!canDelete(callerOf(call), "FILES", { ...file, assignees: [] })) throw new ApiError(403, "Forbidden");
    await sql.run("DELETE FROM file WHERE id = $1", [id]);
    return success("Deleted successfully");
  });
}
