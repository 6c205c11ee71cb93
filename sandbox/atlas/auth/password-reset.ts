import { randomBytes, randomUUID } from "node:crypto";
import type { App } from "../app.ts";
import type { Sql } from "../database/sql.ts";
import { passwordReset } from "../letters.ts";
import { deliver } from "../mail.ts";
import { hashPassword } from "./passwords.ts";
import { findUserByEmail } from "./user-store.ts";

/** Mails a new password to a user of this address, if there is one; it holds from the confirmation on. */
export async function sendPasswordReset(app: App, sql: Sql, address: string): Promise<void> {
  const user = await findUserByEmail(sql, address);
  if (!user) return;
  const password = randomBytes(4).toString("hex").toUpperCase();
  const token = randomUUID();
  await sql.run("INSERT INTO verification_token (token, user_id, payload) VALUES ($1, $2, $3)", [
    token,
    user.id,
    await hashPassword(password),
  ]);
  await deliver(app.settings.mail, passwordReset(app.settings, { email: user.email, password, token }));
}

/** Returns the user's address; undefined where the token is none of a reset. All tokens of the user are spent with it. */
export async function confirmPasswordReset(sql: Sql, token: string): Promise<string | undefined> {
  const user = await sql.first<{ id: number; email: string }>(
    `UPDATE own_user SET password = v.payload FROM verification_token v
     WHERE v.user_id = own_user.id AND v.token = $1 AND v.payload IS NOT NULL RETURNING own_user.id, email`,
    [token],
  );
  if (user) await sql.run("DELETE FROM verification_token WHERE user_id = $1", [user.id]);
  return user?.email;
}
