import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readConfig } from "../../../components/config.ts";
import { json } from "./configuration.ts";

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
    "atlas",
    "plant",
  );
});

const inStack = (values: Record<string, string>) =>
  pulumi.runtime.setAllConfig({ "atlas:adminEmail": "admin@plant.example", ...values });

beforeEach(() => inStack({}));

test("the stack's own configuration is read; other projects' keys are not looked at", () => {
  inStack({ "atlas:postgresPort": "6000", "docker:host": "unix:///x.sock", "aws:region": "x" });
  expect(readConfig({})).toMatchObject({ postgresPort: 6000, namePrefix: "atlas-plant" });
});

test("faults end the program as an error for people, with the stack's name", () => {
  inStack({ "atlas:storage": "maybe" });
  expect(() => readConfig({})).toThrow(pulumi.RunError);
  expect(() => readConfig({})).toThrow(/^stack plant: 1 configuration fault\n {2}atlas:storage = maybe\n/);
});

test("the engine says which keys are encrypted", () => {
  inStack({ "atlas:backendEnv": json({ SMTP_PWD: "hidden-1" }), "atlas:adminPassword": "0123456789ab" });
  const env = { PULUMI_CONFIG_SECRET_KEYS: json(["atlas:backendEnv", "atlas:adminPassword"]) };
  expect(readConfig(env).secretEnv).toEqual({ backend: true, frontend: false });
});

describe("a variable overrides a key for one run", () => {
  test.each([
    [
      "ATLAS_CONFIG_PUBLIC_URL",
      "http://cmms.plant.example",
      { publicUrl: new URL("http://cmms.plant.example") },
    ],
    ["ATLAS_CONFIG_ADMIN_EMAIL", "you@plant.example", { adminEmail: "you@plant.example" }],
    ["ATLAS_CONFIG_ADMIN_PASSWORD", "0123456789ab", { adminPassword: "0123456789ab" }],
    ["ATLAS_CONFIG_ORGANIZATION", "Plant", { organization: "Plant" }],
    ["ATLAS_CONFIG_POSTGRES_PORT", "0", { postgresPort: 0 }],
    ["ATLAS_CONFIG_STORAGE", "false", { storage: false }],
    ["ATLAS_CONFIG_IMAGES", json({ ingress: "caddy:3" }), { images: { ingress: "caddy:3" } }],
    ["ATLAS_CONFIG_IMAGE_MIRROR", "mirror.example", { imageMirror: "mirror.example" }],
    ["ATLAS_CONFIG_MEMORY", json({ backend: 999 }), { memory: { backend: 999 } }],
    ["ATLAS_CONFIG_BACKEND_ENV", json({ A: "b" }), { backendEnv: { A: "b" } }],
    ["ATLAS_CONFIG_FRONTEND_ENV", json({ C: "d" }), { frontendEnv: { C: "d" } }],
    ["ATLAS_CONFIG_ROTATE", json({ admin: 3 }), { rotate: { admin: 3 } }],
    ["ATLAS_CONFIG_SMOKE", "always", { smoke: "always" }],
    ["ATLAS_CONFIG_NAME_PREFIX", "other", { namePrefix: "other" }],
  ])("%s", (name, value, expected) => {
    expect(readConfig({ [name]: value })).toMatchObject(expected);
  });

  test("against the stack's own value", () => {
    inStack({ "atlas:smoke": "always", "atlas:postgresPort": "6000" });
    expect(readConfig({ ATLAS_CONFIG_SMOKE: "on-change" })).toMatchObject({
      smoke: "on-change",
      postgresPort: 6000,
    });
  });

  test("is not taken for another key's", () => {
    expect(readConfig({ ATLAS_BACKEND_ENV: "x", CONFIG_SMOKE: "x" })).toMatchObject({ smoke: "on-change" });
  });

  test("a wrong one is named as what it is: a command would not mend it", () => {
    expect(() => readConfig({ ATLAS_CONFIG_STORAGE: "maybe" })).toThrow(/ATLAS_CONFIG_STORAGE/);
  });

  test("a map from there is kept as secret: nobody can say that it holds none", () => {
    const config = readConfig({ ATLAS_CONFIG_BACKEND_ENV: json({ SMTP_PWD: "hidden-1" }) });
    expect(config.secretEnv.backend).toBe(true);
  });
});
