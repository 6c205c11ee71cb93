import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { withVerdict } from "../../../sandbox/internet/acme-verdicts.ts";
import { authorityConfig } from "../../../sandbox/internet/authority.ts";
import { keepRunning } from "../../../sandbox/internet/child.ts";
import { LogFile } from "../../../sandbox/internet/log-file.ts";
import { partsOf, pushImages } from "../../../sandbox/internet/push.ts";
import { readRecord, runningInternet, writeRecord } from "../../../sandbox/internet/record.ts";

const folder = mkdtempSync(path.join(tmpdir(), "atlas-internet-unit-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("names that the registry takes", () => {
  expect(partsOf("atlas-sandbox.invalid/library/postgres:16.13-alpine")).toEqual({
    repository: "library/postgres",
    tag: "16.13-alpine",
  });
  expect(partsOf("atlas-sandbox.invalid/base")).toEqual({ repository: "base", tag: "latest" });
  for (const name of ["postgres:16", "atlas-sandbox.invalid/", "atlas-sandbox.invalid/a@sha256:00", "x/a:b"])
    expect(() => partsOf(name)).toThrow(`not ${name}. Give it such a name first`);
});

test("the authority listens at the gateway alone; leaves live shorter than what is above them", () => {
  const ports = { registry: 4242, verdicts: 4243, authority: 4244 };
  const { apps } = authorityConfig("172.20.0.1", ports);
  const { internet, authority } = apps.http.servers;
  expect(authority.listen).toEqual(["127.0.0.1:4244"]);
  expect(internet.listen).toEqual(["172.20.0.1:443"]);
  expect(JSON.stringify(internet.routes)).toContain('"127.0.0.1:4242"');
  expect(JSON.stringify(internet.routes)).toContain('"127.0.0.1:4243"');
  expect(JSON.stringify(authority.routes)).toContain('"lifetime":"2160h"');
  const v6 = authorityConfig("fd00::1", ports);
  expect(v6.apps.http.servers.internet.listen).toEqual(["[fd00::1]:443"]);
});

describe("what clients are told about a challenge", () => {
  const error = { type: "urn:ietf:params:acme:error:connection" };
  const [pending, valid] = [{ status: "pending" }, { status: "valid" }];

  test.each([
    [pending, pending],
    [
      { ...pending, error },
      { status: "invalid", error },
    ],
    [
      { ...pending, challenges: [{ ...pending, error }, pending] },
      { status: "invalid", challenges: [{ status: "invalid", error }, pending] },
    ],
    [
      { ...pending, challenges: [pending, pending] },
      { ...pending, challenges: [pending, pending] },
    ],
    [
      { ...valid, challenges: [valid, { ...pending, error }] },
      { ...valid, challenges: [valid, { status: "invalid", error }] },
    ],
  ])("%j", (said, told) => {
    expect(withVerdict(said)).toEqual(told);
  });
});

describe("the record of a running internet", () => {
  test("is found by other processes", () => {
    const record = { pid: process.pid, gateway: "127.0.0.1", registryPort: 4242 };
    writeRecord(folder, record);
    expect(readRecord(folder)).toEqual(record);
    expect(runningInternet(folder)).toEqual(record);
  });

  test("says so when the process is gone or never was", async () => {
    writeRecord(folder, { pid: 2 ** 30, gateway: "127.0.0.1", registryPort: 4242 });
    expect(() => runningInternet(folder)).toThrow(/names process 1073741824, which is gone/);
    expect(() => runningInternet(path.join(folder, "none"))).toThrow(/is not there/);
    expect(await pushImages(folder, [])).toEqual([]);
  });
});

test("a log stays its owner's and bounded", () => {
  const log = new LogFile(path.join(folder, "some.log"));
  for (let line = 0; line < 2500; line++) log.write("part", "x".repeat(9000));
  expect(statSync(log.file).mode & 0o777).toBe(0o600);
  expect(statSync(`${log.file}.1`).mode & 0o777).toBe(0o600);
  expect(statSync(log.file).size + statSync(`${log.file}.1`).size).toBeLessThan(9_000_000);
  expect(readFileSync(log.file, "utf8").trimEnd().split("\n").at(-1)).toMatch(/^\S+ part: x{4000}$/);
});

describe("a child", () => {
  const env = { PATH: process.env.PATH ?? "" };
  const shell = (script: string, answers = async () => {}) => ({
    name: "The part",
    command: "sh",
    args: ["-c", script],
    env,
    answers,
  });
  const logs = (events: string[]) => ({ output: () => {}, event: (line: string) => void events.push(line) });

  test("that ends while it starts fails with what it wrote", async () => {
    const never = () => Promise.reject(new Error("nobody there"));
    await expect(keepRunning(shell("echo port is taken >&2; exit 3", never), logs([]))).rejects.toThrow(
      /The part does not start \(exit code 3\).*\nport is taken/,
    );
    await expect(keepRunning({ ...shell("", never), env: { PATH: "/nowhere" } }, logs([]))).rejects.toThrow(
      /The part does not start \(.*ENOENT/,
    );
  });

  test("that dies is started again once", async () => {
    const events: string[] = [];
    const counter = path.join(folder, "starts");
    const started = () => readFileSync(counter, "utf8").trim().split("\n");
    const script = `echo $$ >> ${counter}; exec sleep 60`;
    let wanted = 1;
    const answers = async () => {
      if (started().length < wanted) throw new Error("not yet");
    };
    await using _part = await keepRunning(shell(script, answers), logs(events));
    wanted = 2;
    process.kill(Number(started()[0]), "SIGKILL");
    await expect.poll(() => events).toHaveLength(2);
    expect(events[0]).toMatch(/The part ended by itself \(signal SIGKILL\)\. It is started again\./);
    expect(events[1]).toBe("The part answers again.");
    process.kill(Number(started()[1]), "SIGKILL");
    await expect.poll(() => events).toHaveLength(3);
    expect(events[2]).toMatch(/now it stays down/);
    expect(started()).toHaveLength(2);
  });

  test("that is closed ends without a word", async () => {
    const events: string[] = [];
    const part = await keepRunning(shell("exec sleep 60"), logs(events));
    await part[Symbol.asyncDispose]();
    expect(events).toEqual([]);
  });
});
