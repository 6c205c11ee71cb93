import { describe, expect, it } from "vitest";
import { passwordFault } from "../../../sandbox/atlas/auth/passwords.ts";
import {
  canDelete,
  canEdit,
  canView,
  DEFAULT_ROLES,
  type Role,
} from "../../../sandbox/atlas/auth/permissions.ts";
import { isRevoked } from "../../../sandbox/atlas/auth/tokens.ts";
import { JsonObject } from "../../../sandbox/atlas/http/json-object.ts";
import { findRoute, isPublicPath, route } from "../../../sandbox/atlas/http/router.ts";

describe("request bodies", () => {
  const body = new JsonObject({
    n: "5",
    ref: { id: 3, name: "x" },
    bare: 3,
    none: {},
    list: [{ id: 1 }],
    e: "LOW",
  });

  it("are coerced where Jackson coerces", () => {
    expect(body.number("n")).toBe(5);
    expect(body.text("bare")).toBe("3");
    expect(body.text("missing")).toBeNull();
    expect(body.reference("ref", "Asset")).toBe(3);
    expect(body.references("list", "User")).toEqual([1]);
    expect(body.constant("e", "Priority", ["NONE", "LOW"])).toBe("LOW");
  });

  it("are refused otherwise", () => {
    expect(() => body.reference("bare", "Asset")).toThrow("JSON parse error");
    expect(() => body.reference("none", "Asset")).toThrow("The given id must not be null");
    expect(() => body.constant("e", "Status", ["OPEN"])).toThrow("not one of the values accepted");
    expect(() => body.text("ref")).toThrow("JSON parse error");
    expect(() => JsonObject.parse("{", "X")).toThrow("JSON parse error");
    expect(() => JsonObject.parse("[]", "X")).toThrow("JSON parse error");
    expect(() => JsonObject.parse("", "X")).toThrow("Required request body is missing");
  });
});

describe("routes", () => {
  const handle = async () => ({ status: 200, body: undefined, headers: {} });
  const routes = [
    route("GET", "/auth/me", "signed-in", handle),
    route("GET", "/auth/:username", "super", handle),
    route("PATCH", "/users/:id/role", "client", handle),
  ];

  it("prefer literal segments", () => {
    expect(findRoute(routes, "GET", "/auth/me")).toMatchObject({ route: { path: "/auth/me" } });
    expect(findRoute(routes, "HEAD", "/auth/a%40b")).toMatchObject({ parameters: { username: "a@b" } });
  });

  it("tell a wrong method from nothing at all", () => {
    expect(findRoute(routes, "PUT", "/users/1/role").kind).toBe("wrong method");
    expect(findRoute(routes, "GET", "/users/1/role/").kind).toBe("nothing");
  });

  it.each([
    ["/health-check", true],
    ["/auth/signin", true],
    ["/v3/api-docs", true],
    ["/images/logo.png", true],
    ["/requests/portal/0b1c", true],
    ["/auth/me", false],
    ["/actuator/health", false],
    ["/health-check/x", false],
  ])("%s is public: %s", (path, isPublic) => {
    expect(isPublicPath(path)).toBe(isPublic);
  });
});

describe("passwords", () => {
  const policy = { minLength: 12, maxLength: 128, refuseCommon: true };

  it.each([
    ["elevenchars", "at least 12"],
    ["x1".repeat(65), "at most 128"],
    ["Password12345", "too common"],
    ["aaaaaaaaaaaaaaaa", "too common"],
  ])("%s: %s", (password, message) => {
    expect(passwordFault(password, policy)).toContain(message);
  });

  it("need no classes of characters", () => {
    expect(passwordFault("correct horse battery", policy)).toBeUndefined();
    expect(passwordFault("password12345", { ...policy, refuseCommon: false })).toBeUndefined();
  });
});

describe("sessions", () => {
  const token = { email: "a@b", issuedAt: new Date("2026-11-21T10:00:05.000Z") };

  it.each([
    ["2026-11-21T10:00:05.001Z", true],
    ["2026-11-21T10:00:05.000Z", false],
    ["2026-11-21T10:00:04.999Z", false],
  ])("a token of second 5 is revoked by an end at %s: %s", (end, revoked) => {
    expect(isRevoked(token, new Date(end))).toBe(revoked);
  });
});

describe("permissions", () => {
  const actor = (code: string) => {
    const role = DEFAULT_ROLES.find((known) => known.code === code);
    if (!role) throw new Error(code);
    return { id: 1, role: { ...role, id: 0, roleType: "ROLE_CLIENT", companyId: null } satisfies Role };
  };
  const own = { createdBy: 1, assignees: [] };
  const assigned = { createdBy: 2, assignees: [1] };
  const others = { createdBy: 2, assignees: [] };

  it("let a technician change what it made or was given, and delete only what it made", () => {
    const technician = actor("TECHNICIAN");
    const verdicts = [own, assigned, others].map((record) => [
      canView(technician, "WORK_ORDERS", record),
      canEdit(technician, "WORK_ORDERS", record),
      canDelete(technician, "WORK_ORDERS", record),
    ]);
    expect(verdicts).toEqual([
      [true, true, true],
      [true, true, false],
      [true, false, false],
    ]);
  });

  it("let only the administrator delete what others made", () => {
    const deleters = DEFAULT_ROLES.filter(({ code }) => canDelete(actor(code), "ASSETS", others));
    expect(deleters.map(({ code }) => code)).toEqual(["ADMIN"]);
  });

  it("hide work orders from requesters", () => {
    expect(canView(actor("REQUESTER"), "WORK_ORDERS", own)).toBe(false);
  });
});
