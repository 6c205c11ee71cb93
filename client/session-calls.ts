import { isOk } from "./answers.ts";
import { errorFromAnswer } from "./error-from-answer.ts";
import type { Operation } from "./operation.ts";
import type { AccountType } from "./options.ts";
import { parsedAnswer } from "./parse.ts";
import { type TokenAnswer, tokensOut } from "./schemas/session.ts";
import type { Secrets } from "./secrets.ts";
import type { AtlasRequest, Sender } from "./sender.ts";
import type { TokenSource } from "./session.ts";

export interface Credentials {
  readonly email: string;
  readonly accountType: AccountType;
  password: string;
}

export type RunOperation = <T>(
  name: { name: string; doing: string },
  work: (operation: Operation) => Promise<T>,
) => Promise<T>;

/** Signs in and refreshes, always without an Authorization header: a bad one breaks these calls (atlas-api 4). */
export function tokenSource(
  credentials: Credentials,
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
    signIn: () =>
      run({ name: "session.signIn", doing: `sign in as ${credentials.email}` }, (operation) =>
        tokens(operation, {
          method: "POST",
          path: "/auth/signin",
          body: { email: credentials.email, password: credentials.password, type: credentials.accountType },
          repeatable: true,
        }),
      ),
    refresh: (refreshToken) =>
      run({ name: "session.refresh", doing: `renew the session of ${credentials.email}` }, (operation) =>
        tokens(operation, {
          method: "POST",
          path: "/auth/refresh",
          body: { refreshToken },
          // A refresh token works once; whether a lost answer spent it cannot be known.
          repeatable: false,
        }),
      ),
  };
}

export function rememberedTokens(answer: TokenAnswer, secrets: Secrets): TokenAnswer {
  secrets.add(answer.accessToken, answer.refreshToken);
  return answer;
}
