import { describe, expect, test } from "vitest";
import { configured, json, refused } from "./configuration.ts";

const secret = "Tr0ub4dor-and-3";

describe("a secret value is never shown", () => {
  const cases: { what: string; values: Record<string, string>; secretKeys: string[]; mend: string }[] = [
    {
      what: "a password that is too long",
      values: { adminPassword: secret.repeat(10) },
      secretKeys: ["adminPassword"],
      mend: "pulumi config set --secret atlas:adminPassword",
    },
    {
      what: "a password that is stored in the clear",
      values: { adminPassword: secret },
      secretKeys: [],
      mend: "pulumi config set --secret atlas:adminPassword",
    },
    {
      what: "a backup key that is stored in the clear",
      values: {
        backupKey: `AGE-SECRET-KEY-1${secret
          .toUpperCase()
          .replaceAll(/[^0-9A-Z]/g, "")
          .padEnd(58, "Q")
          .slice(0, 58)}`,
      },
      secretKeys: [],
      mend: "pulumi config set --secret atlas:backupKey",
    },
    {
      what: "what is no backup key",
      values: { backupKey: secret },
      secretKeys: ["backupKey"],
      mend: "pulumi config set --secret atlas:backupKey",
    },
    {
      what: "a storage's secret in the clear",
      values: {
        backupStorage: json({
          endpoint: "https://fra1.digitaloceanspaces.com",
          region: "fra1",
          bucket: "plant",
          accessKeyId: "AKID",
          secretAccessKey: secret,
        }),
      },
      secretKeys: [],
      mend: "pulumi config set --secret --path atlas:backupStorage.secretAccessKey",
    },
    {
      what: "a wrong password in the clear",
      values: { adminPassword: secret.slice(0, 9) },
      secretKeys: [],
      mend: "pulumi config set --secret atlas:adminPassword",
    },
    {
      what: "a reserved variable in an encrypted map",
      values: { backendEnv: json({ DB_PWD: secret }) },
      secretKeys: ["backendEnv"],
      mend: "pulumi config rm --path atlas:backendEnv.DB_PWD",
    },
    {
      what: "an encrypted map that is no map",
      values: { backendEnv: secret },
      secretKeys: ["backendEnv"],
      mend: "pulumi config rm atlas:backendEnv",
    },
    {
      what: "an encrypted image",
      values: { images: json({ postgres: `${secret}:1` }) },
      secretKeys: ["images"],
      mend: "pulumi config set --path atlas:images.postgres IMAGE:VERSION",
    },
    {
      what: "an encrypted address",
      values: { publicUrl: secret },
      secretKeys: ["publicUrl"],
      mend: "pulumi config set --secret atlas:publicUrl",
    },
    {
      what: "a mistyped key, which may hold one",
      values: { adminPasword: secret },
      secretKeys: [],
      mend: "pulumi config rm atlas:adminPasword",
    },
  ];

  test.each(cases)("$what", ({ values, secretKeys, mend }) => {
    const error = refused(values, secretKeys);
    expect(error.faults).toHaveLength(1);
    expect(error.faults[0]?.mend).toBe(mend);
    for (const part of [secret, secret.slice(0, 9)]) {
      expect(error.message).not.toContain(part);
      expect(json(error.faults)).not.toContain(part);
    }
  });
});

describe("an administrator's password of one's own", () => {
  test("is taken where it is encrypted", () => {
    expect(configured({ adminPassword: secret }, { secretKeys: ["adminPassword"] }).adminPassword).toBe(
      secret,
    );
  });

  test.each(["x".repeat(12), "x".repeat(128)])("has 12 to 128 characters", (password) => {
    expect(configured({ adminPassword: password }, { secretKeys: ["adminPassword"] }).adminPassword).toBe(
      password,
    );
  });

  test.each([
    ["x".repeat(11), /too short.*12 to 128/],
    ["x".repeat(129), /too long.*12 to 128/],
  ])("and no other number of them", (password, reason) => {
    expect(refused({ adminPassword: password }, ["adminPassword"]).faults[0]?.reason).toMatch(reason);
  });

  test("is none when empty", () => {
    expect(configured({ adminPassword: "" }).adminPassword).toBeUndefined();
  });
});

test("each map knows whether it holds something encrypted", () => {
  const values = { backendEnv: json({ SMTP_PWD: secret }), frontendEnv: json({ GOOGLE_KEY: "k" }) };
  expect(configured(values).secretEnv).toEqual({ backend: false, frontend: false });
  expect(configured(values, { secretKeys: ["backendEnv"] }).secretEnv).toEqual({
    backend: true,
    frontend: false,
  });
  expect(configured(values, { secretKeys: ["frontendEnv"] }).secretEnv).toEqual({
    backend: false,
    frontend: true,
  });
});
