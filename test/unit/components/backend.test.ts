import { describe, expect, test } from "vitest";
import { json } from "./configuration.ts";
import { secrets, servicesOf } from "./deployment-services.ts";

const backendOf = (values: Record<string, string> = {}) => servicesOf(values).backend;

test("every variable without which Atlas does not start is there, and none but the mail list is empty", () => {
  const { env } = backendOf();
  const needed =
    "DB_URL DB_USER DB_PWD JWT_SECRET_KEY PUBLIC_API_URL PUBLIC_FRONT_URL STORAGE_TYPE MAIL_RECIPIENTS".split(
      " ",
    );
  expect(Object.keys(env)).toEqual(expect.arrayContaining(needed));
  expect(Object.entries(env).filter(([, value]) => value === "")).toEqual([["MAIL_RECIPIENTS", ""]]);
});

test("the whole environment, by default", () => {
  expect(backendOf().env).toEqual({
    DB_URL: "postgres/atlas",
    DB_USER: "atlas",
    DB_PWD: secrets.databasePassword,
    JWT_SECRET_KEY: secrets.jwtKey,
    PUBLIC_API_URL: "http://localhost:8080/api",
    PUBLIC_FRONT_URL: "http://localhost:8080",
    STORAGE_TYPE: "minio",
    MINIO_ENDPOINT: "http://storage:9000",
    MINIO_BUCKET: "atlas-bucket",
    MINIO_ACCESS_KEY: "atlas",
    MINIO_SECRET_KEY: secrets.storagePassword,
    PUBLIC_MINIO_ENDPOINT: "http://localhost:8080/storage",
    ALLOWED_ORGANIZATION_ADMINS: "admin@plant.example",
    INVITATION_VIA_EMAIL: "true",
    MAIL_RECIPIENTS: "",
    ENABLE_EMAIL_NOTIFICATIONS: "false",
    ENABLE_MAIL_HEALTH_CHECK: "false",
    ENABLE_CORS: "false",
    SINGLE_INGRESS: "true",
    SPRINGDOC_API_DOCS_ENABLED: "false",
    SPRINGDOC_SWAGGER_UI_ENABLED: "false",
    SPRINGDOC_PRE_LOADING_ENABLED: "false",
    JAVA_OPTS: "-XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError",
  });
});

test("every address follows from the public one", () => {
  const { env } = backendOf({ publicUrl: "http://cmms.plant.example/" });
  expect(env).toMatchObject({
    PUBLIC_API_URL: "http://cmms.plant.example/api",
    PUBLIC_FRONT_URL: "http://cmms.plant.example",
    PUBLIC_MINIO_ENDPOINT: "http://cmms.plant.example/storage",
  });
  expect(json(env)).not.toContain("localhost");
});

test("without an object store Atlas is told of none: half a configuration keeps it from starting", () => {
  const backend = backendOf({ storage: "false" });
  expect(Object.keys(backend.env).filter((name) => name.includes("MINIO"))).toEqual([]);
  expect(backend.env.STORAGE_TYPE).toBe("minio");
  expect(backend.command?.[2]).not.toContain("storage");
});

test("variables of one's own are added and win over defaults", () => {
  const own = {
    SMTP_HOST: "mail",
    ENABLE_EMAIL_NOTIFICATIONS: "true",
    JAVA_OPTS: "-Xmx1g",
    SPRINGDOC_API_DOCS_ENABLED: "x",
  };
  const { env } = backendOf({ backendEnv: json(own) });
  expect(env).toMatchObject({ ...own, INVITATION_VIA_EMAIL: "true" });
});

describe("the public name leads the backend to itself", () => {
  test("where it is a name that only others know", () => {
    expect(backendOf({ publicUrl: "http://cmms.plant.example:8080" }).hosts).toEqual([
      { name: "cmms.plant.example", address: "127.0.0.1" },
    ]);
  });

  test.each(["http://localhost:8080", "http://127.0.0.1:8080"])("and by itself at %s", (publicUrl) => {
    expect(backendOf({ publicUrl }).hosts).toEqual([]);
  });
});

test("it is reached by the proxy and reaches the database, and has no door of its own", () => {
  expect(backendOf()).toMatchObject({
    networks: ["web", "data"],
    ports: [],
    volumes: [],
    files: [],
    capabilities: [],
  });
});

test("a first start has minutes for its migration, and Java time to stop", () => {
  const { healthcheck, stop, memoryMiB } = backendOf();
  expect(healthcheck.startPeriodSeconds).toBeGreaterThanOrEqual(180);
  expect(stop).toEqual({ signal: "SIGTERM", graceSeconds: 30 });
  expect(memoryMiB).toBe(1536);
});

test("the shell makes room for Java, which waits for the database and the object store", () => {
  const [shell, flag, script] = backendOf().command ?? [];
  expect([shell, flag]).toEqual(["bash", "-c"]);
  expect(script).toContain("for address in postgres/5432 storage/9000; do");
  expect(script).toMatch(
    /\nexec java --add-opens=java.base\/java.lang=ALL-UNNAMED \$JAVA_OPTS -jar \/app\/my-spring-boot-app.jar$/,
  );
});
