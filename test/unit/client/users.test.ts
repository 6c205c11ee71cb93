import { describe, expect, test } from "vitest";
import { AtlasApiError, AtlasNotFoundError, AtlasValidationError } from "../../../client/index.ts";
import { clientOf, PASSWORD, page, ROLE, refusal, rejection, SIGN_IN, signedIn, USER } from "./fixtures.ts";
import { ScriptedServer } from "./scripted-server.ts";

describe("users", () => {
  const TECHNICIAN = { ...ROLE, id: 4, code: "TECHNICIAN", name: "Technician" };
  const tess = { ...USER, id: 5, email: "tess@acme.test", role: TECHNICIAN };
  const input = {
    email: "Tess@acme.test",
    password: PASSWORD,
    firstName: "Tess",
    role: "TECHNICIAN",
  } as const;
  const INVITE = "POST /users/invite";
  const SIGN_UP = "POST /auth/signup";

  async function serverWithRoles(): Promise<ScriptedServer> {
    const server = await ScriptedServer.start();
    return server
      .on(SIGN_IN, signedIn)
      .on("GET /roles", { json: [ROLE, TECHNICIAN] })
      .on(INVITE, { json: { success: true, message: "Users have been invited" } })
      .on(SIGN_UP, { json: { success: true, message: "token", user: tess, refreshToken: "r" } })
      .on("POST /users/search", { json: page([USER, tess]) });
  }

  test("create invites and signs up with the role's id, the latter without a session", async () => {
    await using server = await serverWithRoles();
    await using client = clientOf(server);
    await expect(client.users.create(input)).resolves.toMatchObject({ created: true, user: { id: 5 } });
    expect(server.requests(INVITE)[0]?.body).toEqual({
      role: { id: 4 },
      emails: ["tess@acme.test"],
      disableSendingEmail: true,
    });
    expect(server.requests(SIGN_UP)[0]?.body).toEqual({
      email: "tess@acme.test",
      password: PASSWORD,
      firstName: "Tess",
      lastName: "",
      phone: "",
      role: { id: 4 },
    });
    expect(server.requests(SIGN_UP)[0]?.headers.authorization).toBeUndefined();
  });

  test.each([
    ["the invitation finds the address in use", INVITE, refusal(406, "Email already in use")],
    ["the sign-up finds the address in use", SIGN_UP, refusal(422, "Email is already in use")],
    ["the sign-up's answer is lost", SIGN_UP, { fault: "reset" } as const],
  ])("create goes on where an earlier one stopped: %s", async (_what, route, reply) => {
    await using server = await serverWithRoles();
    server.on(route, reply);
    await using client = clientOf(server);
    await expect(client.users.create(input)).resolves.toMatchObject({ created: false, user: { id: 5 } });
    expect(server.requests("POST /users/search")[0]?.path).toContain("enabledOnly=false");
  });

  test("create with an address that is refused and belongs to nobody stays an error", async () => {
    await using server = await serverWithRoles();
    server.on(INVITE, refusal(406, "Email already in use")).on("POST /users/search", { json: page([USER]) });
    await using client = clientOf(server);
    await rejection(client.users.create(input), AtlasValidationError);
  });

  test("a role code that is not there is named", async () => {
    await using server = await serverWithRoles();
    await using client = clientOf(server);
    const error = await rejection(client.users.create({ ...input, role: "REQUESTER" }), AtlasNotFoundError);
    expect(error.message).toContain("REQUESTER");
    expect(server.count(INVITE)).toBe(0);
  });

  test("a sign-up that needs a mail first says so", async () => {
    await using server = await serverWithRoles();
    server.on(SIGN_UP, {
      json: { success: true, message: "Check your mail", user: null, refreshToken: null },
    });
    await using client = clientOf(server);
    const error = await rejection(client.users.signUp({ ...input, role: 4 }), AtlasApiError);
    expect(error.message).toContain("Check your mail");
  });

  test("search hides disabled users unless asked for", async () => {
    await using server = await serverWithRoles();
    await using client = clientOf(server);
    await client.users.search("tess");
    await client.users.search("tess", { includeDisabled: true });
    expect(server.requests("POST /users/search").map(({ path }) => path)).toEqual([
      "/users/search?enabledOnly=true",
      "/users/search?enabledOnly=false",
    ]);
  });
});
