import type { AtlasClientOptions, Clock } from "../../../client/index.ts";
import { AtlasClient } from "../../../client/index.ts";
import type { Reply, ScriptedServer } from "./scripted-server.ts";

export const EMAIL = "admin@acme.test";
export const PASSWORD = "Corr3ct-horse-9";
export const SIGN_IN = "POST /auth/signin";
export const REFRESH = "POST /auth/refresh";
export const ME = "GET /auth/me";

/** A clock that stands still until somebody sleeps on it. Starts at the real time. */
export class VirtualClock implements Clock {
  readonly slept: number[] = [];
  #now = Date.now();

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(ms);
    this.#now += ms;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

let serial = 0;

/** A pair of tokens, each one new. @param lifeSeconds of the access token */
export function tokens(lifeSeconds = 1800, iat = Math.floor(Date.now() / 1000)) {
  serial += 1;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: EMAIL, iat, exp: iat + lifeSeconds };
  return {
    accessToken: `${part({ alg: "HS256" })}.${part(claims)}.signature-${serial}`,
    refreshToken: `refresh-token-${serial}`,
    tokenType: "Bearer",
    expiresAt: new Date((iat + lifeSeconds) * 1000).toISOString().replace("Z", "+00:00"),
  };
}

export const signedIn = (): Reply => ({ json: tokens() });
export const SIGNED_OUT: Reply = { status: 403, text: "" };
export const refusal = (status: number, message: string): Reply => ({
  status,
  json: { success: false, message },
});

export const ROLE = {
  id: 2,
  roleType: "ROLE_CLIENT",
  code: "ADMIN",
  paid: true,
  name: "Administrator",
  description: null,
};

export const USER = {
  id: 2,
  username: "SJLAK4OM",
  email: EMAIL,
  role: ROLE,
  rate: 0,
  jobTitle: null,
  firstName: "Ada",
  lastName: "Min",
  phone: "",
  ownsCompany: true,
  companyId: 2,
  enabled: true,
  lastLogin: null,
  createdAt: "2026-11-21T08:15:05.565+00:00",
};

/**
 * When what the test is about to ask for was made: after it was asked for, however busy the machine is. A time of now
 * would be before the request, and what is older than a lost request is not taken for what that has made.
 */
export const justMade = (): string => new Date(Date.now() + 1000).toISOString();

export function workOrder(changes: Record<string, unknown> = {}) {
  const now = justMade();
  return {
    id: 1,
    createdBy: 2,
    updatedBy: 2,
    createdAt: now,
    updatedAt: now,
    dueDate: null,
    priority: "NONE",
    estimatedDuration: 0,
    estimatedStartDate: null,
    description: null,
    title: "Fix pump",
    requiredSignature: false,
    category: null,
    location: null,
    team: null,
    primaryUser: null,
    assignedTo: [],
    customers: [],
    asset: null,
    files: [],
    image: null,
    customFieldValues: [],
    completedBy: null,
    completedOn: null,
    archived: false,
    parentRequest: null,
    signature: null,
    status: "OPEN",
    feedback: null,
    customId: "WO000001",
    ...changes,
  };
}

export function asset(changes: Record<string, unknown> = {}) {
  const now = justMade();
  return {
    id: 1,
    createdBy: 2,
    updatedBy: 2,
    createdAt: now,
    updatedAt: now,
    archived: false,
    hasChildren: false,
    description: null,
    location: null,
    parentAsset: null,
    barCode: null,
    category: null,
    name: "Pump A",
    primaryUser: null,
    assignedTo: [],
    serialNumber: null,
    model: null,
    status: "OPERATIONAL",
    acquisitionCost: null,
    customId: "A000001",
    ...changes,
  };
}

export function page(content: unknown[], changes: Record<string, unknown> = {}) {
  return {
    content,
    totalElements: content.length,
    totalPages: 1,
    last: true,
    first: true,
    size: 50,
    number: 0,
    numberOfElements: content.length,
    empty: content.length === 0,
    ...changes,
  };
}

/** A client of the server, signed in by its script, with a virtual clock and pauses of full length. */
export function clientOf(
  server: ScriptedServer | string,
  options: Partial<AtlasClientOptions> = {},
  clock: Clock = new VirtualClock(),
): AtlasClient {
  const baseUrl = typeof server === "string" ? server : server.url;
  return new AtlasClient(
    { baseUrl, email: EMAIL, password: PASSWORD, timeoutMs: 5_000, ...options },
    { clock, random: () => 1 },
  );
}

/** What a promise is rejected with. */
export async function rejection<E extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  try {
    await promise;
  } catch (cause) {
    if (cause instanceof kind) return cause;
    throw cause;
  }
  throw new Error(`expected a rejection with ${kind.name}`);
}
