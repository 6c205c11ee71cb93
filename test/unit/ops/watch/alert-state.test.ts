import { describe, expect, test } from "vitest";
import {
  type AlertState,
  dueTo,
  tidy,
  withAlert,
  withCondition,
  withFailure,
  withTold,
  withTry,
} from "../../../../ops/watch/alert-state.ts";
import type { Observation } from "../../../../ops/watch/condition.ts";
import { judge } from "../../../../ops/watch/judge.ts";
import { ago, container, deployment, disk, now, observation } from "./conditions.ts";

const nothing: AlertState = { open: {}, channels: {} };
const backup = { key: "backup", title: "Backup", severity: "bad", why: "ENOSPC" } as const;
/** Minutes after `now`. */
const later = (minutes: number) => ago(-minutes / 60);
const seen = (state: AlertState, changed: Partial<Observation>, time = now) =>
  withCondition(state, judge(deployment(), observation({ ...changed, time })));
const told = (state: AlertState, keys: string[], time: string) =>
  withTold(withTry(state, "mail", keys, time), "mail", keys, time);
const full = (part: number): Partial<Observation> => ({
  disks: [{ name: "data", fact: { value: disk({ usedBytes: part * 1e6, freeBytes: (1 - part) * 1e6 }) } }],
});
const unhealthy: Partial<Observation> = {
  containers: { value: [container("backend", { health: "unhealthy" })] },
};

describe("what is told", () => {
  test("once, and again after a day", () => {
    const raised = withAlert(nothing, backup, now);
    expect(dueTo("mail", raised, now)).toEqual(["backup"]);
    const state = withAlert(told(raised, ["backup"], now), backup, later(10));
    expect(dueTo("mail", state, later(10))).toEqual([]);
    expect(dueTo("mail", state, later(24 * 60 - 1))).toEqual([]);
    expect(dueTo("mail", state, later(24 * 60))).toEqual(["backup"]);
  });

  test("to each channel by itself", () => {
    const state = told(withAlert(nothing, backup, now), ["backup"], now);
    expect(dueTo("mail", state, later(1))).toEqual([]);
    expect(dueTo("webhook", state, later(1))).toEqual(["backup"]);
  });

  test("again at once when a warning has become bad, and not when it is a warning again", () => {
    let state = told(seen(nothing, full(0.9)), ["disk/data"], now);
    state = seen(state, full(0.96), later(1));
    expect(dueTo("mail", state, later(1))).toEqual(["disk/data"]);
    state = seen(told(state, ["disk/data"], later(1)), full(0.9), later(2));
    expect(dueTo("mail", state, later(2))).toEqual([]);
  });

  test("after a failure not for five minutes, by no process", () => {
    const tried = withTry(withAlert(nothing, backup, now), "mail", ["backup"], now);
    const failed = withFailure(tried, "mail", { error: "refused", now });
    expect(failed.channels.mail).toEqual({ time: now, error: "refused" });
    expect(dueTo("mail", failed, later(4.9))).toEqual([]);
    expect(dueTo("mail", failed, later(5))).toEqual(["backup"]);
  });

  test("a container that is away for less than two minutes: nothing", () => {
    let state = seen(nothing, unhealthy);
    expect(dueTo("mail", state, now)).toEqual([]);
    state = seen(state, unhealthy, later(1));
    expect(dueTo("mail", state, later(1))).toEqual([]);
    const back = tidy(seen(state, {}, later(1.5)), ["mail"]);
    expect(back).toEqual(nothing);
    state = seen(state, unhealthy, later(2));
    expect(dueTo("mail", state, later(2))).toEqual(["container/backend"]);
  });

  test("a recovery, once, to whom the alert was told", () => {
    let state = told(seen(nothing, full(0.96)), ["disk/data"], now);
    state = tidy(seen(state, {}, later(60)), ["mail", "webhook"]);
    expect(state.open["disk/data"]).toMatchObject({ since: now, over: later(60) });
    expect(dueTo("mail", state, later(60))).toEqual(["disk/data"]);
    expect(dueTo("webhook", state, later(60))).toEqual([]);
    state = tidy(told(state, ["disk/data"], later(60)), ["mail", "webhook"]);
    expect(state.open).toEqual({});
    expect(state.channels.mail).toEqual({ time: later(60) });
  });

  test("nothing twice when it comes back before its recovery could be told", () => {
    let state = told(seen(nothing, full(0.96)), ["disk/data"], now);
    state = seen(seen(state, {}, later(60)), full(0.96), later(61));
    expect(state.open["disk/data"]).not.toHaveProperty("over");
    expect(dueTo("mail", state, later(61))).toEqual([]);
  });
});

describe("what a condition opens", () => {
  const refused = { error: "ECONNREFUSED" };
  test.each<[string, Partial<Observation>, string[]]>([
    ["nothing where all is well", {}, []],
    ["the engine", { containers: refused }, ["docker"]],
    ["an unhealthy container", unhealthy, ["container/backend"]],
    ["Atlas", { atlas: refused }, ["atlas"]],
    ["a disk from 85 % on", full(0.85), ["disk/data"]],
    ["remote storage", { remote: refused }, ["remote"]],
    ["sets", { local: refused }, ["backup"]],
    ["the certificate", { certificate: refused }, ["certificate"]],
    [
      "no warning of a drill that was never made",
      { records: { value: { results: {}, channels: {}, acts: [] } }, since: ago(1) },
      [],
    ],
    ["nothing that alerts are not sent of", { databaseBytes: refused }, []],
  ])("%s", (_, changed, keys) => {
    expect(Object.keys(seen(nothing, changed).open)).toEqual(keys);
  });

  test("the same alert that an act has raised: a later look finds it well", () => {
    const raised = told(withAlert(nothing, backup, now), ["backup"], now);
    expect(dueTo("mail", seen(raised, {}, later(30)), later(30))).toEqual(["backup"]);
  });
});

test("channels that are no longer configured are forgotten, and what only they had to hear", () => {
  const state = seen(told(withAlert(nothing, backup, now), ["backup"], now), {}, later(1));
  expect(tidy(state, ["webhook"])).toEqual(nothing);
  expect(tidy(state, ["mail"])).toEqual(state);
});
