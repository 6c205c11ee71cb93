import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Busy, exclusively } from "../../../../ops/backup/lock.ts";

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "lock-"));
  lock = path.join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("one act at a time", () => {
  test("is said with who is at it and since when", async () => {
    await exclusively({ folder }, "drill", async () => {
      // What is begun outside the act is another one, in the same process or not.
      const other = await inAnotherProcess();
      expect(other).toMatch(
        new RegExp(`Busy: backup .*drill \\(process ${process.pid}\\) .* since 20.*; next: `),
      );
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(await inAnotherProcess()).toBe("done");
  });

  test("holds in one process as well", async () => {
    const begun = Promise.withResolvers<void>();
    const first = exclusively({ folder }, "backup", () => begun.promise);
    await expect(exclusively({ folder }, "prune", async () => {})).rejects.toThrow(Busy);
    begun.resolve();
    await first;
    await exclusively({ folder }, "prune", async () => {});
  });

  test("has parts, which do not wait for it", async () => {
    const result = await exclusively({ folder }, "restore", () =>
      exclusively({ folder }, "backup", async () => existsSync(lock)),
    );
    expect(result).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });

  test("ends with a failure, too", async () => {
    const failing = exclusively({ folder }, "backup", async () => {
      throw new Error("failed");
    });
    await expect(failing).rejects.toThrow("failed");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a lock that nobody holds any more", () => {
  const taken = () =>
    exclusively({ folder }, "backup", async () => JSON.parse(readFileSync(lock, "utf8")).pid);

  test("after a kill is taken over", async () => {
    const holder = spawnScript("await new Promise((resolve) => setTimeout(resolve, 60_000))");
    await expect.poll(() => existsSync(lock)).toBe(true);
    await expect(taken()).rejects.toThrow(Busy);
    holder.kill("SIGKILL");
    await once(holder, "close");
    expect(existsSync(lock)).toBe(true);
    expect(await taken()).toBe(process.pid);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("whose process's number another one has got is taken over", async () => {
    writeFileSync(
      lock,
      JSON.stringify({ pid: process.pid, began: "another boot 1", act: "backup", since: "" }),
    );
    expect(await taken()).toBe(process.pid);
  });

  test.each(["", "{", '{"pid":"x"}'])("that a crash has cut off is taken over: %j", async (text) => {
    writeFileSync(lock, text);
    expect(await taken()).toBe(process.pid);
  });
});

const script = (body: string) => `
  import { exclusively } from "${path.resolve("ops/backup/lock.ts")}";
  await exclusively({ folder: ${JSON.stringify(folder)} }, "backup", async () => { ${body} });`;

const spawnScript = (body: string) =>
  spawn(process.execPath, ["--input-type=module-typescript", "--eval", script(body)], { stdio: "inherit" });

async function inAnotherProcess(): Promise<string> {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module-typescript", "--eval", script("")],
    { encoding: "utf8" },
  );
  return status === 0 ? "done" : stderr;
}
