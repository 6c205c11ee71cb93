import Big from "big.js";
import { describe, expect, test } from "vitest";
import { isLoopback } from "../../../components/config-schema.ts";
import { configured, json } from "./configuration.ts";

test("the administrator's address is enough", () => {
  expect(configured()).toEqual({
    publicUrl: new URL("http://localhost:8080"),
    adminEmail: "admin@plant.example",
    adminPassword: undefined,
    organization: "My organisation",
    postgresPort: 5433,
    storage: true,
    images: {},
    imageMirror: "",
    memory: {},
    backendEnv: {},
    frontendEnv: {},
    secretEnv: { backend: false, frontend: false },
    rotate: {},
    smoke: "on-change",
    namePrefix: "atlas-dev",
    budget: undefined,
    backupStorage: undefined,
    backupKey: undefined,
    keepBackups: { daily: 7, weekly: 4, monthly: 12 },
    alertWebhook: "",
    priceBookMaxAge: 120,
    droplet: undefined,
  });
});

const identity = `AGE-SECRET-KEY-1${"Q".repeat(58)}`;
const spaces = {
  endpoint: "https://fra1.digitaloceanspaces.com",
  region: "fra1",
  bucket: "plant-backups",
  accessKeyId: "AKID",
  secretAccessKey: "secret",
};

test("every key takes a value of one's own", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  expect(
    configured(
      {
        publicUrl: "http://cmms.plant.example/",
        adminEmail: "Boss@Plant.example",
        organization: "  Plant 1  ",
        postgresPort: "0",
        storage: "false",
        images: json({ postgres: `reg.example:5000/library/postgres@${digest}`, ingress: "caddy:2.11.9" }),
        imageMirror: "registry.plant.example:5000/mirror",
        memory: json({ backend: 2048, postgres: "1024" }),
        backendEnv: json({ SMTP_HOST: "mail", SMTP_PORT: 587, LDAP_ENABLED: true }),
        frontendEnv: json({ CUSTOM_COLORS: "" }),
        rotate: json({ jwt: 2, superAdmin: "1" }),
        smoke: "always",
        namePrefix: "plant-1",
        monthlyBudget: "40.50",
        warnAt: "75",
        priceBookMaxAge: "30",
        backupStorage: json(spaces),
        backupKey: identity,
        keepBackups: json({ daily: 14, monthly: "0" }),
        alertWebhook: "https://hooks.plant.example/atlas",
      },
      { secretKeys: ["backupStorage", "backupKey"] },
    ),
  ).toEqual({
    publicUrl: new URL("http://cmms.plant.example"),
    adminEmail: "boss@plant.example",
    adminPassword: undefined,
    organization: "Plant 1",
    postgresPort: 0,
    storage: false,
    images: { postgres: `reg.example:5000/library/postgres@${digest}`, ingress: "caddy:2.11.9" },
    imageMirror: "registry.plant.example:5000/mirror",
    memory: { backend: 2048, postgres: 1024 },
    backendEnv: { SMTP_HOST: "mail", SMTP_PORT: "587", LDAP_ENABLED: "true" },
    frontendEnv: { CUSTOM_COLORS: "" },
    secretEnv: { backend: false, frontend: false },
    rotate: { jwt: 2, superAdmin: 1 },
    smoke: "always",
    namePrefix: "plant-1",
    budget: { monthly: Big("40.50"), warnAt: 75 },
    priceBookMaxAge: 30,
    backupStorage: { ...spaces, prefix: "" },
    backupKey: identity,
    keepBackups: { daily: 14, weekly: 4, monthly: 0 },
    alertWebhook: "https://hooks.plant.example/atlas",
    droplet: undefined,
  });
});

test("the names of what runs follow the stack unless they are given", () => {
  expect(configured({}, { stack: "prod" }).namePrefix).toBe("atlas-prod");
  expect(configured({ namePrefix: "mine" }, { stack: "prod" }).namePrefix).toBe("mine");
});

test.each([
  json({ ENABLE_EMAIL_NOTIFICATIONS: true, SMTP_HOST: "mail" }),
  json({ ENABLE_EMAIL_NOTIFICATIONS: true, MAIL_TYPE: "SENDGRID" }),
  json({ ENABLE_EMAIL_NOTIFICATIONS: false }),
])("mail is fine with a server, with a service, and switched off: %s", (backendEnv) => {
  expect(configured({ backendEnv }).backendEnv).toHaveProperty("ENABLE_EMAIL_NOTIFICATIONS");
});

describe("which addresses stand for this machine alone", () => {
  test.each([
    ["http://localhost:8080", true],
    ["http://127.0.0.1", true],
    ["http://atlas.localhost", true],
    ["http://cmms.plant.example", false],
    ["http://localhost.plant.example", false],
    ["http://127.plant.example", false],
    ["http://mylocalhost", false],
  ])("%s: %s", (url, expected) => {
    expect(isLoopback(new URL(url))).toBe(expected);
  });
});
