import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Deployment } from "../../../../ops/deployment.ts";
import { openLog, secretsOf } from "../../../../ops/log.ts";
import { alertState } from "../../../../ops/watch/alert-state.ts";
import { alertOn, raise } from "../../../../ops/watch/alerts.ts";
import type { Observation } from "../../../../ops/watch/condition.ts";
import { judge } from "../../../../ops/watch/judge.ts";
import { postJson } from "../../../../ops/watch/webhook.ts";
import { ago, deploymentInFolder, disk, now, observation } from "./conditions.ts";
import { lines, webhook } from "./receivers.ts";

const backup = {
  key: "backup",
  title: "Backup",
  severity: "bad",
  why: "ENOSPC: no space left on device",
  next: "scripts/backup prod",
} as const;
const fullDisk: Partial<Observation> = {
  disks: [{ name: "data", fact: { value: disk({ usedBytes: 96, freeBytes: 4 }) } }],
};

function alerting(deployment: Deployment) {
  const { stream, written } = lines();
  const log = openLog({ act: "watch", stream, hide: secretsOf(deployment) });
  const see = (changed: Partial<Observation>, time: string) =>
    alertOn(deployment, judge(deployment, observation({ ...changed, time })), { log });
  return { log, written, see };
}

test("a webhook gets an alert as JSON, with what chat services show", async () => {
  const { url, posts } = await webhook(200);
  const deployment = deploymentInFolder({ alerts: { webhook: url } });
  const { log, written } = alerting(deployment);
  await raise(deployment, backup, { log, now });
  expect(posts.map(({ path }) => path)).toEqual(["/services/secret-path"]);
  expect(posts[0]?.headers["content-type"]).toBe("application/json");
  expect(JSON.parse(posts[0]?.body ?? "")).toEqual({
    text: "Atlas prod: wrong: Backup",
    deployment: "prod",
    url: "https://cmms.plant.example",
    time: now,
    alerts: [{ ...backup, state: "wrong", since: now }],
  });
  expect(written).toMatchObject([{ level: "info", message: "alert sent by webhook", alerts: ["backup"] }]);
});

test("one message tells everything that is due, once, and then what is well again", async () => {
  const { url, posts } = await webhook(200);
  const deployment = deploymentInFolder({ alerts: { webhook: url } });
  const { see } = alerting(deployment);
  const bad: Partial<Observation> = { ...fullDisk, remote: { error: "connect ECONNREFUSED" } };
  await see(bad, now);
  await see(bad, ago(-1));
  await see(fullDisk, ago(-2));
  await see({}, ago(-3));
  await see({}, ago(-4));
  expect(posts.map(({ body }) => JSON.parse(body).text)).toEqual([
    "Atlas prod: wrong: Disk (data), Remote backup",
    "Atlas prod: well again: Remote backup",
    "Atlas prod: well again: Disk (data)",
  ]);
  expect(alertState(deployment)).toEqual({ open: {}, channels: { webhook: { time: ago(-3) } } });
});

test("a webhook that fails is logged and shown, without its path, and is tried again", async () => {
  const { url, posts } = await webhook(404, 200);
  const deployment = deploymentInFolder({ alerts: { webhook: url } });
  const { written, see } = alerting(deployment);
  await see(fullDisk, now);
  const error = `${new URL(url).origin} answered HTTP 404; next: check alerts.webhook and its service`;
  expect(alertState(deployment).channels).toEqual({ webhook: { time: now, error } });
  expect(written).toMatchObject([{ level: "error", alerts: ["disk/data"] }]);
  expect(JSON.stringify(written)).not.toContain("secret-path");
  await see(fullDisk, ago(-1 / 60));
  expect(posts).toHaveLength(1);
  await see(fullDisk, ago(-6 / 60));
  expect(posts).toHaveLength(2);
  expect(alertState(deployment).channels).toEqual({ webhook: { time: ago(-6 / 60) } });
});

test("without channels nothing is sent, and nothing is kept of what is over", async () => {
  const deployment = deploymentInFolder();
  const { see, written } = alerting(deployment);
  await see(fullDisk, now);
  await see({}, ago(-1));
  expect(alertState(deployment)).toEqual({ open: {}, channels: {} });
  expect(written).toEqual([]);
});

test("two processes that see the same at once tell it once", async () => {
  const { url, posts } = await webhook(200);
  const deployment = deploymentInFolder({ alerts: { webhook: url } });
  const { log } = alerting(deployment);
  await Promise.all([raise(deployment, backup, { log, now }), raise(deployment, backup, { log, now })]);
  expect(posts).toHaveLength(1);
});

test("secrets in an alert are masked", async () => {
  const { url, posts } = await webhook(200);
  const deployment = deploymentInFolder({ alerts: { webhook: url } });
  const { log } = alerting(deployment);
  const why = `age: cannot use ${deployment.backupKey}`;
  await raise(deployment, { ...backup, why }, { log, now });
  expect(posts[0]?.body).toContain("age: cannot use [secret]");
  expect(readFileSync(path.join(deployment.folder, "alerts.json"), "utf8")).not.toContain("CANARY");
});

test("a state that cannot be written does not keep an alert from being sent, once", async () => {
  const { url, posts } = await webhook(200);
  const deployment = deploymentInFolder({ alerts: { webhook: url } });
  writeFileSync(path.join(deployment.folder, "file"), "");
  const unwritable = { ...deployment, folder: path.join(deployment.folder, "file") };
  const { log, written } = alerting(unwritable);
  await raise(unwritable, backup, { log, now });
  await raise(unwritable, backup, { log, now: ago(-1) });
  expect(posts).toHaveLength(1);
  expect(written[0]).toMatchObject({
    level: "error",
    message: expect.stringMatching(/kept in memory only: E/),
  });
});

describe("a webhook's answers", () => {
  const post = (url: string) => postJson(url, {}, { pausesMs: [1, 1], timeoutMs: 200 });

  test.each<[string, (number | "hang")[], number]>([
    ["200 at once", [200], 1],
    ["204", [204], 1],
    ["500, then 200", [500, 200], 2],
    ["429, 503, then 200", [429, 503, 200], 3],
    ["silence, then 200", ["hang", 200], 2],
  ])("%s: taken", async (_, statuses, attempts) => {
    const { url, posts } = await webhook(...statuses);
    await post(url);
    expect(posts).toHaveLength(attempts);
  });

  test.each<[string, (number | "hang")[], number, RegExp]>([
    ["400", [400], 1, /answered HTTP 400/],
    ["a redirect", [302], 1, /answered HTTP 302/],
    ["500 again and again", [500], 3, /answered HTTP 500/],
    ["silence", ["hang"], 3, /gave no answer within 0.2 s/],
  ])("%s: failed", async (_, statuses, attempts, why) => {
    const { url, posts } = await webhook(...statuses);
    const error = await post(url).catch((error: Error) => error.message);
    expect(error).toMatch(why);
    expect(error).toContain("next: check alerts.webhook");
    expect(error).not.toContain("secret-path");
    expect(posts).toHaveLength(attempts);
  });

  test("a port where nobody listens is named", async () => {
    const { url } = await webhook(200);
    const closed = new URL(url);
    closed.port = "1";
    await expect(post(closed.href)).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED|bad port/,
    );
  });
});
