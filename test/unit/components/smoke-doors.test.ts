import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { demoDoor, organisationDoor, roleDoor } from "../../../components/smoke/doors.ts";
import { Failure, Skipped } from "../../../components/smoke/failure.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { type Reply, ScriptedServer } from "../client/scripted-server.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const SIGN_UP = "POST /auth/signup";
const DELETE = "DELETE /auth";
const DEMO = "GET /demo/generate-account";
const answer = (status: number, message: string): Reply => ({
  status,
  json: { success: status < 300, message },
});
const notInvited = "You are not allowed to create an account without being invited";

async function failureOf(door: Promise<string>): Promise<Failure> {
  const result = await door.catch((error: unknown) => error);
  if (result instanceof Failure) return result;
  throw new Error(`no Failure: ${result}`);
}

const signUps = [
  { name: "organisation", door: organisationDoor, extra: { companyName: "Smoke check", employeesCount: 1 } },
  { name: "role", door: roleDoor, extra: { role: { id: 1 } } },
];

describe.each(signUps)("the $name door", ({ name, door, extra }) => {
  test("is tried as a stranger would, each time as another one", async () => {
    server.on(SIGN_UP, answer(406, notInvited));
    await door(server.url);
    await door(server.url);
    const bodies = server.requests(SIGN_UP).map(({ body }) => body);
    const person = {
      email: expect.stringMatching(/^smoke-[0-9a-f-]{36}@stranger\.invalid$/),
      password: expect.stringMatching(/^.{12,128}$/),
      firstName: "Smoke",
      lastName: "Check",
      phone: "",
    };
    expect(bodies).toEqual([
      { ...person, ...extra },
      { ...person, ...extra },
    ]);
    expect(bodies[0]).not.toEqual(bodies[1]);
    expect(server.received[0]?.headers).not.toHaveProperty("authorization");
  });

  test.each([
    [answer(406, notInvited), `HTTP 406: ${notInvited}`],
    [answer(403, "You need a license to create another company"), /^HTTP 403: You need a license/],
    [{ status: 404 }, "HTTP 404"],
    [{ status: 400, text: "<html>no</html>" }, "HTTP 400: <html>no</html>"],
  ])("is shut: %o", async (reply, seen) => {
    server.on(SIGN_UP, reply);
    expect(await door(server.url)).toMatch(seen);
    expect(server.count(DELETE)).toBe(0);
  });

  test("stands open: the newcomer deletes itself, and the check fails", async () => {
    server.on(SIGN_UP, answer(200, "access-token-of-the-newcomer")).on(DELETE, { status: 200 });
    const failure = await failureOf(door(server.url));
    expect(failure.message).toMatch(
      new RegExp(`^the ${name} door stands open: .*the account is deleted again`),
    );
    expect(failure.message).not.toContain("access-token");
    expect(failure.httpStatus).toBe(200);
    expect(server.requests(DELETE)[0]?.headers.authorization).toBe("Bearer access-token-of-the-newcomer");
  });

  test("stands open, and the newcomer cannot delete itself: the account is named", async () => {
    server.on(SIGN_UP, answer(201, "a mail was sent")).on(DELETE, { status: 403 });
    const { message } = await failureOf(door(server.url));
    expect(message).toMatch(/stands open.*the account smoke-[0-9a-f-]{36}@stranger\.invalid is still there/);
  });

  test.each([
    [answer(500, "Index 0 out of bounds for length 0"), 500],
    [{ status: 502, text: "Bad gateway" }, 502],
  ])("gives no clear answer: %o", async (reply, status) => {
    server.on(SIGN_UP, reply);
    const failure = await failureOf(door(server.url));
    expect(failure.message).toMatch(new RegExp(`^the ${name} door: no clear refusal: `));
    expect(failure.httpStatus).toBe(status);
  });

  test("is tried again when Atlas counts too many callers, and skipped when that does not end", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    server.on(SIGN_UP, answer(429, "Too many requests"));
    const skipped = door(server.url).catch((error: unknown) => error);
    await expect.poll(() => server.requests(SIGN_UP).length).toBe(1);
    vi.setSystemTime(Date.now() + 71_000);
    expect(await skipped).toBeInstanceOf(Skipped);
    expect(server.requests(SIGN_UP)).toHaveLength(2);
  });

  test("cannot be reached: that is no refusal", async () => {
    await expect(door(`http://127.0.0.1:${await freePort()}`)).rejects.toThrow();
  });
});

describe("the demo door", () => {
  test.each([
    [{ status: 404 }, "HTTP 404"],
    [answer(406, notInvited), `HTTP 406: ${notInvited}`],
  ])("is shut: %o", async (reply, seen) => {
    server.on(DEMO, reply);
    expect(await demoDoor(server.url)).toBe(seen);
  });

  test.each([
    // Without a licence it refuses, and leaves an organisation behind all the same.
    answer(403, "You need a license to import assets with hierarchy"),
    answer(200, "access-token"),
    // Past its limit it answers 200.
    { status: 200, json: { success: false, message: "Rate limit exceeded. Try again later." } },
    { status: 500 },
  ])("stands open, or may: %o", async (reply) => {
    server.on(DEMO, reply);
    const failure = await failureOf(demoDoor(server.url));
    expect(failure.message).toMatch(/^the demo door .*leaves a demo organisation behind/);
    expect(failure.httpStatus).toBe(reply.status);
  });

  test("gives a newcomer's token away: the report does not", async () => {
    server.on(DEMO, answer(200, "access-token-of-the-demo"));
    expect((await failureOf(demoDoor(server.url))).message).not.toContain("access-token");
  });
});
