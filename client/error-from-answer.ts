import { forPeople, meansSignedOut, serverMessageOf } from "./answers.ts";
import {
  AtlasApiError,
  AtlasAuthError,
  type AtlasError,
  type AtlasErrorDetails,
  AtlasLicenseError,
  AtlasNotFoundError,
  AtlasPermissionError,
  AtlasRateLimitError,
  AtlasValidationError,
  type LicenseLimit,
} from "./errors.ts";
import { type Operation, type RequestTrail, trailDetails } from "./operation.ts";
import { PROXY_CANNOT_REACH_ATLAS } from "./retry.ts";
import type { Secrets } from "./secrets.ts";
import type { Answer } from "./transport.ts";

type ErrorClass = new (message: string, details: AtlasErrorDetails) => AtlasError;

interface Kind {
  readonly make: ErrorClass;
  /** What to do next, as a sentence. */
  readonly next: string;
  readonly details?: AtlasErrorDetails;
}

/** An error's kind shows at the beginning of its text; a server may send 64 KiB. */
const TELLING_LENGTH = 2_000;

/**
 * Turns an answer that is not 2xx into the error that fits it (the table of atlas-api 4).
 * @param proof what the request was sent with: it decides what to do about a refusal.
 */
export function errorFromAnswer(
  answer: Answer,
  operation: Operation,
  request: RequestTrail & { readonly repeatable: boolean },
  secrets: Secrets,
  proof: "session" | "API key" = "session",
): AtlasError {
  const said = serverMessageOf(answer);
  const serverMessage = said === undefined ? undefined : secrets.redact(said);
  const telling = (serverMessage ?? "").slice(0, TELLING_LENGTH);
  const kind = kindOf(answer, telling, request.repeatable);
  const { make, next, details } = kind === SIGNED_OUT && proof === "API key" ? KEY_REFUSED : kind;
  const words = telling === "" ? "" : spaced(forPeople(telling));
  const message = `Could not ${operation.doing}: Atlas answered ${answer.status}${words} to ${request.method} ${request.path}. ${next}`;
  return new make(message, {
    ...trailDetails(operation, request),
    status: answer.status,
    ...(serverMessage !== undefined && { serverMessage }),
    ...(operation.retryAfterMs !== undefined && { retryAfterMs: operation.retryAfterMs }),
    ...details,
  });
}

function spaced(words: string | undefined): string {
  return words === undefined ? "" : ` ${words}`;
}

function kindOf(answer: Answer, said: string, repeatable: boolean): Kind {
  const limit = licenseLimit(answer.status, said);
  if (limit !== undefined) return { make: AtlasLicenseError, next: licenseAdvice(limit), details: { limit } };
  if (meansSignedOut(answer)) return SIGNED_OUT;
  if (answer.status === 429) return TOO_MANY;
  const special = SPECIAL.find((rule) => rule.status === answer.status && rule.says.test(said));
  if (special !== undefined) return special;
  const kind = BY_STATUS[answer.status] ?? OTHER;
  const unknown = PROXY_CANNOT_REACH_ATLAS.includes(answer.status) && !repeatable;
  return unknown ? { ...kind, ...MAYBE_DONE } : kind;
}

const SIGNED_OUT: Kind = {
  make: AtlasAuthError,
  next: "The session was not accepted, nor was a renewed one: check that the user is enabled and that Atlas reaches its database.",
};

const KEY_REFUSED: Kind = {
  make: AtlasAuthError,
  next: "The API key was not accepted: check that it is neither revoked nor expired, that the licence includes API access, and that Atlas reaches its database.",
};

const TOO_MANY: Kind = {
  make: AtlasRateLimitError,
  next: "Send fewer requests, or wait: Atlas allows 100 a minute and 1000 an hour to a user, 20 and 80 without a session.",
};

const INVALID: Kind = { make: AtlasValidationError, next: "Correct the input and send it again." };
const OTHER: Kind = {
  make: AtlasApiError,
  next: "Check that the base URL leads to the Atlas API and that its version is supported.",
};
const BEHIND_PROXY: Kind = {
  make: AtlasApiError,
  next: "The proxy in front of Atlas does not reach it: look whether Atlas runs, then try again.",
};
const MAYBE_DONE: Pick<Kind, "details" | "next"> = {
  next: "The proxy in front of Atlas got no answer from it, so the change may have been made: look before repeating it.",
  details: { outcome: "unknown" },
};

const BY_STATUS: Readonly<Record<number, Kind>> = {
  400: INVALID,
  403: {
    make: AtlasPermissionError,
    next: "The signed-in user's role does not allow this: use another user, or have an administrator extend the role.",
  },
  404: {
    make: AtlasNotFoundError,
    next: "Check the id: the record may be deleted or belong to another organisation.",
  },
  406: INVALID,
  409: {
    make: AtlasApiError,
    next: "Somebody else changed the record: read it again and repeat the change.",
  },
  422: INVALID,
  500: {
    make: AtlasApiError,
    next: "Atlas says 500 to many wrong inputs too (an id that does not exist, a text too long): check the input, then Atlas' log.",
  },
  502: BEHIND_PROXY,
  503: BEHIND_PROXY,
  504: BEHIND_PROXY,
};

const SIGN_UP_CLOSED: Kind = {
  make: AtlasPermissionError,
  next: "Sign-up is closed for this address: have an administrator invite it, or allow it in the server's configuration.",
};

/** Answers whose status alone tells too little (atlas-api 2.2, 4, 5, 10.2). */
const SPECIAL: readonly (Kind & { readonly status: number; readonly says: RegExp })[] = [
  {
    status: 403,
    says: /^Invalid credentials$/i,
    make: AtlasAuthError,
    next: "Check email and password; a disabled user gets the same answer, and the super administrator needs accountType SUPER_ADMIN.",
  },
  {
    status: 403,
    says: /^Invalid CORS request$/i,
    make: AtlasApiError,
    next: "The request carried an Origin header that Atlas does not allow: send none.",
  },
  { status: 406, says: /^Bad credentials$/i, make: AtlasAuthError, next: "The old password is not right." },
  {
    status: 406,
    says: /without being invited|not invited|enable mails and configure SMTP/i,
    ...SIGN_UP_CLOSED,
  },
  { status: 500, says: /^Index 0 out of bounds for length 0$/, ...SIGN_UP_CLOSED },
  {
    status: 500,
    says: /could not open jpa/i,
    make: AtlasApiError,
    next: "Atlas does not reach its database: look whether that runs; Atlas recovers by itself.",
  },
];

/** Which limit of an unlicensed installation a message speaks of (atlas-api 11). */
function licenseLimit(status: number, said: string): LicenseLimit | undefined {
  if (status !== 403 && status !== 500) return undefined;
  const users = /more users than the free license allows: (\d+)/i.exec(said);
  if (users !== null) return { what: "enabled users with a paid role", max: Number(users[1]) };
  const feature = /You need a license to (.+?)(?:\.|$)/i.exec(said)?.[1];
  if (feature === undefined) return undefined;
  const orders = /Free Limit of (\d+) ([\w ]+?) reached/i.exec(said);
  if (orders?.[2] !== undefined) return { what: orders[2], max: Number(orders[1]) };
  const max = /Free Limit reached: (\d+)/i.exec(said)?.[1];
  const what = feature.replace(/^add an? new /i, "");
  return max === undefined ? { what } : { what: `${what}s`, max: Number(max) };
}

function licenseAdvice({ what, max }: LicenseLimit): string {
  return max === undefined
    ? `Without a licence this is not available (${what}).`
    : `Without a licence Atlas allows ${max} ${what}: free some, or install a licence.`;
}
