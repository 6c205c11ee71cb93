// The three ways in that stand open in a default installation (atlas-api.md 2.2), tried from outside. A door that
// opens all the same has made a row: the newcomer deletes itself again.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Dispatcher, fetch } from "undici";
import { Failure, Skipped } from "./failure.ts";

interface Answer {
  status: number;
  message: string;
}

interface Request {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

/** Atlas counts callers without a session by the minute and by the hour; a full minute is worth waiting for. */
const limitMs = 70_000;
const pauseMs = 5_000;

/** @throws Skipped when Atlas refuses to listen for longer than a minute */
async function ask(url: string, init: Request, dispatcher: Dispatcher | undefined): Promise<Answer> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await askOnce(url, init, dispatcher);
    if (answer.status !== 429) return answer;
    if (Date.now() > deadline)
      throw new Skipped("Atlas' limit for callers without a session (20 a minute, 80 an hour) is used up");
    await delay(pauseMs);
  }
}

async function askOnce(url: string, init: Request, dispatcher: Dispatcher | undefined): Promise<Answer> {
  const response = await fetch(url, {
    ...init,
    signal: AbortSignal.timeout(30_000),
    ...(dispatcher && { dispatcher }),
  });
  const text = await response.text();
  try {
    const body = JSON.parse(text) as { message?: unknown };
    return {
      status: response.status,
      message: typeof body.message === "string" ? body.message : text.slice(0, 200),
    };
  } catch {
    // Not JSON: the proxy's own answer or an empty one.
    return { status: response.status, message: text.slice(0, 200) };
  }
}

async function signUpMustFail(
  apiUrl: string,
  extra: Record<string, unknown>,
  door: string,
  dispatcher: Dispatcher | undefined,
): Promise<string> {
  const email = `smoke-${randomUUID()}@stranger.invalid`;
  const body = { email, password: randomUUID(), firstName: "Smoke", lastName: "Check", phone: "", ...extra };
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await ask(`${apiUrl}/auth/signup`, init, dispatcher);
  if (answer.status >= 200 && answer.status < 300) {
    // The access token is in `message`; deleting the account takes an organisation that it founded along.
    const leave = { method: "DELETE", headers: { authorization: `Bearer ${answer.message}` } };
    const gone = await ask(`${apiUrl}/auth`, leave, dispatcher);
    const rest = gone.status === 200 ? "the account is deleted again" : `the account ${email} is still there`;
    throw new Failure(`${door} stands open: a stranger's sign-up was accepted (${rest})`, answer.status);
  }
  return refusal(answer, [400, 403, 404, 406], door);
}

function refusal({ status, message }: Answer, expected: number[], door: string): string {
  if (expected.includes(status)) return `HTTP ${status}${message ? `: ${message}` : ""}`;
  throw new Failure(`${door}: no clear refusal: ${message}`, status);
}

/** A stranger founds an organisation. */
export const organisationDoor = (apiUrl: string, dispatcher?: Dispatcher) =>
  signUpMustFail(
    apiUrl,
    { companyName: "Smoke check", employeesCount: 1 },
    "the organisation door",
    dispatcher,
  );

/** Anybody becomes super administrator by naming role 1. */
export const roleDoor = (apiUrl: string, dispatcher?: Dispatcher) =>
  signUpMustFail(apiUrl, { role: { id: 1 } }, "the role door", dispatcher);

/** Demo accounts. Open, it leaves a row that only the database's owner can remove, so the message says so. */
export async function demoDoor(apiUrl: string, dispatcher?: Dispatcher): Promise<string> {
  const door = "the demo door (an open one leaves a demo organisation behind)";
  const answer = await ask(`${apiUrl}/demo/generate-account`, {}, dispatcher);
  // The message of an accepted request is the new administrator's access token.
  if (answer.status < 300) throw new Failure(`${door} stands open or may`, answer.status);
  return refusal(answer, [404, 406], door);
}
