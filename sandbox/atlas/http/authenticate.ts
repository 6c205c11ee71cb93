import type { IncomingMessage } from "node:http";
import type { App } from "../app.ts";
import { userOfApiKey } from "../auth/api-keys.ts";
import { isRevoked, readAccessToken } from "../auth/tokens.ts";
import { findUserByEmail, type User } from "../auth/user-store.ts";
import { DatabaseUnavailable } from "../database/database.ts";
import { EmptyRejection } from "./api-error.ts";

/** The user of a token; undefined without one. Whatever is wrong with a given token ends the call without a body. */
export async function authenticate(app: App, request: IncomingMessage): Promise<User | undefined> {
  const token = presentedToken(request);
  if (token === undefined) return await userOfApiKey(app, request.headersDistinct["x-api-key"]?.[0]);
  const claims = await readAccessToken(token, app.settings.jwt);
  if (!claims) throw new EmptyRejection("Expired or invalid JWT token");
  const user = await loadUser(app, claims.email);
  if (!user?.enabled) throw new EmptyRejection("User account is unknown or disabled");
  if (isRevoked(claims, user.sessionInvalidatedAt)) throw new EmptyRejection("Session has been revoked");
  return user;
}

/** The prefix is case-sensitive; any other Authorization header counts as none. */
function presentedToken(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization;
  if (header?.startsWith("Bearer ")) return header.slice("Bearer ".length);
  const cookies = (request.headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith("swagger_jwt="))?.slice("swagger_jwt=".length);
}

async function loadUser(app: App, email: string): Promise<User | undefined> {
  try {
    return await app.database.transaction((sql) => findUserByEmail(sql, email));
  } catch (fault) {
    if (fault instanceof DatabaseUnavailable) throw new EmptyRejection(fault.message);
    throw fault;
  }
}
