import { describe, expect, test } from "vitest";
import { json } from "./configuration.ts";
import { secrets, servicesOf } from "./deployment-services.ts";

describe("what runs", () => {
  const all = ["backend", "frontend", "ingress", "postgres", "storage"];

  test("is everything by default", () => {
    expect(Object.keys(servicesOf()).toSorted()).toEqual(all);
  });

  test("is all but the object store without it", () => {
    expect(Object.keys(servicesOf({ storage: "false" })).toSorted()).toEqual(all.slice(0, 4));
  });

  test.each(Object.entries(servicesOf()))("%s carries its own name", (name, service) => {
    expect(service?.name).toBe(name);
  });
});

test("the front end gets its API's address, every variable that its start replaces, and one's own", () => {
  const { frontend } = servicesOf({
    publicUrl: "http://cmms.plant.example:81",
    frontendEnv: json({ GOOGLE_KEY: "key", ENABLE_SSO: true }),
  });
  expect(frontend).toMatchObject({ volumes: [], ports: [], networks: ["web"], hosts: [], files: [] });
  expect(frontend.env).toEqual({
    API_URL: "http://cmms.plant.example:81/api",
    NODE_ENV: "production",
    INVITATION_VIA_EMAIL: "true",
    CLOUD_VERSION: "false",
    ENABLE_SSO: "true",
    GOOGLE_KEY: "key",
    GOOGLE_TRACKING_ID: " ",
    OAUTH2_PROVIDER: " ",
    LOGO_PATHS: " ",
    CUSTOM_COLORS: " ",
    BRAND_CONFIG: " ",
    DEMO_LINK: " ",
  });
});

describe("PostgreSQL", () => {
  test("keeps its data, on the data network only, as its own user", () => {
    expect(servicesOf().postgres).toMatchObject({
      user: "postgres",
      env: {
        POSTGRES_DB: "atlas",
        POSTGRES_USER: "atlas",
        POSTGRES_PASSWORD: secrets.databasePassword,
        POSTGRES_INITDB_ARGS: "--data-checksums",
        PGDATA: "/var/lib/postgresql/data/pgdata",
      },
      volumes: [{ name: "postgres", path: "/var/lib/postgresql/data" }],
      networks: ["data"],
      capabilities: [],
    });
  });

  test("is published on 127.0.0.1 alone, whatever the public name is", () => {
    for (const publicUrl of ["http://localhost:8080", "http://cmms.plant.example"])
      expect(servicesOf({ publicUrl, postgresPort: "6000" }).postgres.ports).toEqual([
        { address: "127.0.0.1", published: 6000, target: 5432 },
      ]);
  });

  test("is not published at port 0", () => {
    expect(servicesOf({ postgresPort: "0" }).postgres.ports).toEqual([]);
  });

  test("stops by a fast shutdown with time for a checkpoint", () => {
    expect(servicesOf().postgres.stop).toEqual({ signal: "SIGINT", graceSeconds: 60 });
  });

  test("takes the state's password before it starts, as its own process", () => {
    const [shell, flag, script] = servicesOf().postgres.entrypoint ?? [];
    expect([shell, flag]).toEqual(["sh", "-c"]);
    expect(script).toMatch(/PG_VERSION/);
    expect(script).toMatch(/\n {2}exec docker-entrypoint.sh postgres\n/);
    expect(script).not.toContain(secrets.databasePassword);
  });

  test("frees a migration lock whose holder is gone, with every probe", () => {
    const { shell } = servicesOf().postgres.healthcheck;
    expect(shell).toMatch(/to_regclass\('databasechangeloglock'\) is not null/);
    expect(shell).toMatch(
      /set locked = false, lockgranted = null, lockedby = null\s+where locked and not exists/,
    );
    expect(shell).toMatch(/backend_start at time zone 'UTC' <= lockgranted/);
    expect(shell).not.toContain(secrets.databasePassword);
  });
});

test("the object store keeps its data, and only the proxy and the backend reach it", () => {
  expect(servicesOf().storage).toMatchObject({
    command: ["server", "/data", "--address", ":9000"],
    env: { MINIO_ROOT_USER: "atlas", MINIO_ROOT_PASSWORD: secrets.storagePassword, MINIO_BROWSER: "off" },
    volumes: [{ name: "storage", path: "/data" }],
    ports: [],
    networks: ["web", "data"],
    capabilities: [],
    stop: { signal: "SIGTERM", graceSeconds: 20 },
  });
});

describe("each service", () => {
  const services = Object.values(servicesOf({ publicUrl: "http://cmms.plant.example" })).filter(
    (service) => service !== undefined,
  );

  test.each(services)("$name has a limit, a probe, time to start and time to stop", (service) => {
    expect(service.memoryMiB).toBeGreaterThanOrEqual(128);
    const { intervalSeconds, timeoutSeconds, retries, startPeriodSeconds, shell } = service.healthcheck;
    expect(shell).not.toBe("");
    expect(timeoutSeconds).toBeLessThan(intervalSeconds);
    expect(retries).toBeGreaterThan(1);
    expect(startPeriodSeconds).toBeGreaterThanOrEqual(30);
    expect(service.stop.graceSeconds).toBeGreaterThanOrEqual(15);
  });

  test("holds only the capabilities that its start needs, in the form in which the engine gives them back", () => {
    expect(Object.fromEntries(services.map(({ name, capabilities }) => [name, capabilities]))).toEqual({
      postgres: [],
      backend: [],
      frontend: ["CAP_CHOWN", "CAP_SETGID", "CAP_SETUID"],
      ingress: ["CAP_NET_BIND_SERVICE"],
      storage: [],
    });
  });

  test("has a volume exactly where it keeps data", () => {
    expect(services.filter(({ volumes }) => volumes.length > 0).map(({ name }) => name)).toEqual([
      "postgres",
      "storage",
    ]);
  });

  test("holds no secret outside its environment", () => {
    for (const { env, ...rest } of services) {
      expect(json(rest)).not.toMatch(/-secret/);
      expect(Object.keys(env)).not.toEqual([]);
    }
  });

  test("knows only the secrets that it needs", () => {
    const known = Object.fromEntries(
      services.map(({ name, env }) => [
        name,
        Object.values(env).filter((value) => Object.values(secrets).includes(String(value))),
      ]),
    );
    expect(known).toEqual({
      postgres: ["db-secret"],
      backend: ["db-secret", "jwt-secret", "storage-secret"],
      frontend: [],
      ingress: [],
      storage: ["storage-secret"],
    });
  });

  test("takes the memory that is configured", () => {
    const memory = { postgres: 1001, backend: 1002, frontend: 1003, storage: 1004, ingress: 1005 };
    const limited = Object.values(servicesOf({ memory: json(memory) }));
    expect(Object.fromEntries(limited.map((service) => [service?.name, service?.memoryMiB]))).toEqual(memory);
  });
});
