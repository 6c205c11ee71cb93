import { describe, expect, it } from "vitest";
import { readSettings } from "../../../sandbox/atlas/env.ts";
import { signingKey } from "../../../sandbox/atlas/jwt-key.ts";
import { isBucketName } from "../../../sandbox/atlas/storage.ts";

const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString("base64");

const minimal: Record<string, string> = {
  DB_URL: "postgres/atlas",
  DB_USER: "u",
  DB_PWD: "p",
  JWT_SECRET_KEY: base64(32),
  PUBLIC_API_URL: "http://localhost:8080/api",
  PUBLIC_FRONT_URL: "http://localhost:8080",
  STORAGE_TYPE: "minio",
  MAIL_RECIPIENTS: "",
};

describe("JWT_SECRET_KEY", () => {
  it.each([
    [32, "HS256"],
    [47, "HS256"],
    [48, "HS384"],
    [64, "HS512"],
  ])("of %i bytes signs with %s", (bytes, algorithm) => {
    expect(signingKey(base64(bytes)).algorithm).toBe(algorithm);
  });

  it("takes 64 hex digits as the base64 of 48 bytes", () => {
    expect(signingKey("0a".repeat(32))).toMatchObject({ algorithm: "HS384", bytes: { length: 48 } });
  });

  it.each([
    ["", "The specified key byte array is 0 bits"],
    [base64(31), "The specified key byte array is 248 bits"],
    [`${base64(32).slice(0, -2)}-=`, "Illegal base64 character 2d"],
    [`_${base64(32)}`, "Illegal base64 character 5f"],
    [`${base64(33)}\n`, "Illegal base64 character a"],
    ["A", "Input byte[] should at least have 2 bytes"],
    ["AAAAA", "Last unit does not have enough valid bits"],
    ["AAAA=", "Input byte array has wrong 4-byte ending unit"],
    ["AA=A", "Input byte array has wrong 4-byte ending unit"],
    ["AAA=A", "Input byte array has incorrect ending byte at 4"],
  ])("refuses %j", (secret, message) => {
    expect(() => signingKey(secret)).toThrow(message);
  });

  it("does not insist on padding", () => {
    expect(signingKey(base64(32).replace("=", "")).bytes).toHaveLength(32);
  });
});

describe("the environment", () => {
  it.each(Object.keys(minimal))("must have %s", (name) => {
    const { [name]: _, ...rest } = minimal;
    expect(() => readSettings(rest)).toThrow(`Could not resolve placeholder '${name}'`);
  });

  it("has the original's defaults", () => {
    expect(readSettings(minimal)).toMatchObject({
      port: 8080,
      database: { host: "postgres", port: 5432, name: "atlas", ssl: false, acquireTimeoutMs: 30_000 },
      jwt: { lifeMs: 1_800_000, refreshLifeMs: 604_800_000 },
      invitationViaEmail: false,
      cors: true,
      ingress: { singleIngress: true },
      minio: undefined,
      apiDocs: true,
      rateLimits: { enabled: true },
    });
  });

  it("takes empty values of everything optional as absent", () => {
    const optional = [
      "SMTP_PORT",
      "SERVER_PORT",
      "ENABLE_CORS",
      "ALLOWED_ORGANIZATION_ADMINS",
      "TRUSTED_PROXY_IPS",
    ];
    const empties = Object.fromEntries(optional.map((name) => [name, ""]));
    expect(readSettings({ ...minimal, ...empties })).toEqual(readSettings(minimal));
  });

  it.each([
    ["postgres:5433/atlas", { host: "postgres", port: 5433, name: "atlas", ssl: false }],
    ["[::1]:5433/atlas", { host: "::1", port: 5433 }],
    ["db.test/atlas?sslmode=require", { name: "atlas", ssl: { rejectUnauthorized: false } }],
    ["db.test/atlas?sslmode=verify-full", { ssl: { rejectUnauthorized: true } }],
  ])("reads DB_URL %s", (url, database) => {
    expect(readSettings({ ...minimal, DB_URL: url }).database).toMatchObject(database);
  });

  it.each(["", "postgres", "jdbc:postgresql://postgres/atlas"])("refuses DB_URL %j", (url) => {
    expect(() => readSettings({ ...minimal, DB_URL: url })).toThrow("claims to not accept jdbcUrl");
  });

  it("knows two storage types, in any case", () => {
    expect(() => readSettings({ ...minimal, STORAGE_TYPE: "GCP" })).not.toThrow();
    expect(() => readSettings({ ...minimal, STORAGE_TYPE: "gpc" })).toThrow(
      /No enum constant .*StorageType\.gpc/,
    );
    expect(() => readSettings({ ...minimal, STORAGE_TYPE: "s3" })).toThrow("No enum constant");
  });

  it("has storage only when every variable of it has a value", () => {
    const names = [
      "MINIO_ENDPOINT",
      "MINIO_BUCKET",
      "MINIO_ACCESS_KEY",
      "MINIO_SECRET_KEY",
      "PUBLIC_MINIO_ENDPOINT",
    ];
    const all = { ...minimal, ...Object.fromEntries(names.map((name) => [name, "x"])) };
    expect(readSettings(all).minio).toEqual({
      endpoint: "x",
      publicEndpoint: "x",
      bucket: "x",
      accessKey: "x",
      secretKey: "x",
    });
    expect(readSettings({ ...all, PUBLIC_MINIO_ENDPOINT: "" }).minio).toBeUndefined();
  });

  it("splits the allowed admins", () => {
    const settings = readSettings({ ...minimal, ALLOWED_ORGANIZATION_ADMINS: "a@x, b@y" });
    expect(settings.allowedOrganizationAdmins).toEqual(["a@x", "b@y"]);
  });
});

describe("bucket names", () => {
  it.each([
    ["atlas-bucket", true],
    ["ab", false],
    ["Atlas", false],
    ["a..b", false],
    ["192.168.0.1", false],
    ["a".repeat(64), false],
  ])("%s: %s", (name, valid) => {
    expect(isBucketName(name)).toBe(valid);
  });
});
