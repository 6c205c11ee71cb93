import { describe, expect, test } from "vitest";
import {
  AtlasApiError,
  AtlasAuthError,
  AtlasError,
  AtlasLicenseError,
  AtlasNotFoundError,
  AtlasPermissionError,
  AtlasSchemaError,
  AtlasValidationError,
} from "../../../client/index.ts";
import { asset, clientOf, ME, refusal, rejection, SIGN_IN, signedIn, workOrder } from "./fixtures.ts";
import { type Reply, ScriptedServer } from "./scripted-server.ts";

const GET = "GET /work-orders/7";
const MAIL = "Please enable mails and configure SMTP in the environment variables";

describe("an answer becomes the error that fits", () => {
  test.each<[string, Reply, abstract new (...args: never[]) => AtlasError, RegExp]>([
    ["400", refusal(400, "Invalid search field"), AtlasValidationError, /"Invalid search field".*Correct/],
    ["403 with a message", refusal(403, "Forbidden"), AtlasPermissionError, /role does not allow/],
    ["403 of CORS", { status: 403, text: "Invalid CORS request" }, AtlasApiError, /Origin/],
    ["404", refusal(404, "Work Order not found"), AtlasNotFoundError, /get work order 7.*404.*Check the id/],
    ["405", refusal(405, "Request method 'GET' is not supported"), AtlasApiError, /405/],
    ["406", refusal(406, "Status can't be null"), AtlasValidationError, /406/],
    ["409", refusal(409, "The resource was modified"), AtlasApiError, /read it again/],
    ["422", refusal(422, "Email is already in use"), AtlasValidationError, /422/],
    ["500", refusal(500, "No value present"), AtlasApiError, /500 "No value present"/],
    [
      "500 without database",
      refusal(500, "Could not open JPA EntityManager for transaction"),
      AtlasApiError,
      /database/,
    ],
    ["302", { status: 302, headers: { location: "/login" } }, AtlasApiError, /base URL/],
  ])("%s", async (_what, reply, kind, message) => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(GET, reply);
    await using client = clientOf(server);
    const error = await rejection(client.workOrders.get(7), kind);
    expect(error).toBeInstanceOf(AtlasError);
    expect(error.name).toBe(kind.name);
    expect(error.message).toMatch(message);
    expect(error.details).toMatchObject({
      operation: "workOrders.get",
      method: "GET",
      path: "/work-orders/7",
      status: reply.status,
      attempts: 1,
    });
    expect(error.details.correlationId).toBe(server.requests(GET)[0]?.headers["x-request-id"]);
  });

  test("SQL and class names stay in the details", async () => {
    await using server = await ScriptedServer.start();
    const said =
      'could not execute statement [ERROR: insert or update on table "work_order"] [insert into work_order (…)]; SQL […]';
    server.on(SIGN_IN, signedIn).on("POST /work-orders", refusal(500, said));
    await using client = clientOf(server);
    const error = await rejection(client.workOrders.create({ title: "Fix", asset: 9999 }), AtlasApiError);
    expect(error.message).not.toMatch(/insert|SQL/);
    expect(error.message).toContain("check the input");
    expect(error.details.serverMessage).toBe(said);
  });

  test.each([
    ["a page of HTML", "<html><h1>502 Bad Gateway</h1></html>"],
    ["JSON without a message", '{"errors":["title is too long"]}'],
  ])("%s stays in the details, whole", async (_what, text) => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(GET, { status: 500, text });
    await using client = clientOf(server);
    const error = await rejection(client.workOrders.get(7), AtlasApiError);
    expect(error.details.serverMessage).toBe(text);
    expect(error.message).not.toMatch(/html|errors/);
  });

  test("a long text made to keep the client busy does not", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(GET, { status: 500, text: "a.".repeat(32_768) });
    await using client = clientOf(server);
    const started = performance.now();
    await rejection(client.workOrders.get(7), AtlasApiError);
    // The patterns over all of it would take seconds.
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  test.each([
    [
      403,
      "You need a license to add a new work order. Free Limit of 30 incomplete work orders reached",
      { what: "incomplete work orders", max: 30 },
    ],
    [403, "You need a license to add a new asset. Free Limit reached: 50", { what: "assets", max: 50 }],
    [
      500,
      "Cannot create more users than the free license allows: 5. Refer to https://…",
      { what: "enabled users with a paid role", max: 5 },
    ],
    [
      403,
      "You need a license to add a child asset to another asset.",
      { what: "add a child asset to another asset" },
    ],
    [403, "You need a license to create another company", { what: "create another company" }],
  ])("%i %s is a limit of the licence", async (status, said, limit) => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on("POST /assets", refusal(status, said));
    await using client = clientOf(server);
    const error = await rejection(client.assets.create({ name: "Pump" }), AtlasLicenseError);
    expect(error.limit).toEqual(limit);
    expect(error).toBeInstanceOf(AtlasPermissionError);
    expect(error.message).toContain("Without a licence");
  });

  test.each([
    [406, "You are not allowed to create an account without being invited", AtlasPermissionError],
    [406, "You are not invited to this organization for this role", AtlasPermissionError],
    [406, MAIL, AtlasPermissionError],
    [500, "Index 0 out of bounds for length 0", AtlasPermissionError],
    [422, "Email is already in use", AtlasValidationError],
    [400, "Password is too common. Please choose a more unique password", AtlasValidationError],
  ])("a sign-up refused with %i %s", async (status, said, kind) => {
    await using server = await ScriptedServer.start();
    server.on("POST /auth/signup", refusal(status, said));
    await using client = clientOf(server);
    const person = { email: "x@y.test", password: "Corr3ct-horse-9" };
    const error = await rejection(client.signUpOrganisation({ ...person, companyName: "Acme" }), kind);
    expect(error.status).toBe(status);
    expect(server.received[0]?.headers.authorization).toBeUndefined();
    expect(server.received[0]?.body).not.toHaveProperty("role");
  });
});

describe("an answer that is not what the API gives", () => {
  test.each<[string, Reply, RegExp]>([
    [
      "an unknown status",
      { json: workOrder({ status: "CANCELLED" }) },
      /status should be one of OPEN, IN_PROGRESS, ON_HOLD, COMPLETE but is CANCELLED/,
    ],
    ["a missing title", { json: workOrder({ title: undefined }) }, /title should be string but is missing/],
    ["a bad date", { json: workOrder({ dueDate: "tomorrow" }) }, /dueDate should be a date but is text/],
    ["a list in place of a record", { json: [] }, /\$ should be object but is a list/],
    [
      "a web page",
      { text: "<!doctype html>", headers: { "content-type": "text/html" } },
      /\$ should be JSON but is text\/html.*Check the base URL/,
    ],
    ["nothing", { text: "" }, /\$ should be JSON but is empty/],
  ])("%s is an AtlasSchemaError that says where", async (_what, reply, message) => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, signedIn).on(GET, reply);
    await using client = clientOf(server);
    const error = await rejection(client.workOrders.get(7), AtlasSchemaError);
    expect(error.message).toMatch(message);
    expect(error.mismatch?.path).toBeDefined();
  });

  test("does not show a token", async () => {
    await using server = await ScriptedServer.start();
    server.on(SIGN_IN, { json: { accessToken: ["secret-token-value"], expiresAt: "2026-12-01T10:00:00Z" } });
    await using client = clientOf(server);
    const error = await rejection(client.signIn(), AtlasSchemaError);
    expect(error.message).toContain("accessToken should be string but is a list");
    expect(JSON.stringify(error)).not.toContain("secret-token-value");
  });
});

describe("inputs are checked before anything is sent", () => {
  test.each<[string, (client: ReturnType<typeof clientOf>) => Promise<unknown>, RegExp]>([
    [
      "an unknown priority",
      (client) => client.workOrders.create({ title: "x", priority: "EXTREME" as "HIGH" }),
      /priority/,
    ],
    [
      "an unknown status",
      (client) => client.workOrders.list({ status: "CANCELLED" as "COMPLETE" }),
      /status/,
    ],
    ["no status", (client) => client.workOrders.list({ status: [] }), /at least one/],
    ["a bad date", (client) => client.workOrders.create({ title: "x", dueDate: "tomorrow" }), /dueDate/],
    ["a bad id", (client) => client.workOrders.get(Number.NaN), /numeric id/],
    ["an id of 0", (client) => client.assets.get(0), /positive/],
    ["an empty title", (client) => client.workOrders.create({ title: " " }), /title must not be empty/],
    [
      "a title too long when stored",
      (client) => client.workOrders.create({ title: "&".repeat(60) }),
      /title is too long/,
    ],
    [
      "an unknown field",
      (client) => client.workOrders.update(1, { status: "COMPLETE" } as Record<string, string>),
      /Unrecognized key: "status"/,
    ],
    ["a page size of 0", (client) => client.assets.list({ pageSize: 0 }), /pageSize/],
    [
      "a short password",
      (client) => client.users.create({ email: "x@y.test", password: "short", role: "TECHNICIAN" }),
      /at least 12/,
    ],
    [
      "a bad address",
      (client) => client.users.invite({ emails: ["nobody"], role: 4 }),
      /emails\.0 must be an email address/,
    ],
  ])("%s", async (_what, call, message) => {
    await using server = await ScriptedServer.start();
    await using client = clientOf(server);
    const error = await rejection(call(client), AtlasValidationError);
    expect(error.message).toMatch(message);
    expect(error.status).toBeUndefined();
    expect(error.fieldErrors.length).toBeGreaterThan(0);
    expect(server.received).toEqual([]);
  });

  test("all faults are named at once", async () => {
    await using server = await ScriptedServer.start();
    await using client = clientOf(server);
    const wrong = { title: "", dueDate: "tomorrow", estimatedDuration: -1 };
    const error = await rejection(client.workOrders.create(wrong), AtlasValidationError);
    expect(error.fieldErrors.map(({ name }) => name).sort()).toEqual([
      "dueDate",
      "estimatedDuration",
      "title",
    ]);
  });
});

test("request() resolves with any status and can go out as nobody", async () => {
  await using server = await ScriptedServer.start();
  server
    .on("GET /roles", refusal(403, "Forbidden"))
    .on("POST /auth/signup", refusal(406, "no"))
    .on(SIGN_IN, signedIn);
  await using client = clientOf(server);
  const answer = await client.request({ method: "GET", path: "/roles", query: { a: "b c" } });
  expect(answer).toMatchObject({ status: 403, ok: false, body: { message: "Forbidden" } });
  expect(server.requests("GET /roles")[0]?.path).toBe("/roles?a=b+c");
  const probe = await client.request({ method: "POST", path: "/auth/signup", body: { a: 1 }, as: "nobody" });
  expect(probe.status).toBe(406);
  expect(server.requests("POST /auth/signup")[0]?.headers.authorization).toBeUndefined();
});

test("a sign-in that fails tells about the sign-in, not about the call that needed it", async () => {
  await using server = await ScriptedServer.start();
  server.on(SIGN_IN, refusal(403, "Invalid credentials")).on(ME, { json: asset() });
  await using client = clientOf(server);
  const error = await rejection(client.me(), AtlasAuthError);
  expect(error.details).toMatchObject({ operation: "session.signIn", path: "/auth/signin" });
});
