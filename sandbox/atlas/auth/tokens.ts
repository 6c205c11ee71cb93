import { createHash, randomUUID } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import type { Database } from "../database/database.ts";
import type { Sql } from "../database/sql.ts";
import { plainDate } from "../dates.ts";
import type { Settings } from "../env.ts";
import { ApiError } from "../http/api-error.ts";
import { findUser, type User } from "./user-store.ts";

type JwtSettings = Settings["jwt"];

export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  expiresAt: Date;
}

export function tokenPairView(pair: TokenPair): object {
  return {
    accessToken: pair.accessToken,
    refreshToken: pair.refreshToken,
    tokenType: "Bearer",
    expiresAt: plainDate(pair.expiresAt),
  };
}

export async function createAccessToken(user: User, jwt: JwtSettings, now = new Date()): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return await new SignJWT({
    sub: user.email,
    iat: issuedAt,
    exp: Math.floor((now.getTime() + jwt.lifeMs) / 1000),
    auth: [{ authority: user.role.roleType }],
  })
    .setProtectedHeader({ alg: jwt.key.algorithm })
    .sign(jwt.key.bytes);
}

export interface AccessToken {
  email: string;
  issuedAt: Date;
}

/** What a token says, or undefined when it is garbage, forged or expired. */
export async function readAccessToken(token: string, jwt: JwtSettings): Promise<AccessToken | undefined> {
  return await jwtVerify(token, jwt.key.bytes, { algorithms: [jwt.key.algorithm] }).then(
    ({ payload }) =>
      payload.sub === undefined || payload.iat === undefined
        ? undefined
        : { email: payload.sub, issuedAt: new Date(payload.iat * 1000) },
    () => undefined,
  );
}

/**
 * A session ended at a millisecond, a token was issued in a whole second: one that was issued in the same second but
 * later counts as ended too, exactly as in the original.
 */
export function isRevoked(token: AccessToken, sessionInvalidatedAt: Date | null): boolean {
  return sessionInvalidatedAt !== null && token.issuedAt.getTime() < sessionInvalidatedAt.getTime();
}

export async function createTokenPair(
  sql: Sql,
  database: Database,
  user: User,
  jwt: JwtSettings,
): Promise<TokenPair> {
  return {
    accessToken: await createAccessToken(user, jwt),
    refreshToken: await createRefreshToken(sql, database, user, jwt),
    expiresAt: new Date(Date.now() + jwt.lifeMs),
  };
}

export async function createRefreshToken(
  sql: Sql,
  database: Database,
  user: User,
  jwt: JwtSettings,
): Promise<string> {
  const token = `${randomUUID()}.${randomUUID()}`;
  const now = Date.now();
  await sql.run(
    "INSERT INTO refresh_token (id, token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
    [
      await database.ids.next(sql, "refresh_token"),
      hashed(token),
      user.id,
      new Date(now),
      new Date(now + jwt.refreshLifeMs),
    ],
  );
  return token;
}

interface StoredToken {
  id: number;
  user_id: number;
  created_at: Date;
  expires_at: Date;
  revoked: boolean;
}

/** Spends a refresh token for a new pair. */
export async function rotate(
  sql: Sql,
  database: Database,
  token: string,
  jwt: JwtSettings,
): Promise<TokenPair> {
  const stored = await sql.first<StoredToken>(
    "SELECT * FROM refresh_token WHERE token_hash = $1 FOR UPDATE",
    [hashed(token)],
  );
  if (!stored) throw new ApiError(401, "Invalid refresh token");
  if (stored.revoked) {
    // The original revokes all sessions here, but its own exception rolls that back: the other sessions live on.
    throw new ApiError(
      401,
      "Refresh token reuse detected. All sessions have been revoked. Please sign in again",
    );
  }
  if (stored.expires_at.getTime() < Date.now()) {
    throw new ApiError(401, "Refresh token expired. Please sign in again");
  }
  const user = await findUser(sql, stored.user_id);
  if (!user) throw new ApiError(401, "Invalid refresh token");
  if (user.sessionInvalidatedAt && stored.created_at < user.sessionInvalidatedAt) {
    throw new ApiError(401, "Session has been revoked. Please sign in again");
  }
  const pair = await createTokenPair(sql, database, user, jwt);
  await sql.run("UPDATE refresh_token SET revoked = true, replaced_by_token_hash = $2 WHERE id = $1", [
    stored.id,
    hashed(pair.refreshToken),
  ]);
  return pair;
}

/** Ends every session of a user: all access tokens so far, and all refresh tokens. */
export async function endSessions(sql: Sql, userId: number): Promise<void> {
  await sql.run("UPDATE own_user SET session_invalidated_at = $2 WHERE id = $1", [userId, new Date()]);
  await sql.run("UPDATE refresh_token SET revoked = true WHERE user_id = $1", [userId]);
}

/** A new password ends the sessions of the old one. */
export async function setPassword(sql: Sql, userId: number, hash: string): Promise<void> {
  await sql.run("UPDATE own_user SET password = $2 WHERE id = $1", [userId, hash]);
  await endSessions(sql, userId);
}

function hashed(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
