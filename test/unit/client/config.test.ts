import { describe, expect, test } from "vitest";
import { AtlasClient, AtlasConfigError, optionsFromEnv, type WorkOrder } from "../../../client/index.ts";
import { EMAIL, PASSWORD, rejection } from "./fixtures.ts";

const KEY = "key-5f1d2c-canary";

const good = {
  ATLAS_BASE_URL: "http://localhost:8080/api",
  ATLAS_EMAIL: EMAIL,
  ATLAS_PASSWORD: PASSWORD,
};

function faultsOf(env: Record<string, string | undefined>): AtlasConfigError {
  try {
    optionsFromEnv(env);
  } catch (cause) {
    if (cause instanceof AtlasConfigError) return cause;
    throw cause;
  }
  throw new Error("expected faults");
}

describe("the environment", () => {
  test("gives the defaults for what is not set or empty", () => {
    expect(optionsFromEnv({ ...good, ATLAS_TIMEOUT: "", ATLAS_MAX_RETRIES: " " })).toEqual({
      baseUrl: "http://localhost:8080/api",
      email: EMAIL,
      password: PASSWORD,
      enabled: true,
      timeoutMs: 30_000,
      maxRetries: 3,
      tokenTtlMs: 86_400_000,
      tokenRefreshBufferMs: 300_000,
    });
  });

  test("reads seconds, counts and switches", () => {
    const env = {
      ...good,
      ATLAS_TIMEOUT: "2.5",
      ATLAS_MAX_RETRIES: "0",
      ATLAS_TOKEN_TTL: "600",
      ATLAS_TOKEN_REFRESH_BUFFER: "60",
      ATLAS_ENABLED: "Yes",
    };
    expect(optionsFromEnv(env)).toMatchObject({
      timeoutMs: 2_500,
      maxRetries: 0,
      tokenTtlMs: 600_000,
      tokenRefreshBufferMs: 60_000,
      enabled: true,
    });
  });

  test.each([
    ["ATLAS_BASE_URL", undefined, /not set/],
    ["ATLAS_BASE_URL", "localhost:8080", /must start with http/],
    ["ATLAS_BASE_URL", "nonsense", /not a URL/],
    ["ATLAS_BASE_URL", "ftp://atlas", /must start with http/],
    ["ATLAS_BASE_URL", "http://atlas/api?x=1", /query/],
    ["ATLAS_EMAIL", undefined, /not set/],
    ["ATLAS_PASSWORD", undefined, /not set/],
    ["ATLAS_TIMEOUT", "soon", /a number from 0.1 to 3600 seconds/],
    ["ATLAS_TIMEOUT", "0", /from 0.1/],
    ["ATLAS_TIMEOUT", "4000", /to 3600/],
    ["ATLAS_MAX_RETRIES", "1.5", /a whole number from 0 to 10/],
    ["ATLAS_MAX_RETRIES", "-1", /from 0/],
    ["ATLAS_TOKEN_TTL", "0", /from 1/],
    ["ATLAS_TOKEN_REFRESH_BUFFER", "-5", /from 0/],
    ["ATLAS_TOKEN_REFRESH_BUFFER", "86400", /less than ATLAS_TOKEN_TTL/],
    ["ATLAS_ENABLED", "maybe", /true or false/],
  ])("%s=%s is named with its value and the mend", (name, value, problem) => {
    const error = faultsOf({ ...good, [name]: value });
    expect(error.faults).toHaveLength(1);
    expect(error.faults[0]).toMatchObject({ name, ...(value && { value }) });
    expect(error.faults[0]?.problem).toMatch(problem);
    expect(error.message).toContain(name);
  });

  test("tells all faults at once and never a password", () => {
    const error = faultsOf({
      ATLAS_BASE_URL: "https://admin:hunter22@atlas.test",
      ATLAS_PASSWORD: PASSWORD,
      ATLAS_TIMEOUT: "x",
      ATLAS_MAX_RETRIES: "y",
    });
    expect(error.faults.map(({ name }) => name)).toEqual([
      "ATLAS_BASE_URL",
      "ATLAS_EMAIL",
      "ATLAS_TIMEOUT",
      "ATLAS_MAX_RETRIES",
    ]);
    const shown = `${error.message} ${JSON.stringify(error)}`;
    expect(shown).not.toContain("hunter22");
    expect(shown).not.toContain(PASSWORD);
  });

  test("keeps blanks of a password", () => {
    expect(optionsFromEnv({ ...good, ATLAS_PASSWORD: " a secret " })).toMatchObject({
      password: " a secret ",
    });
  });

  test("switched off needs nothing else, and each call says so", async () => {
    await using client = AtlasClient.fromEnv({ ATLAS_ENABLED: "false" });
    const error = await rejection(client.health(), AtlasConfigError);
    expect(error.message).toMatch(/check Atlas' health: Atlas is switched off.*ATLAS_ENABLED=true/);
    await rejection(client.workOrders.get(1), AtlasConfigError);
  });

  test("an API key takes the place of email and password", () => {
    const { ATLAS_BASE_URL } = good;
    const options = optionsFromEnv({ ATLAS_BASE_URL, ATLAS_API_KEY: KEY });
    expect(options).toMatchObject({ apiKey: KEY });
    expect(options).not.toHaveProperty("email");
  });

  test("an API key beside email and password is a fault of both, and is not shown", () => {
    const error = faultsOf({ ...good, ATLAS_API_KEY: KEY });
    expect(error.faults.map(({ name }) => name)).toEqual(["ATLAS_EMAIL", "ATLAS_PASSWORD"]);
    expect(error.message).toContain("leave one of the two out");
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(KEY);
  });
});

describe("ifEnabled", () => {
  test("gives undefined, and runs nothing, when Atlas is switched off", async () => {
    await using client = AtlasClient.fromEnv({ ATLAS_ENABLED: "false" });
    let ran = false;
    const order: WorkOrder | undefined = await client.ifEnabled((atlas) => {
      ran = true;
      return atlas.workOrders.get(1);
    });
    expect([order, ran]).toEqual([undefined, false]);
  });

  test("gives what the work gives, and rejects with what it rejects with, when Atlas is switched on", async () => {
    const client = new AtlasClient({ baseUrl: good.ATLAS_BASE_URL, email: EMAIL, password: PASSWORD });
    await expect(client.ifEnabled(async (atlas) => atlas.describe().email)).resolves.toBe(EMAIL);
    await client.close();
    await rejection(
      client.ifEnabled((atlas) => atlas.health()),
      AtlasConfigError,
    );
  });
});

describe("the options", () => {
  test("a circuit breaker without failures to wait for is refused in words", () => {
    const circuitBreaker = { failures: 0 };
    expect(
      () =>
        new AtlasClient({ baseUrl: "http://atlas/api", email: EMAIL, password: PASSWORD, circuitBreaker }),
    ).toThrow(/circuitBreaker\.failures is "0": must be more than 0/);
  });

  test("an API key with a blank, or beside a password, is refused without being shown", () => {
    const make = () =>
      new AtlasClient({ baseUrl: "http://atlas/api", apiKey: `${KEY} `, ...{ password: PASSWORD } });
    expect(make).toThrow(
      /2 faults[\s\S]*apiKey must be an API key[\s\S]*password must not be given together/,
    );
    expect(make).not.toThrow(new RegExp(`${KEY}|${PASSWORD}`));
  });

  test("are checked all at once", () => {
    const make = () =>
      new AtlasClient({ baseUrl: "atlas", email: "", password: "", timeoutMs: -1, maxRetries: 99 });
    expect(make).toThrow(AtlasConfigError);
    expect(make).toThrow(
      /5 faults[\s\S]*baseUrl[\s\S]*email[\s\S]*password[\s\S]*timeoutMs[\s\S]*maxRetries/,
    );
  });

  test.each([
    ["http://localhost:8080/api/", "http://localhost:8080/api", "localhost"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080", "localhost"],
    ["https://cmms.example.com/api", "https://cmms.example.com/api", "production"],
  ])("%s: prefix kept, slash dropped, place told", (baseUrl, kept, target) => {
    const client = new AtlasClient({ baseUrl, email: EMAIL, password: PASSWORD });
    expect(client.describe()).toEqual({
      baseUrl: kept,
      email: EMAIL,
      accountType: "CLIENT",
      credentials: "password",
      enabled: true,
      target,
    });
  });
});
