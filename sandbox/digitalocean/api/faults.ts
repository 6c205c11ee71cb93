// Faults on purpose, per account; GET, PUT and DELETE /_twin/faults (see twin-routes.ts) read, set and clear them.
import { z } from "zod";
import { ApiError } from "./http/errors.ts";
import type { Account } from "./state.ts";

const match = z.strictObject({
  method: z.string().toUpperCase().optional(),
  path: z.string().refine(isPattern, "match.path is no regular expression").optional(),
});

const answerFault = z.strictObject({
  match,
  status: z.union([z.literal(429), z.literal(500), z.literal(503)]),
  retryAfterSeconds: z.number().nonnegative().optional(),
  times: z.int().positive().optional(),
  forSeconds: z.number().positive().optional(),
});

export const faultList = z.array(
  z.union([
    answerFault,
    z.strictObject({ slowActions: z.int().positive() }),
    z.strictObject({ attachRace: z.int().positive() }),
    z.strictObject({ neverBoots: z.literal(true) }),
    z.strictObject({ bootsDeaf: z.literal(true) }),
  ]),
);

export type Fault = z.infer<typeof faultList>[number] & {
  /** When a fault that was set for some seconds is over. */
  until?: number | undefined;
};

export const withEnd = (fault: Fault, now: number): Fault =>
  "forSeconds" in fault && fault.forSeconds !== undefined
    ? { ...fault, until: now + fault.forSeconds * 1000 }
    : fault;

export const left = (account: Account, now: number): Fault[] =>
  account.faults.filter((fault) => fault.until === undefined || fault.until > now);

/** @throws ApiError when the request is to fail; a fault for a number of times is then used up once */
export function failOnPurpose(account: Account, method: string, path: string, now: number): void {
  account.faults = left(account, now);
  const fault = account.faults.find(
    (candidate) =>
      "match" in candidate &&
      (candidate.match.method ?? method) === method &&
      new RegExp(candidate.match.path ?? "").test(path),
  );
  if (!fault || !("status" in fault)) return;
  if (fault.times !== undefined) fault.times -= 1;
  if (fault.times === 0) remove(account, fault);
  throw answerOf(fault);
}

function answerOf({ status, retryAfterSeconds }: z.infer<typeof answerFault>): ApiError {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  switch (status) {
    case 429:
      return new ApiError(429, "too_many_requests", "API rate limit exceeded.", headers);
    case 500:
      return new ApiError(500, "server_error", "Server was unable to give you a response.", headers);
    case 503:
      return new ApiError(503, "service_unavailable", "The service is temporarily unavailable.", headers);
  }
}

/** How long each action takes at least. */
export function actionDelay(account: Account): number {
  const slow = account.faults.find((fault) => "slowActions" in fault);
  return slow && "slowActions" in slow ? slow.slowActions : 0;
}

/** Whether this attach is to meet another event of the droplet. */
export function loseAttachRace(account: Account): boolean {
  const race = account.faults.find((fault) => "attachRace" in fault);
  if (!race || !("attachRace" in race)) return false;
  race.attachRace -= 1;
  if (race.attachRace === 0) remove(account, race);
  return true;
}

/** What is to go wrong with the next droplet's boot; used up by asking. */
export function takeBootFault(account: Account): "neverBoots" | "bootsDeaf" | undefined {
  const fault = account.faults.find((candidate) => "neverBoots" in candidate || "bootsDeaf" in candidate);
  if (!fault) return undefined;
  remove(account, fault);
  return "neverBoots" in fault ? "neverBoots" : "bootsDeaf";
}

function remove(account: Account, fault: Fault): void {
  account.faults = account.faults.filter((other) => other !== fault);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
