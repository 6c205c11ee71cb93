import { describe, expect, test } from "vitest";
import type { Results } from "../../../../ops/results.ts";
import { type Observation, type Verdict, worst } from "../../../../ops/watch/condition.ts";
import { judge } from "../../../../ops/watch/judge.ts";
import { ago, container, deployment, disk, now, observation } from "./conditions.ts";

const part = (id: string, changed: Partial<Observation>) => {
  const found = judge(deployment(), observation(changed)).parts.find((part) => part.id === id);
  if (!found) throw new Error(`no part ${id}`);
  return found;
};
const withResults = (results: Results): Partial<Observation> => ({
  records: { value: { results, channels: {}, acts: [] } },
});
const day = 24;

test("a deployment without a fault is well in every part", () => {
  const { verdict, parts } = judge(deployment(), observation());
  expect(verdict).toBe("ok");
  expect(parts.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  expect(parts.filter(({ next }) => next !== undefined)).toEqual([]);
  expect(parts.map(({ id }) => id)).toEqual([
    "container/postgres",
    "container/backend",
    "container/frontend",
    "container/storage",
    "container/ingress",
    "atlas",
    "disk/data",
    "certificate",
    "backup",
    "remote",
    "drill",
    "smoke",
    "database",
    "objects",
  ]);
});

test.each<[Verdict, Verdict[]]>([
  ["ok", []],
  ["ok", ["ok", "ok"]],
  ["warning", ["ok", "warning", "ok"]],
  ["bad", ["bad", "warning", "ok"]],
])("%s is the worst of %j", (expected, given) => {
  const parts = given.map((verdict) => ({ kind: "atlas", id: "", title: "", verdict, why: "" }) as const);
  expect(worst(parts)).toBe(expected);
});

describe("a container", () => {
  const limit = 512 * 1024 ** 2;
  test.each<[string, Parameters<typeof container>[1], Verdict, RegExp]>([
    ["that is healthy", {}, "ok", /^healthy, 100 MiB of 512 MiB$/],
    ["without a health check", { health: "none" }, "ok", /without a health check/],
    ["without a limit", { memoryLimitBytes: 0 }, "ok", /^healthy, 100 MiB$/],
    ["that starts", { health: "starting" }, "warning", /^is starting$/],
    ["that fails its check", { health: "unhealthy" }, "bad", /health check fails/],
    ["that has ended", { status: "exited", health: "unhealthy" }, "bad", /^is exited$/],
    ["that is paused", { status: "paused" }, "bad", /^is paused$/],
    ["that crashes again and again", { status: "restarting" }, "bad", /^is restarting$/],
    ["that is not there", { status: "missing" }, "bad", /there is no container atlas-prod-backend/],
    ["restarted a moment ago", { restarts: 3, startedAt: ago(0.1) }, "warning", /6 min ago \(3 restarts/],
    ["restarted long ago", { restarts: 3, startedAt: ago(0.3) }, "ok", /^healthy/],
    ["started a moment ago", { startedAt: ago(0.1) }, "ok", /^healthy/],
    ["just below its limit", { memoryBytes: limit * 0.949 }, "ok", /^healthy/],
    ["at its limit", { memoryBytes: limit * 0.95 }, "warning", /close to its memory limit/],
  ])("%s", (_, changed, verdict, why) => {
    const judged = part("container/backend", { containers: { value: [container("backend", changed)] } });
    expect(judged).toMatchObject({ verdict, why: expect.stringMatching(why) });
    if (verdict === "bad") expect(judged.next).toMatch(/^docker /);
  });
});

test("an engine that does not answer is the one part in the place of all containers", () => {
  const { parts, verdict } = judge(
    deployment(),
    observation({ containers: { error: "docker ps: no answer" } }),
  );
  expect(verdict).toBe("bad");
  expect(parts.filter(({ kind }) => kind === "container")).toEqual([]);
  expect(parts[0]).toMatchObject({ id: "docker", verdict: "bad", why: "docker ps: no answer" });
});

describe("a disk", () => {
  const used = (part: number) => ({ usedBytes: part * 1e6, freeBytes: (1 - part) * 1e6 });
  test.each<[string, Parameters<typeof disk>[0], Verdict, RegExp]>([
    ["half full", used(0.5), "ok", /^50 % of 100 GiB used/],
    ["just below 85 %", used(0.849), "ok", /^84 %/],
    ["at 85 %", used(0.85), "warning", /^85 %/],
    ["just below 95 %", used(0.949), "warning", /^94 %/],
    ["at 95 %", used(0.95), "bad", /^95 %/],
    ["full but for what root may take", { usedBytes: 95, freeBytes: 0 }, "bad", /^100 %/],
    ["without free inodes", { inodes: 100, inodesFree: 4 }, "bad", /96 % of its inodes used/],
    ["of a file system that counts no inodes", { inodes: 0, inodesFree: 0 }, "ok", /^40 %/],
  ])("%s", (_, changed, verdict, why) => {
    const fact = { value: disk(changed) };
    expect(part("disk/data", { disks: [{ name: "data", fact }] })).toMatchObject({
      verdict,
      why: expect.stringMatching(why),
    });
  });

  test("that cannot be looked at is not well", () => {
    const disks = [{ name: "docker", fact: { error: "ENOENT: no such file" } }];
    expect(part("disk/docker", { disks })).toMatchObject({ verdict: "warning", why: "ENOENT: no such file" });
  });
});

describe("a certificate", () => {
  test.each<[number, Verdict, RegExp]>([
    [60 * day, "ok", /^60 days left, until 2027-01-20 16:45 UTC, by Let's Encrypt$/],
    [14 * day, "ok", /^14 days left/],
    [14 * day - 1, "warning", /^not renewed: 13 days left/],
    [3 * day, "warning", /^not renewed: 3 days left/],
    [3 * day - 1, "bad", /^not renewed: 2 days left|^not renewed: 47 h/],
    [0, "bad", /^expired on 2026-11-21 16:45 UTC$/],
    [-5, "bad", /^expired on 2026-11-21 11:45 UTC$/],
  ])("that is valid for %d hours is %s", (hours, verdict, why) => {
    const value = { issuer: "Let's Encrypt", expiresAt: ago(-hours), wrongName: undefined };
    expect(part("certificate", { certificate: { value } })).toMatchObject({
      verdict,
      why: expect.stringMatching(why),
    });
  });

  test("of another name is bad, however long it lasts", () => {
    const value = { issuer: "CA", expiresAt: ago(-1000), wrongName: "Host: a. is not cert's CN: b" };
    expect(part("certificate", { certificate: { value } })).toMatchObject({
      verdict: "bad",
      why: "Host: a. is not cert's CN: b",
    });
  });

  test("that cannot be seen is bad", () => {
    expect(part("certificate", { certificate: { error: "ECONNREFUSED" } }).verdict).toBe("bad");
  });
});

describe("Atlas", () => {
  const ok = { name: "health check", seconds: 0.01, status: 200 };
  test.each<[string, object, Verdict, RegExp]>([
    ["answers", {}, "ok", /^health check 10 ms, database read 20 ms$/],
    ["answers within 2 s", { seconds: 2 }, "ok", /database read 2 s$/],
    ["is slow", { seconds: 2.001 }, "warning", /^slow: .*database read 2 s/],
    ["has no more calls for strangers", { status: 429 }, "warning", /HTTP 429, too many anonymous calls/],
    ["fails", { status: 500 }, "bad", /^database read: HTTP 500 \(at/],
    ["is not behind the proxy", { status: 502 }, "bad", /HTTP 502/],
    ["is silent", { status: undefined, error: "no answer within 10 s" }, "bad", /: no answer within 10 s/],
  ])("%s", (_, changed, verdict, why) => {
    const calls = [ok, { name: "database read", seconds: 0.02, status: 200, ...changed }];
    expect(part("atlas", { atlas: { value: { time: now, calls } } })).toMatchObject({
      verdict,
      why: expect.stringMatching(why),
    });
  });

  test("whose proxy is gone is bad", () => {
    expect(part("atlas", { atlas: { error: "no such container" } }).verdict).toBe("bad");
  });
});

describe.each([
  ["backup", "local", "backup"],
  ["remote", "remote", "upload"],
] as const)("sets: %s", (id, place, act) => {
  const sets = (hours: number) => ({
    [place]: { value: { count: 3, newest: { id: "x", createdAt: ago(hours), bytes: 2048 } } },
  });
  test.each<[string, Partial<Observation>, Verdict, RegExp]>([
    ["26 h old", sets(26), "ok", /^26 h old, 2 KiB, 3 sets$/],
    ["older than 26 h", sets(26.01), "bad", /^overdue: 26 h old/],
    ["none in a new folder", { [place]: { value: { count: 0 } }, since: ago(26) }, "warning", /^no set yet$/],
    ["none in an old folder", { [place]: { value: { count: 0 } }, since: ago(27) }, "bad", /^no set yet$/],
    ["that cannot be read", { [place]: { error: "connect ECONNREFUSED" } }, "bad", /ECONNREFUSED$/],
  ])("%s", (_, changed, verdict, why) => {
    expect(part(id, changed)).toMatchObject({ verdict, why: expect.stringMatching(why) });
  });

  test("a failed act is bad although its newest set is young, and names the last good one", () => {
    const failed = { time: ago(1), ok: false, seconds: 3, error: "ENOSPC: no space left" };
    const lastOk = { time: ago(14), ok: true, seconds: 3 };
    expect(part(id, withResults({ [act]: { last: failed, lastOk } }))).toMatchObject({
      verdict: "bad",
      why: "failed on 2026-11-21 15:45 UTC: ENOSPC: no space left; the last good one was on 2026-11-21 02:45 UTC",
      next: "scripts/backup prod",
    });
  });
});

describe("a drill", () => {
  const passed = (hours: number): Results => ({
    drill: { last: { time: ago(hours), ok: true, seconds: 95, figures: { dataAgeSeconds: 7200 } } },
  });
  test.each<[string, Partial<Observation>, Verdict, RegExp]>([
    ["two days ago", withResults(passed(48)), "ok", /^passed 2 days ago in 95 s, with data 2 h old$/],
    ["8 days ago", withResults(passed(8 * day)), "ok", /^passed 8 days ago/],
    ["more than 8 days ago", withResults(passed(8 * day + 1)), "bad", /^overdue: passed 8 days ago/],
    ["never, and new", { ...withResults({}), since: ago(8 * day) }, "warning", /^none yet$/],
    ["never, and old", { ...withResults({}), since: ago(8 * day + 1) }, "bad", /^none yet$/],
    [
      "failed",
      withResults({ drill: { last: { time: ago(1), ok: false, seconds: 9, error: "rows differ" } } }),
      "bad",
      /^failed on 2026-11-21 15:45 UTC: rows differ$/,
    ],
  ])("%s", (_, changed, verdict, why) => {
    expect(part("drill", changed)).toMatchObject({ verdict, why: expect.stringMatching(why) });
  });
});

test.each<[string, Results, Verdict]>([
  ["none", {}, "warning"],
  ["passed", { smoke: { last: { time: ago(300), ok: true, seconds: 8 } } }, "ok"],
  ["failed", { smoke: { last: { time: ago(1), ok: false, seconds: 8, error: "sign-in" } } }, "bad"],
])("smoke checks: %s", (_, results, verdict) => {
  expect(part("smoke", withResults(results)).verdict).toBe(verdict);
});

test("records that cannot be read are bad themselves, and never make a backup look well by what is left out", () => {
  const { verdict, parts } = judge(deployment(), observation({ records: { error: "results.json is not" } }));
  expect(verdict).toBe("bad");
  expect(parts.find(({ id }) => id === "records")).toMatchObject({ verdict: "bad" });
  expect(parts.find(({ id }) => id === "drill")).toMatchObject({ verdict: "bad" });
});

test("a channel that took no alert is shown", () => {
  const channels = { webhook: { time: ago(1), error: "HTTP 500" }, mail: { time: ago(2) } };
  const records = { value: { results: {}, channels, acts: [] } };
  expect(part("channel/webhook", { records })).toMatchObject({
    verdict: "warning",
    why: "failed on 2026-11-21 15:45 UTC: HTTP 500",
  });
  expect(part("channel/mail", { records }).verdict).toBe("ok");
});

test("what is not configured is no part", () => {
  const { certificate: _1, remote: _2, objects: _3, ...rest } = observation();
  const ids = judge(deployment(), rest).parts.map(({ kind }) => kind);
  for (const kind of ["certificate", "remote", "objects"]) expect(ids).not.toContain(kind);
});
