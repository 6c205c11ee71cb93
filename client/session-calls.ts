import { isOk } from "./answers.ts";
import { errorFromAnswer } from "./error-from-answer.ts";
import { AtlasConfigError } from "./errors.ts";
import type { Operation, OperationName } from "./operation.ts";
import type { ApiKeyCredentials, PasswordCredentials } from "./options.ts";
import { parsedAnswer } from "./parse.ts";
import { type TokenAnswer, tokensOut } from "./schemas/session.ts";
import type { Secrets } from "./secrets.ts";
import type { AtlasRequest, Sender } from "./sender.ts";
import type { TokenSource } from "./session.ts";

/** What the client proves itself with; a change of password replaces it. */
export type Credentials = PasswordCredentials | ApiKeyCredentials;

export const SIGN_IN = "session.signIn";
export const REFRESH = "session.refresh";

export type RunOperation = <T>(name: OperationName, work: (operation: Operation) => Promise<T>) => Promise<T>;

/** Signs in and refreshes, always without an Authorization header: a bad one breaks these calls (atlas-api 4). */
export function tokenSource(
  user: (operation: OperationName) => PasswordCredentials,
  run: RunOperation,
  sender: Sender,
  secrets: Secrets,
): TokenSource {
  async function tokens(operation: Operation, request: AtlasRequest): Promise<TokenAnswer> {
    const answer = await sender.send(operation, request);
    if (!isOk(answer)) throw errorFromAnswer(answer, operation, request, secrets);
    return rememberedTokens(parsedAnswer(tokensOut, answer, operation, request), secrets);
  }

  return {
    signIn: () => {
      const { email, password, accountType: type } = user({ name: SIGN_IN, doing: "sign in" });
      return run({ name: SIGN_IN, doing: `sign in as ${email}` }, (operation) =>
        tokens(operation, {
          method: "POST",
          path: "/auth/signin",
          body: { email, password, type },
          repeatable: true,
        }),
      );
    },
    refresh: (refreshToken) => {
      const { email } = user({ name: REFRESH, doing: "renew the session" });
      return run({ name: REFRESH, doing: `renew the session of ${email}` }, (operation) =>
        tokens(operation, {
          method: "POST",
          path: "/auth/refresh",
          body: { refreshToken },
          // A refresh token works once; whether a lost answer spent it cannot be known.
          repeatable: false,
        }),
      );
    },
  };
}

/** @throws AtlasConfigError for an API key, which knows no user and no session. */
export function userOf(credentials: Credentials, operation: OperationName): PasswordCredentials {
  if (!("apiKey" in credentials)) return credentials;
  throw new AtlasConfigError(
    `Could not ${operation.doing}: this client has an API key, and so no session. Make a client with email and password for it.`,
    { operation: operation.name, outcome: "none" },
  );
}

export function rememberedTokens(answer: TokenAnswer, secrets: Secrets): TokenAnswer {
  secrets.add(answer.accessToken, answer.refreshToken);
  return answer;
}
