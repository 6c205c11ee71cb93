import { expect, test } from "vitest";
import { scratchEnv } from "../../../../ops/restore/boot.ts";

const live = {
  DB_URL: "postgres/atlas",
  DB_USER: "atlas",
  DB_PWD: "live-database",
  JWT_SECRET_KEY: "live-key",
  MINIO_ACCESS_KEY: "atlas",
  MINIO_SECRET_KEY: "live-storage",
  ENABLE_EMAIL_NOTIFICATIONS: "true",
  PUBLIC_FRONT_URL: "https://atlas.example.com",
  LICENSE_KEY: "kept",
};
const storage = { container: "x-drill-storage", user: "scratch", password: "scratch-storage" };

test("nothing that opens live data, and no mail, goes into a drill", () => {
  const env = scratchEnv(live, { databasePassword: "scratch-database", storage });
  expect(JSON.stringify(env)).not.toMatch(/live-/);
  expect(env).toMatchObject({
    DB_PWD: "scratch-database",
    MINIO_SECRET_KEY: "scratch-storage",
    ENABLE_EMAIL_NOTIFICATIONS: "false",
    PUBLIC_FRONT_URL: "https://atlas.example.com",
    LICENSE_KEY: "kept",
  });
  expect(Buffer.from(env.JWT_SECRET_KEY ?? "", "base64")).toHaveLength(32);
});

test("without an object store the live one's variables stay out of it, too", () => {
  const env = scratchEnv(live, { databasePassword: "scratch-database", storage: undefined });
  expect(JSON.stringify(env)).not.toMatch(/live-/);
});
