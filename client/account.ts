import { z } from "zod";
import { isOk, meansSignedOut } from "./answers.ts";
import type { Calls } from "./calls.ts";
import { errorFromAnswer } from "./error-from-answer.ts";
import { AtlasApiError, AtlasAuthError } from "./errors.ts";
import type { CallOptions, Operation, OperationName } from "./operation.ts";
import { checkedInput, parsedAnswer } from "./parse.ts";
import { successOut } from "./schemas/fields.ts";
import { tokensOut } from "./schemas/session.ts";
import { type OrganisationSignUp, organisationSignUpIn, signUpOut, type User } from "./schemas/user.ts";
import type { AtlasRequest } from "./sender.ts";
import { rememberedTokens } from "./session-calls.ts";

const LOGOUT: AtlasRequest = { method: "POST", path: "/auth/logout", repeatable: true };
const passwordsIn = z.strictObject({
  oldPassword: z.string().min(1, "must not be empty"),
  newPassword: z.string().min(1, "must not be empty"),
});

/** Signs in now rather than with the first call. Does nothing when signed in, or with an API key. */
export async function signIn(calls: Calls, options: CallOptions): Promise<void> {
  if ("apiKey" in calls.credentials) return;
  const name: OperationName = { name: "signIn", doing: `sign in as ${calls.credentials.email}` };
  return calls.run(name, options, async (operation) => {
    await calls.session.accessToken(operation);
  });
}

/** Ends all sessions of the user, other clients' too; does nothing when this client is not signed in. */
export async function signOut(calls: Calls, options: CallOptions): Promise<void> {
  const { email } = calls.user({ name: "signOut", doing: "sign out" });
  const name: OperationName = { name: "signOut", doing: `sign out ${email}` };
  return calls.run(name, options, async (operation) => {
    if (!calls.session.isSignedIn) return calls.session.forget();
    const token = await calls.session.accessToken(operation);
    await calls.session.replace(async () => {
      const answer = await calls.answerWith(token, operation, LOGOUT);
      // Signed out already is what was asked for.
      if (!meansSignedOut(answer)) calls.read(operation, LOGOUT, answer, successOut);
      return { result: undefined, next: { tokens: undefined } };
    });
  });
}

/** Changes the password and goes on with the new one; all other sessions of the user end. */
export async function changePassword(
  calls: Calls,
  oldPassword: string,
  newPassword: string,
  options: CallOptions,
): Promise<void> {
  const { email } = calls.user({ name: "changePassword", doing: "change the password" });
  const name: OperationName = { name: "changePassword", doing: `change the password of ${email}` };
  return calls.run(name, options, async (operation) => {
    const body = checkedInput(passwordsIn, { oldPassword, newPassword }, name);
    calls.secrets.keep(oldPassword);
    calls.secrets.keep(newPassword);
    try {
      await sendPasswords(calls, operation, body);
    } catch (cause) {
      if (!(cause instanceof AtlasApiError) || cause.details.outcome !== "unknown") throw cause;
      if (!(await signsInWith(calls, newPassword, operation))) throw cause;
    }
  });
}

async function sendPasswords(
  calls: Calls,
  operation: Operation,
  body: z.output<typeof passwordsIn>,
): Promise<void> {
  const request: AtlasRequest = { method: "POST", path: "/auth/updatepwd", body, repeatable: false };
  const answer = await calls.session.send(operation, (token) =>
    calls.session.replace(async () => {
      const answer = await calls.answerWith(token, operation, request);
      if (!isOk(answer)) return { result: answer };
      calls.credentials = { ...calls.user(operation), password: body.newPassword };
      const tokens = parsedAnswer(tokensOut, answer, operation, request);
      return { result: answer, next: { tokens: rememberedTokens(tokens, calls.secrets) } };
    }),
  );
  if (!isOk(answer)) throw errorFromAnswer(answer, operation, request, calls.secrets);
}

/** After a lost answer: is the new password the one that counts now? */
async function signsInWith(calls: Calls, password: string, operation: Operation): Promise<boolean> {
  const before = calls.user(operation);
  calls.credentials = { ...before, password };
  calls.session.forget();
  try {
    await calls.session.accessToken(operation);
    return true;
  } catch (cause) {
    calls.credentials = before;
    if (cause instanceof AtlasAuthError) return false;
    throw cause;
  }
}

/** Signs up a new organisation with its administrator, as anybody could: no session is used, and no role is sent. */
export function signUpOrganisation(
  calls: Calls,
  input: OrganisationSignUp,
  options: CallOptions,
): Promise<User> {
  const name: OperationName = {
    name: "signUpOrganisation",
    doing: `sign up the organisation ${input.companyName}`,
  };
  return calls.run(name, options, async (operation) => {
    const body = checkedInput(organisationSignUpIn, input, name);
    calls.secrets.add(body.password);
    const request: AtlasRequest = { method: "POST", path: "/auth/signup", body, repeatable: false };
    const { user, message } = await calls.fetch(operation, request, signUpOut, "nobody");
    if (user !== null) return user;
    throw mailFirst(operation, message);
  });
}

/** Sign-up answered with a sentence instead of a user: a mail must be confirmed first (atlas-api 5.1). */
export function mailFirst(operation: Operation, message: string): AtlasApiError {
  return new AtlasApiError(
    `Could not ${operation.doing} in one go: Atlas answered "${message}". Follow the link in the mail that it sent.`,
    { operation: operation.name, correlationId: operation.correlationId, serverMessage: message },
  );
}
