// Secrets on their way through a deployment: to whom they are given, and that the engine knows them as secrets.
import { expect, test } from "vitest";
import { deployEach, type Registered } from "./deployed.ts";

const own = { PWD_OF_OURS: "canary-backend", KEY_OF_OURS: "canary-frontend" };
const config = {
  "atlas:adminPassword": "canary-administrator",
  "atlas:backendEnv": JSON.stringify({ SMTP_PWD: own.PWD_OF_OURS }),
  "atlas:frontendEnv": JSON.stringify({ GOOGLE_KEY: own.KEY_OF_OURS }),
};
const stacks = await deployEach({
  dev: {},
  encrypted: { config, secretKeys: Object.keys(config) },
  plain: { config: { "atlas:backendEnv": '{"SMTP_HOST":"mail"}' } },
  renewed: { config: { "atlas:rotate": '{"database":1,"storage":2,"jwt":3,"admin":4,"superAdmin":5}' } },
});

/** Texts below a value that are not inside a secret. */
function inTheClear(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(inTheClear);
  if (typeof value !== "object" || value === null || "secret" in value) return [];
  return Object.values(value).flatMap(inTheClear);
}
const leaks = (resources: Registered[]) =>
  resources.flatMap(({ name, inputs }) =>
    inTheClear(inputs)
      .filter((text) => /canary-|made-for-.*-secret/.test(text))
      .map((text) => `${name}: ${text}`),
  );
const holders = (resources: Registered[], text: string) =>
  resources
    .filter(({ inputs }) => JSON.stringify(inputs).includes(text))
    .map(({ name }) => name.replace("atlas-", ""));

test("generated ones reach exactly those who need them, as secrets", () => {
  const { resources, ofType } = stacks.dev;
  expect(leaks(resources)).toEqual([]);
  for (const { secretOutputs } of ofType("pulumi-nodejs:dynamic/atlas:GeneratedSecret"))
    expect(secretOutputs).toEqual(["value"]);
  expect(
    Object.fromEntries(
      ["database", "storage", "jwt", "admin", "super-admin"].map((name) => [
        name,
        holders(resources, `made-for-atlas-${name}-secret`).toSorted(),
      ]),
    ),
  ).toEqual({
    // Bootstrap and smoke check quote logs, and must know what to leave out.
    database: ["bootstrap", "host-backend", "host-postgres", "smoke"],
    storage: ["bootstrap", "host-backend", "host-storage", "smoke"],
    jwt: ["bootstrap", "host-backend", "smoke"],
    admin: ["bootstrap", "smoke"],
    "super-admin": ["bootstrap"],
  });
});

test("encrypted configuration stays secret, and one's own password takes the generated one's place", () => {
  const { resources, outputs } = stacks.encrypted;
  expect(leaks(resources)).toEqual([]);
  expect(holders(resources, own.PWD_OF_OURS).toSorted()).toEqual(["bootstrap", "host-backend", "smoke"]);
  expect(holders(resources, own.KEY_OF_OURS).toSorted()).toEqual(["bootstrap", "host-frontend", "smoke"]);
  expect(holders(resources, "canary-administrator").toSorted()).toEqual(["bootstrap", "smoke"]);
  expect(holders(resources, "made-for-atlas-admin-secret")).toEqual([]);
  expect(outputs).toMatchObject({ adminPassword: "canary-administrator", adminPasswordIsSecret: true });
});

test("plain configuration is shown: a preview says what changes", () => {
  const { named } = stacks.plain;
  expect(named("atlas-host-backend").inputs.envs).toContain("SMTP_HOST=mail");
});

test("each is made in its own form and renewed by its own counter", () => {
  const { ofType } = stacks.renewed;
  const made = ofType("pulumi-nodejs:dynamic/atlas:GeneratedSecret").map(({ name, inputs }) => [
    name,
    { form: inputs.form, length: inputs.length, rotation: inputs.rotation },
  ]);
  expect(Object.fromEntries(made)).toEqual({
    "atlas-database-secret": { form: "text", length: 32, rotation: 1 },
    "atlas-storage-secret": { form: "text", length: 32, rotation: 2 },
    // Standard base64 of at least 32 bytes, or Atlas does not start.
    "atlas-jwt-secret": { form: "base64", length: 48, rotation: 3 },
    "atlas-admin-secret": { form: "text", length: 24, rotation: 4 },
    "atlas-super-admin-secret": { form: "text", length: 24, rotation: 5 },
    // Never renewed: what it has encrypted must stay readable.
    "atlas-backup-key": { form: "age", length: 32, rotation: 0 },
    "atlas-deployment-id": { form: "text", length: 12, rotation: 0 },
  });
});
