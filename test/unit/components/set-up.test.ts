import { describe, expect, test } from "vitest";
import { AtlasApiError, AtlasRateLimitError } from "../../../client/index.ts";
import type { BootstrapInputs } from "../../../components/bootstrap/bootstrap.ts";
import { setUp } from "../../../components/bootstrap/set-up.ts";
import { FakeAtlas } from "./fake-atlas.ts";

const news: BootstrapInputs = {
  adminEmail: "admin@plant.example",
  adminPassword: "admin-password-1",
  superAdminPassword: "super-password-1",
  organization: "Plant 1",
  backend: "b",
  postgres: "p",
  ingress: "i",
  databaseId: "1",
};
const superAdmin = "superadmin@test.com";
const passwordOf = (atlas: FakeAtlas, email: string) => atlas.accounts.get(email)?.password;

/** Atlas as a first bootstrap leaves it. */
async function deployed(): Promise<FakeAtlas> {
  const atlas = new FakeAtlas();
  await setUp(atlas.connect, news);
  atlas.changes.length = 0;
  return atlas;
}

/** What a bootstrap is refused with. */
async function refusal(atlas: FakeAtlas, inputs: BootstrapInputs, olds?: BootstrapInputs): Promise<Error> {
  const result = await setUp(atlas.connect, inputs, olds).catch((error: unknown) => error);
  expect(atlas.open).toBe(0);
  if (result instanceof Error) return result;
  throw new Error(`not refused: ${JSON.stringify(result)}`);
}

describe("a fresh database", () => {
  test("gets an organisation with its administrator and a super administrator of ours", async () => {
    const atlas = new FakeAtlas();
    expect(await setUp(atlas.connect, news)).toEqual({
      organization: "founded",
      superAdmin: "password replaced",
      otherSuperAdmins: [],
    });
    // The well-known password goes first.
    expect(atlas.changes).toEqual([`password of ${superAdmin}`, "sign-up of admin@plant.example"]);
    expect(passwordOf(atlas, superAdmin)).toBe("super-password-1");
    expect(passwordOf(atlas, "admin@plant.example")).toBe("admin-password-1");
    expect(atlas.organisations).toEqual(["Plant 1"]);
    expect(atlas.open).toBe(0);
  });

  test("that replaces an older one is treated like any other", async () => {
    const atlas = new FakeAtlas();
    const result = await setUp(atlas.connect, { ...news, databaseId: "2" }, news);
    expect(result).toMatchObject({ organization: "founded", superAdmin: "password replaced" });
    expect(passwordOf(atlas, superAdmin)).toBe("super-password-1");
  });
});

describe("a second run", () => {
  test.each([
    ["after a new database container", news],
    ["without any memory of the first", undefined],
  ])("changes nothing, %s", async (_, olds) => {
    const atlas = await deployed();
    expect(await setUp(atlas.connect, news, olds)).toEqual({
      organization: "found",
      superAdmin: "password already ours",
      otherSuperAdmins: [],
    });
    expect(atlas.changes).toEqual([]);
    expect(atlas.open).toBe(0);
  });

  test("goes on after a crash between the super administrator and the administrator", async () => {
    const atlas = new FakeAtlas();
    atlas.failure = new AtlasApiError("the connection broke", { outcome: "unknown" });
    expect((await refusal(atlas, news)).message).toBe("the connection broke");
    expect(passwordOf(atlas, superAdmin)).toBe("super-password-1");
    expect(await setUp(atlas.connect, news)).toMatchObject({
      organization: "founded",
      superAdmin: "password already ours",
    });
    expect(atlas.organisations).toEqual(["Plant 1"]);
  });

  test("does not found a second organisation when only its name in the configuration is another", async () => {
    const atlas = await deployed();
    expect(await setUp(atlas.connect, { ...news, organization: "Plant 2" }, news)).toMatchObject({
      organization: "found",
    });
    expect(atlas.organisations).toEqual(["Plant 1"]);
  });
});

describe("the super administrator", () => {
  test("whose owner changed the password is left alone", async () => {
    const atlas = await deployed();
    atlas.accounts.set(superAdmin, { password: "the owner's own", roleType: "ROLE_SUPER_ADMIN" });
    expect(await setUp(atlas.connect, news, news)).toMatchObject({
      superAdmin: "password changed by its owner",
      otherSuperAdmins: [],
    });
    expect(atlas.changes).toEqual([]);
    expect(passwordOf(atlas, superAdmin)).toBe("the owner's own");
  });

  test("who comes back with the well-known password is closed again", async () => {
    const atlas = await deployed();
    atlas.accounts.set(superAdmin, { password: "pls_change_me", roleType: "ROLE_SUPER_ADMIN" });
    expect(await setUp(atlas.connect, news, news)).toMatchObject({ superAdmin: "password replaced" });
    expect(passwordOf(atlas, superAdmin)).toBe("super-password-1");
  });

  test("is not alone: the others are named, sorted, and nothing is done to them", async () => {
    const atlas = FakeAtlas.with({
      "zoe@stranger.example": { password: "x", roleType: "ROLE_SUPER_ADMIN" },
      "adam@stranger.example": { password: "x", roleType: "ROLE_SUPER_ADMIN" },
    });
    expect((await setUp(atlas.connect, news)).otherSuperAdmins).toEqual([
      "adam@stranger.example",
      "zoe@stranger.example",
    ]);
    expect(atlas.changes).toEqual([`password of ${superAdmin}`, "sign-up of admin@plant.example"]);
  });
});

describe("rotated passwords", () => {
  const rotated = { ...news, adminPassword: "admin-password-2", superAdminPassword: "super-password-2" };

  test("are changed from the old ones", async () => {
    const atlas = await deployed();
    expect(await setUp(atlas.connect, rotated, news)).toEqual({
      organization: "found",
      superAdmin: "password replaced",
      otherSuperAdmins: [],
    });
    expect(atlas.changes).toEqual([`password of ${superAdmin}`, "password of admin@plant.example"]);
    expect(passwordOf(atlas, superAdmin)).toBe("super-password-2");
    expect(passwordOf(atlas, "admin@plant.example")).toBe("admin-password-2");
  });

  test("one at a time", async () => {
    const atlas = await deployed();
    await setUp(atlas.connect, { ...news, adminPassword: "admin-password-2" }, news);
    expect(atlas.changes).toEqual(["password of admin@plant.example"]);
  });

  test("that were changed just before a crash are found changed", async () => {
    const atlas = await deployed();
    await setUp(atlas.connect, rotated, news);
    atlas.changes.length = 0;
    expect(await setUp(atlas.connect, rotated, news)).toMatchObject({
      organization: "found",
      superAdmin: "password already ours",
    });
    expect(atlas.changes).toEqual([]);
  });
});

describe("an administrator who cannot be had", () => {
  test("exists with another password: the error says what to do, and nothing is founded", async () => {
    const atlas = FakeAtlas.with({
      "admin@plant.example": { password: "chosen by a person", roleType: "ROLE_CLIENT" },
    });
    const { message } = await refusal(atlas, news);
    expect(message).toContain("admin@plant.example exists in Atlas already");
    expect(message).toContain("next: pulumi config set --secret atlas:adminPassword");
    expect(message).not.toMatch(/admin-password-1|super-password-1/);
    expect(atlas.organisations).toEqual([]);
    expect(passwordOf(atlas, "admin@plant.example")).toBe("chosen by a person");
  });

  test("has another address than before: no second organisation, and both ways out are named", async () => {
    const atlas = await deployed();
    const { message } = await refusal(atlas, { ...news, adminEmail: "new@plant.example" }, news);
    expect(message).toContain("atlas:adminEmail was admin@plant.example and is new@plant.example now");
    expect(message).toContain("pulumi config set atlas:adminEmail admin@plant.example");
    expect(message).toContain("pulumi config set --secret atlas:adminPassword");
    expect(message).not.toMatch(/admin-password-1|super-password-1/);
    expect(atlas.changes).toEqual([]);
    expect(atlas.organisations).toEqual(["Plant 1"]);
  });

  test("has another address, and has been invited there: taken as found", async () => {
    const atlas = await deployed();
    atlas.accounts.set("new@plant.example", { password: "chosen-password", roleType: "ROLE_CLIENT" });
    const invited = { ...news, adminEmail: "new@plant.example", adminPassword: "chosen-password" };
    expect(await setUp(atlas.connect, invited, news)).toMatchObject({ organization: "found" });
    expect(atlas.changes).toEqual([]);
  });

  test("is new to an installation of other people: no second organisation, they are named", async () => {
    const atlas = FakeAtlas.with({
      "boss@plant.example": { password: "chosen by a person", roleType: "ROLE_CLIENT" },
    });
    const { message } = await refusal(atlas, news);
    expect(message).toContain("holds an Atlas installation with people (boss@plant.example)");
    expect(message).toContain("pulumi config set atlas:adminEmail ADDRESS");
    expect(atlas.organisations).toEqual([]);
  });

  test("is new to an installation that nobody can look into: no second organisation", async () => {
    const atlas = FakeAtlas.with({
      [superAdmin]: { password: "the owner's own", roleType: "ROLE_SUPER_ADMIN" },
    });
    const { message } = await refusal(atlas, news);
    expect(message).toContain("with a super administrator of its own");
    expect(atlas.organisations).toEqual([]);
  });

  test("may not sign up: Atlas' reason is passed on", async () => {
    const atlas = new FakeAtlas();
    atlas.signUpOpen = false;
    expect((await refusal(atlas, news)).message).toMatch(
      /^Atlas refused to found the organisation of admin@plant\.example: .*406 Please enable mails/,
    );
  });
});

test.each([
  new AtlasApiError("Atlas does not answer", {}),
  new AtlasRateLimitError("too many requests", { status: 429 }),
])("trouble that is no refusal of a password is not taken for one: $name", async (trouble) => {
  const atlas = new FakeAtlas();
  const connect: typeof atlas.connect = (options) =>
    Object.assign(atlas.connect(options), { signIn: () => Promise.reject(trouble) });
  await expect(setUp(connect, news)).rejects.toBe(trouble);
  expect(atlas.changes).toEqual([]);
  expect(atlas.open).toBe(0);
});
