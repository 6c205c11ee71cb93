import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AtlasError,
  AtlasNotFoundError,
  AtlasPermissionError,
  AtlasValidationError,
  type User,
} from "../../client/index.ts";
import { newClient, options, rejection } from "./atlas.ts";

/*
 * Users cannot be deleted over the API and invitations stay, so nothing here invites or signs up somebody new.
 */

const client = newClient();
const PASSWORD = "Corr3ct-horse-battery-9";
const signUpIsClosed = process.env.ATLAS_SIGN_UP_CLOSED === "true";

let me: User;

beforeAll(async () => {
  me = await client.me();
});

afterAll(() => client.close());

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

test("creating a user who is there already gives that user", async () => {
  const created = await client.users.create({ email: options.email, password: PASSWORD, role: "REQUESTER" });
  expect(created).toMatchObject({ created: false, user: { id: me.id, role: { code: "ADMIN" } } });
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
    await expect(client.users.signUp({ ...stranger, role: 1 })).rejects.toBeInstanceOf(AtlasPermissionError);
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
