import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type AuditEntry, addToAudit, audited, auditTrail } from "../../../../ops/audit.ts";
import type { Deployment } from "../../../../ops/deployment.ts";
import { humanLine, messageOf, openLog, secretsOf } from "../../../../ops/log.ts";
import { ago, deployment, deploymentInFolder, now, webhookUrl } from "./conditions.ts";
import { lines } from "./receivers.ts";

describe("a log", () => {
  test("has a line of JSON an event, all with the act's id", () => {
    const { stream, written } = lines();
    const log = openLog({ act: "backup", stream });
    log.info("copied objects", { count: 12 });
    log.error("failed", { error: new Error("no answer", { cause: new Error("ECONNREFUSED") }) });
    const id = expect.stringMatching(/^[0-9a-f]{12}$/);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(written).toEqual([
      { time, level: "info", act: "backup", correlationId: id, message: "copied objects", count: 12 },
      {
        ...{ time, level: "error", act: "backup", correlationId: id, message: "failed" },
        error: "no answer: ECONNREFUSED",
      },
    ]);
    expect(written[0]?.correlationId).toBe(written[1]?.correlationId);
    expect(openLog({ act: "backup" }).correlationId).not.toBe(log.correlationId);
  });

  test("keeps an id that is given, and what every line has", () => {
    const { stream, written } = lines();
    openLog({ act: "drill", correlationId: "c0ffee", stream }).warning("x", { act: "other", time: 0 });
    expect(written).toMatchObject([{ act: "drill", correlationId: "c0ffee", level: "warning" }]);
  });

  test("hides secrets wherever they are, also those that JSON writes otherwise", () => {
    const secret = 'pass"word\\';
    const { stream, written } = lines();
    const log = openLog({ act: "backup", stream, hide: [secret] });
    log.error(`refused ${secret}`, {
      error: new Error("outer", { cause: new Error(secret) }),
      deep: [{ list: [secret, 1, null, undefined] }],
    });
    expect(written).toMatchObject([
      {
        message: "refused [secret]",
        error: "outer: [secret]",
        deep: [{ list: ["[secret]", 1, null, null] }],
      },
    ]);
  });

  test.each<[string, Parameters<typeof humanLine>[0], string]>([
    ["plain", line("info", "began"), "16:45:00 backup: began"],
    [
      "with fields",
      line("info", "copied", { count: 12, key: "a b" }),
      "16:45:00 backup: copied (count 12, key a b)",
    ],
    ["that warns", line("warning", "late"), "16:45:00 backup: WARNING: late"],
    ["of several lines", line("error", "a\r\nb\u001b[2J"), "16:45:00 backup: ERROR: a b [2J"],
  ])("for people: %s", (_, given, expected) => expect(humanLine(given)).toBe(expected));

  test("is for people at a terminal, and else for programs", () => {
    const written: string[] = [];
    const stream = { isTTY: true, write: (text: string) => written.push(text) };
    openLog({ act: "backup", stream }).info("began");
    openLog({ act: "backup", stream, form: "json" }).info("began");
    expect(written[0]).toMatch(/^\d\d:\d\d:\d\d backup: began\n$/);
    expect(JSON.parse(written[1] ?? "")).toMatchObject({ message: "began" });
  });

  function line(level: "info" | "warning" | "error", message: string, fields = {}) {
    return { time: now, level, act: "backup", correlationId: "c0ffee", message, ...fields };
  }
});

test.each<[unknown, string]>([
  [new Error("a"), "a"],
  [new Error("a: b", { cause: new Error("b") }), "a: b"],
  [new Error("a", { cause: new Error("b", { cause: "c" }) }), "a: b: c"],
  ["text", "text"],
])("message %#", (error, expected) => expect(messageOf(error)).toBe(expected));

test("secrets of a deployment are all that is in it, the longest first", () => {
  const server = { host: "m", port: 587, secure: false, user: "u", password: "mail-pass", from: "a@b" };
  const remote = { endpoint: "https://s3", region: "r", bucket: "b", prefix: "", accessKeyId: "id" };
  const secrets = secretsOf(
    deployment({
      remote: { ...remote, secretAccessKey: "remote-secret" },
      alerts: { webhook: webhookUrl, mail: { to: "x@y", server } },
    }),
  );
  expect(secrets).toEqual([
    webhookUrl,
    "/services/T0/secret-path",
    "AGE-SECRET-KEY-1CANARY",
    "remote-secret",
    "mail-pass",
  ]);
  expect(secretsOf(deployment({ alerts: { webhook: "https://hooks.example" } }))).toEqual([
    "AGE-SECRET-KEY-1CANARY",
    "https://hooks.example",
  ]);
});

describe("the audit log", () => {
  const fileOf = ({ folder }: Deployment) => path.join(folder, "audit.jsonl");
  const entry = (hours: number, changed: Partial<AuditEntry> = {}): AuditEntry => ({
    ...{ time: ago(hours), user: "ada", host: "desk", act: "up", result: "ok", seconds: 1 },
    ...{ correlationId: "c0ffee", ...changed },
  });
  const timesOf = (deployment: Deployment) => auditTrail(deployment, 100).map(({ time }) => time);

  test("says who did what, when, with what result", async () => {
    vi.stubEnv("SUDO_USER", "");
    const deployment = deploymentInFolder();
    const log = openLog({ act: "restore", ...lines() });
    expect(await audited(deployment, { act: "restore", subject: "set 1", log }, async () => 42)).toBe(42);
    const failing = audited(deployment, { act: "restore", log }, async () => {
      throw new Error(`bad key\n${deployment.backupKey}`);
    });
    await expect(failing).rejects.toThrow("bad key");
    const common = {
      ...{ user: userInfo().username, host: hostname(), act: "restore" },
      ...{ correlationId: log.correlationId, time: expect.any(String), seconds: expect.any(Number) },
    };
    expect(auditTrail(deployment, 10)).toEqual([
      { ...common, result: "failed", error: "bad key [secret]" },
      { ...common, subject: "set 1", result: "ok" },
    ]);
    vi.unstubAllEnvs();
  });

  test("names the person behind sudo", async () => {
    vi.stubEnv("SUDO_USER", "grace");
    const deployment = deploymentInFolder();
    await audited(deployment, { act: "up", log: openLog({ act: "up", ...lines() }) }, async () => {});
    expect(auditTrail(deployment, 1)).toMatchObject([{ user: "grace" }]);
    vi.unstubAllEnvs();
  });

  test("only grows", () => {
    const deployment = deploymentInFolder();
    addToAudit(deployment, entry(2));
    const before = readFileSync(fileOf(deployment), "utf8");
    addToAudit(deployment, entry(1));
    expect(readFileSync(fileOf(deployment), "utf8").startsWith(before)).toBe(true);
    expect(timesOf(deployment)).toEqual([ago(1), ago(2)]);
    expect(auditTrail(deployment, 1)).toMatchObject([{ time: ago(1) }]);
  });

  test("keeps 30 days, and not much more than twice as long", () => {
    const deployment = deploymentInFolder();
    const day = 24;
    for (let days = 100; days >= 0; days--) addToAudit(deployment, entry(days * day));
    const times = timesOf(deployment);
    for (let days = 0; days <= 30; days++) expect(times).toContain(ago(days * day));
    expect(Date.parse(now) - Date.parse(times.at(-1) ?? "")).toBeLessThanOrEqual(62 * day * 3_600_000);
  });

  test("goes on after a line that was cut off", () => {
    const deployment = deploymentInFolder();
    addToAudit(deployment, entry(3));
    addToAudit(deployment, entry(2));
    truncateSync(fileOf(deployment), readFileSync(fileOf(deployment)).length - 20);
    addToAudit(deployment, entry(1));
    appendFileSync(fileOf(deployment), '{"time": {}}\n');
    expect(timesOf(deployment)).toEqual([ago(1), ago(3)]);
  });

  test("that takes no line hides neither what was done nor what failed", async () => {
    const deployment = deploymentInFolder();
    writeFileSync(path.join(deployment.folder, "file"), "");
    const unwritable = { ...deployment, folder: path.join(deployment.folder, "file") };
    const { stream, written } = lines();
    const log = openLog({ act: "up", stream });
    expect(await audited(unwritable, { act: "up", log }, async () => "done")).toBe("done");
    const failing = audited(unwritable, { act: "up", log }, async () => {
      throw new Error("the real reason");
    });
    await expect(failing).rejects.toThrow("the real reason");
    expect(written).toMatchObject([
      {
        level: "error",
        result: "ok",
        message: expect.stringMatching(/^the audit log does not take this act: E/),
      },
      { level: "error", result: "failed", error: "the real reason" },
    ]);
  });
});
