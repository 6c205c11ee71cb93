import { ApiError } from "../http/api-error.ts";
import type { JsonObject } from "../http/json-object.ts";
import { empty, json, type Reply, success } from "../http/reply.ts";
import { type Call, callerOf, type Route, route } from "../http/router.ts";
import { requireMail } from "../mail.ts";
import { refuseMissing } from "../resources/notnull.ts";
import { confirmPasswordReset, sendPasswordReset } from "./password-reset.ts";
import { hashPassword, passwordMatches, refuseWeakPassword } from "./passwords.ts";
import { type SignupRequest, signUp } from "./signup.ts";
import { createTokenPair, endSessions, rotate, setPassword, tokenPairView } from "./tokens.ts";
import { findUserByEmail, userView } from "./user-store.ts";

export const authRoutes: Route[] = [
  route("POST", "/auth/signup", "public", postSignup),
  route("POST", "/auth/signin", "public", postSignin),
  route("POST", "/auth/refresh", "public", postRefresh),
  route("GET", "/auth/me", "signed-in", async (call) => json(userView(callerOf(call)))),
  route("POST", "/auth/logout", "signed-in", postLogout),
  route("POST", "/auth/updatepwd", "signed-in", postUpdatePassword),
  route("GET", "/auth/resetpwd", "public", getResetPassword),
  route("GET", "/auth/reset-pwd-confirm", "public", getConfirmReset),
  route("GET", "/auth/activate-account", "public", getActivateAccount),
  route("DELETE", "/auth", "signed-in", deleteAccount),
  route("GET", "/auth/:username", "super", getByEmail),
  route("DELETE", "/auth/:username", "super", deleteByUsername),
];

const LANGUAGES = "EN FR TR ES PT_BR PL DE AR IT SV RU PT HU NL ZH_CN ZH BA JA".split(" ");

async function postSignup(call: Call): Promise<Reply> {
  const request = readSignup(await call.body("com.grash.dto.UserSignupRequest"));
  refuseWeakPassword(request.password, call.app.settings.passwords);
  const done = await call.app.database.transaction((sql) => signUp(call.app, sql, request));
  return json({
    success: true,
    message: done.message,
    user: done.user && userView(done.user),
    refreshToken: done.refreshToken,
  });
}

function readSignup(body: JsonObject): SignupRequest {
  const language = body.value("language");
  const [email, password, firstName, lastName, phone] = [
    body.text("email"),
    body.text("password"),
    body.text("firstName"),
    body.text("lastName"),
    body.text("phone"),
  ];
  const request = {
    companyName: body.text("companyName"),
    employeesCount: body.integer("employeesCount"),
    language: LANGUAGES.find((known) => known === language) ?? "EN",
    timeZone: body.text("timeZone"),
    roleId: body.reference("role", "Role"),
    demo: false,
  };
  refuseMissing(email, password, firstName, lastName, phone);
  return {
    ...request,
    email: (email ?? "").toLowerCase(),
    password: password ?? "",
    firstName: firstName ?? "",
    lastName: lastName ?? "",
    phone: phone ?? "",
  };
}

async function postSignin(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.dto.UserLoginRequest");
  const email = body.text("email");
  const password = body.text("password");
  const type = body.has("type") ? body.text("type") : "CLIENT";
  refuseMissing(email, password, type);
  const { database, settings } = call.app;
  const user = await database.transaction((sql) => findUserByEmail(sql, email ?? ""));
  if (!user?.enabled || !(await passwordMatches(password ?? "", user.passwordHash)))
    throw invalidCredentials();
  if (`ROLE_${type?.toUpperCase()}` !== user.role.roleType) throw invalidCredentials();
  return await database.transaction(async (sql) => {
    await sql.run("UPDATE own_user SET last_login = $2 WHERE id = $1", [user.id, new Date()]);
    return json(tokenPairView(await createTokenPair(sql, database, user, settings.jwt)));
  });
}

function invalidCredentials(): ApiError {
  return new ApiError(403, "Invalid credentials");
}

async function postRefresh(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.dto.RefreshTokenRequest");
  const token = body.text("refreshToken");
  if (token === null || token.trim() === "") throw new ApiError(400, "must not be blank");
  const { database, settings } = call.app;
  return await database.transaction(async (sql) =>
    json(tokenPairView(await rotate(sql, database, token, settings.jwt))),
  );
}

async function postLogout(call: Call): Promise<Reply> {
  await call.app.database.transaction((sql) => endSessions(sql, callerOf(call).id));
  return success("Logged out successfully");
}

async function postUpdatePassword(call: Call): Promise<Reply> {
  const body = await call.body("com.grash.dto.UpdatePasswordRequest");
  const oldPassword = body.text("oldPassword");
  const newPassword = body.text("newPassword");
  refuseMissing(oldPassword, newPassword);
  refuseWeakPassword(newPassword ?? "", call.app.settings.passwords);
  const user = callerOf(call);
  const { database, settings } = call.app;
  if (!(await passwordMatches(oldPassword ?? "", user.passwordHash)))
    throw new ApiError(406, "Bad credentials");
  const hash = await hashPassword(newPassword ?? "");
  return await database.transaction(async (sql) => {
    await setPassword(sql, user.id, hash);
    return json(tokenPairView(await createTokenPair(sql, database, user, settings.jwt)));
  });
}

/** With mail on it always says yes, so that nobody learns which addresses exist. */
async function getResetPassword(call: Call): Promise<Reply> {
  if (!call.query.has("email")) {
    throw new ApiError(
      500,
      "Required request parameter 'email' for method parameter type String is not present",
    );
  }
  requireMail(call.app.settings.mail);
  const email = call.query.get("email") ?? "";
  await call.app.database.transaction((sql) => sendPasswordReset(call.app, sql, email));
  return success("Password changed successfully");
}

/** The link of such a mail makes its password the user's; it works once. */
async function getConfirmReset(call: Call): Promise<Reply> {
  const token = call.query.get("token") ?? "";
  const email = await call.app.database.transaction((sql) => confirmPasswordReset(sql, token));
  return toFrontEnd(call, email);
}

async function getActivateAccount(call: Call): Promise<Reply> {
  const user = await call.app.database.transaction((sql) =>
    sql.first<{ email: string }>(
      `UPDATE own_user SET enabled = true FROM verification_token v
       WHERE v.user_id = own_user.id AND v.token = $1 RETURNING email`,
      [call.query.get("token")],
    ),
  );
  return toFrontEnd(call, user?.email);
}

/** To the sign-in of whoever has followed a valid link. */
function toFrontEnd(call: Call, email: string | undefined): Reply {
  const path = email === undefined ? "/account/register" : `/account/login?email=${email}`;
  return empty(302, { Location: `${call.app.settings.publicFrontUrl}${path}` });
}

/** The owner takes the whole organisation along. */
async function deleteAccount(call: Call): Promise<Reply> {
  const user = callerOf(call);
  await call.app.database.transaction((sql) =>
    user.ownsCompany
      ? sql.run("DELETE FROM company WHERE id = $1", [user.companyId])
      : sql.run("DELETE FROM own_user WHERE id = $1", [user.id]),
  );
  return success("Account deleted successfully");
}

async function getByEmail(call: Call): Promise<Reply> {
  const user = await call.app.database.transaction((sql) =>
    findUserByEmail(sql, call.parameters.username ?? ""),
  );
  if (!user) throw new ApiError(500, "No value present");
  return json(userView(user));
}

async function deleteByUsername(call: Call): Promise<Reply> {
  const username = call.parameters.username ?? "";
  await call.app.database.transaction((sql) =>
    sql.run("DELETE FROM own_user WHERE username = $1", [username]),
  );
  return json(username);
}
