import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { changeJson, readJson } from "../../../../ops/json-file.ts";
import { recordResult, results } from "../../../../ops/results.ts";
import { remembered } from "../../../../ops/watch/remembered.ts";
import { ago, deploymentInFolder } from "./conditions.ts";

describe("results", () => {
  test("are none at first", () => {
    expect(results(deploymentInFolder())).toEqual({});
  });

  test("keep the last one of each act, and the last good one", () => {
    const deployment = deploymentInFolder();
    const good = { time: ago(3), ok: true, seconds: 12, id: "20261121T134500Z-3f9a2c" };
    const failed = { time: ago(2), ok: false, seconds: 1, error: "ENOSPC" };
    recordResult(deployment, "backup", good);
    expect(results(deployment)).toEqual({ backup: { last: good, lastOk: good } });
    recordResult(deployment, "backup", failed);
    recordResult(deployment, "drill", failed);
    expect(results(deployment)).toEqual({
      backup: { last: failed, lastOk: good },
      drill: { last: failed },
    });
  });

  test("are of now where no time is given", () => {
    const deployment = deploymentInFolder();
    const before = Date.now();
    const { time } = recordResult(deployment, "smoke", { ok: true, seconds: 8, figures: { passed: 21 } });
    expect(Date.parse(time)).toBeGreaterThanOrEqual(before);
    expect(results(deployment).smoke?.last.figures).toEqual({ passed: 21 });
  });

  test("are for their owner alone, and leave nothing else behind", () => {
    const deployment = deploymentInFolder();
    recordResult(deployment, "smoke", { ok: true, seconds: 8 });
    expect(readdirSync(deployment.folder)).toEqual(["results.json"]);
    expect(statSync(path.join(deployment.folder, "results.json")).mode & 0o777).toBe(0o600);
  });

  test.each([["not JSON"], ['{"backup": 1}'], ['{"unheard-of": {}}']])(
    "that somebody else wrote are refused, with what to do: %s",
    (content) => {
      const deployment = deploymentInFolder();
      writeFileSync(path.join(deployment.folder, "results.json"), content);
      expect(() => results(deployment)).toThrow(
        /results\.json is not what this program writes.*Next: move it/,
      );
      expect(() => recordResult(deployment, "smoke", { ok: true, seconds: 1 })).toThrow(/is not what/);
      expect(readdirSync(deployment.folder)).toEqual(["results.json"]);
    },
  );
});

describe("a file that several processes change", () => {
  const schema = z.record(z.string(), z.number());

  test("loses no change", async () => {
    const { folder } = deploymentInFolder();
    const file = path.join(folder, "counts.json");
    const program = `
      import { z } from "zod";
      import { changeJson } from "./ops/json-file.ts";
      const [name, file] = process.argv.slice(1);
      for (let i = 0; i < 20; i++)
        changeJson(file, z.record(z.string(), z.number()), {}, (now) => ({ ...now, [name]: (now[name] ?? 0) + 1, all: (now.all ?? 0) + 1 }));`;
    const run = async (name: string) => {
      const child = spawn(
        process.execPath,
        ["--experimental-strip-types", "--input-type=module", "--eval", program, name, file],
        { stdio: ["ignore", "ignore", "inherit"] },
      );
      expect(await once(child, "exit")).toEqual([0, null]);
    };
    await Promise.all(["a", "b", "c"].map(run));
    expect(readJson(file, schema, {})).toEqual({ a: 20, b: 20, c: 20, all: 60 });
  });

  test("is free again some seconds after its holder was killed", () => {
    const { folder } = deploymentInFolder();
    const file = path.join(folder, "counts.json");
    writeFileSync(`${file}.lock`, "");
    expect(changeJson(file, schema, {}, () => ({ a: 1 }))).toEqual({ a: 1 });
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test("stays as it is when the change fails", () => {
    const { folder } = deploymentInFolder();
    const file = path.join(folder, "counts.json");
    changeJson(file, schema, {}, () => ({ a: 1 }));
    const fails = () =>
      changeJson(file, schema, {}, () => {
        throw new Error("no");
      });
    expect(fails).toThrow("no");
    expect(readJson(file, schema, {})).toEqual({ a: 1 });
    expect(readdirSync(folder)).toEqual(["counts.json"]);
  });
});

describe("what is remembered", () => {
  const what = { name: "objects", schema: z.number(), maxAgeMs: 60_000 };
  const age = (folder: string, ms: number) => {
    const file = path.join(folder, "remembered.json");
    const all = JSON.parse(readFileSync(file, "utf8"));
    all.objects.time = new Date(Date.now() - ms).toISOString();
    writeFileSync(file, JSON.stringify(all));
  };

  test.each<[string, number, number]>([
    ["is taken while it is young", 59_000, 1],
    ["is measured anew when it is old", 60_000, 2],
    ["is measured anew when the clock was set back", -1000, 2],
  ])("%s", async (_, ms, expected) => {
    const deployment = deploymentInFolder();
    let measured = 0;
    const measure = async () => ++measured;
    await remembered(deployment, what, measure);
    age(deployment.folder, ms);
    expect((await remembered(deployment, what, measure)).value).toBe(expected);
  });

  test("is measured anew when it was something else", async () => {
    const deployment = deploymentInFolder();
    await remembered(deployment, what, async () => 1);
    const other = { ...what, schema: z.strictObject({ count: z.number() }) };
    expect((await remembered(deployment, other, async () => ({ count: 2 }))).value).toEqual({ count: 2 });
  });

  test("is no failure", async () => {
    const deployment = deploymentInFolder();
    const failing = remembered(deployment, what, async () => {
      throw new Error("unreachable");
    });
    await expect(failing).rejects.toThrow("unreachable");
    expect((await remembered(deployment, what, async () => 3)).value).toBe(3);
  });
});
