import { beforeAll, describe, expect, test } from "vitest";
import {
  AtlasError,
  AtlasNotFoundError,
  AtlasPermissionError,
  AtlasValidationError,
  type User,
} from "../../client/index.ts";
import { client, newClient, options, rejection, titled } from "./atlas.ts";

describe("users", () => {
  const PASSWORD = "Corr3ct-horse-battery-9";
  const signUpIsClosed = process.env.ATLAS_SIGN_UP_CLOSED === "true";

  let me: User;

  beforeAll(async () => {
    me = await client.me();
  });

  test("the signed-in user is an administrator and is found by its address", async () => {
    expect(me).toMatchObject({ email: options.email.toLowerCase(), role: { code: "ADMIN" }, enabled: true });
    const { content } = await client.users.search(options.email);
    expect(content.map(({ id }) => id)).toContain(me.id);
  });

  test("the default roles are there", async () => {
    const codes = (await client.roles.list()).map(({ code }) => code);
    for (const code of [
      "ADMIN",
      "LIMITED_ADMIN",
      "TECHNICIAN",
      "LIMITED_TECHNICIAN",
      "VIEW_ONLY",
      "REQUESTER",
    ]) {
      expect(codes).toContain(code);
    }
  });

  test("creating a user who is there already gives that user, as it is", async () => {
    const created = await client.users.create({
      email: options.email,
      password: PASSWORD,
      role: "REQUESTER",
    });
    expect(created).toMatchObject({ created: false, user: { id: me.id, role: { code: "ADMIN" } } });
  });

  test("a user is invited, signed up and found; once more gives the same one", async () => {
    const email = `contract-${Date.now()}@contract-suite.test`;
    const input = { email, password: PASSWORD, firstName: titled("requester"), role: "requester" } as const;
    const { user, created } = await client.users.create(input);
    expect(created).toBe(true);
    expect(user).toMatchObject({ email, ownsCompany: false, companyId: me.companyId, role: { paid: false } });
    await expect(client.users.create(input)).resolves.toMatchObject({
      created: false,
      user: { id: user.id },
    });

    await using theirs = newClient({ email, password: PASSWORD });
    await expect(theirs.workOrders.create({ title: titled("not allowed") })).rejects.toBeInstanceOf(
      AtlasPermissionError,
    );
    // Where Atlas refuses to delete the account, the sweep at the end disables it.
    expect((await theirs.me()).ownsCompany).toBe(false);
    await theirs.request({ method: "DELETE", path: "/auth" });
  });

  test("inviting an address in use is refused", async () => {
    const call = client.users.invite({ emails: [options.email], role: "REQUESTER" });
    await expect(call).rejects.toMatchObject({ name: "AtlasValidationError", status: 406 });
  });

  test("a role that does not exist is an AtlasNotFoundError", async () => {
    const call = client.users.invite({ emails: ["nobody@contract-suite.test"], role: 999_999_999 });
    await expect(call).rejects.toBeInstanceOf(AtlasNotFoundError);
  });

  describe("sign-up", () => {
    test("with an address in use is refused", async () => {
      const call = client.signUpOrganisation({
        email: options.email,
        password: PASSWORD,
        companyName: "Contract suite",
      });
      await expect(call).rejects.toMatchObject({ name: "AtlasValidationError", status: 422 });
    });

    test("without the needed fields is 400 and names none", async () => {
      const answer = await client.request({ method: "POST", path: "/auth/signup", body: {}, as: "nobody" });
      expect(answer).toMatchObject({
        status: 400,
        body: { success: false, message: expect.stringContaining("must not be null") },
      });
    });

    // On an open installation this would leave an organisation behind, so it must be asked for.
    test.skipIf(!signUpIsClosed)("is closed to strangers (when ATLAS_SIGN_UP_CLOSED=true)", async () => {
      const stranger = { email: `stranger-${Date.now()}@contract-suite.test`, password: PASSWORD };
      const organisation = client.signUpOrganisation({ ...stranger, companyName: "Contract suite" });
      await expect(organisation).rejects.toBeInstanceOf(AtlasPermissionError);
      await expect(client.users.signUp({ ...stranger, role: 1 })).rejects.toBeInstanceOf(
        AtlasPermissionError,
      );
    });
  });

  test("an error tells people what, why and what next, and programs the rest", async () => {
    const body = { filterFields: [{ field: "noSuchField", operation: "cn", value: "x" }] };
    const raw = await client.request({ method: "POST", path: "/work-orders/search", body });
    expect(raw).toMatchObject({ status: 400, body: { message: "Invalid search field" } });
    const error = await rejection(client.workOrders.list({ sort: { by: "noSuchField" } }));
    expect(error).toBeInstanceOf(AtlasError);
    expect(error).not.toBeInstanceOf(AtlasValidationError);
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^Could not list the work orders: Atlas answered 500 .*POST \/work-orders\/search/,
      ),
      details: { operation: "workOrders.list", status: 500, correlationId: expect.any(String) },
    });
  });
});
