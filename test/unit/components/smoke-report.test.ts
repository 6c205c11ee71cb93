import { describe, expect, test } from "vitest";
import {
  type CheckResult,
  failureText,
  junit,
  type SmokeReport,
  table,
} from "../../../components/smoke/report.ts";
import { parseXml } from "./xml.ts";

const pass: CheckResult = {
  id: "health",
  title: "API answers",
  status: "PASS",
  milliseconds: 12,
  detail: "up",
};
const skip: CheckResult = {
  id: "mail",
  title: "mail server",
  status: "SKIP",
  milliseconds: 0,
  detail: "mail is off",
};
const fail: CheckResult = {
  id: "create",
  title: "work order is created",
  status: "FAIL",
  milliseconds: 1234,
  detail: `Atlas answered 500 "could not <b>insert</b>" & gave up`,
  httpStatus: 500,
  blame: "container atlas-dev-backend is running (healthy)\n    | ERROR <init> & more\n  next: docker logs x",
};

function reportOf(...checks: CheckResult[]): SmokeReport {
  const count = (status: string) => checks.filter((check) => check.status === status).length;
  return {
    time: "2026-11-21T10:00:00.000Z",
    url: "http://localhost:8080",
    version: "atlas:v1",
    passed: count("PASS"),
    failed: count("FAIL"),
    skipped: count("SKIP"),
    milliseconds: 1260,
    checks,
    services: [],
  };
}

describe("the table", () => {
  test("has aligned columns and a total", () => {
    expect(table(reportOf(pass, fail, skip)).split("\n")).toEqual([
      "PASS  API answers               12 ms  up",
      `FAIL  work order is created   1234 ms  ${fail.detail}`,
      "SKIP  mail server                0 ms  mail is off",
      "1 passed, 1 failed, 1 skipped in 1.3 s",
    ]);
  });

  test("has one line a check, also for one whose failure takes many", () => {
    const long = { ...fail, detail: "container x has stopped\n  its last log lines:\n    | one\n    | two" };
    expect(table(reportOf(pass, long)).split("\n")).toHaveLength(3);
  });

  test("has no blanks at the end of a line", () => {
    expect(table(reportOf({ ...pass, detail: "" }))).not.toMatch(/ $/m);
  });
});

describe("the text that fails an up", () => {
  test("names step, status, message, logs, everything else that was seen, and what comes next", () => {
    expect(failureText(reportOf(pass, fail, skip)).split("\n")).toEqual([
      "smoke check failed at http://localhost:8080: work order is created",
      `  HTTP 500: ${fail.detail}`,
      "  container atlas-dev-backend is running (healthy)",
      "    | ERROR <init> & more",
      "  next: docker logs x",
      "  PASS  API answers               12 ms  up",
      `  FAIL  work order is created   1234 ms  ${fail.detail}`,
      "  SKIP  mail server                0 ms  mail is off",
      "  1 passed, 1 failed, 1 skipped in 1.3 s",
      "next: mend the cause and run the up again; scripts/smoke repeats the checks alone",
    ]);
  });

  test("is about the first failure, and does without a status where there was no answer", () => {
    const first: CheckResult = { ...pass, title: "ready", status: "FAIL", detail: "nothing answers" };
    expect(failureText(reportOf(first, fail)).split("\n").slice(0, 2)).toEqual([
      "smoke check failed at http://localhost:8080: ready",
      "  nothing answers",
    ]);
  });
});

describe("JUnit", () => {
  test("is well-formed, with each check as a case", () => {
    const suites = parseXml(junit(reportOf(pass, fail, skip)));
    expect(suites.name).toBe("testsuites");
    const [suite] = suites.children;
    expect(suite).toMatchObject({
      name: "testsuite",
      attributes: {
        name: "atlas smoke",
        timestamp: "2026-11-21T10:00:00.000Z",
        tests: "3",
        failures: "1",
        skipped: "1",
        time: "1.26",
      },
    });
    expect(suite?.children.map(({ name, attributes }) => [name, attributes.name, attributes.time])).toEqual([
      ["testcase", "API answers", "0.012"],
      ["testcase", "work order is created", "1.234"],
      ["testcase", "mail server", "0"],
    ]);
    expect(suite?.children.map(({ children }) => children)).toEqual([
      [],
      [{ name: "failure", attributes: { message: fail.detail }, children: [], text: fail.blame }],
      [{ name: "skipped", attributes: { message: "mail is off" }, children: [], text: "" }],
    ]);
  });

  test("stays well-formed whatever a log holds", () => {
    const log = 'a ]]> b &amp; "c" \u001b[31mred\u001b[0m \u0000 \ufffe \ud800 ü 日本 😀 </failure>';
    const suites = parseXml(junit(reportOf({ ...fail, detail: log, blame: log })));
    const failure = suites.children[0]?.children[0]?.children[0];
    expect(failure?.text).toMatch(/^a ]]> b &amp; "c" .*red.* ü 日本 😀 <\/failure>$/);
    expect(failure?.attributes.message).toMatch(/^a ]]> b &amp; "c" .*red.* ü 日本 😀 <\/failure>$/);
  });

  test("keeps the lines of a message apart", () => {
    const [failure] =
      parseXml(junit(reportOf({ ...fail, detail: "one\ntwo" }))).children[0]?.children[0]?.children ?? [];
    expect(failure?.attributes.message).toBe("one\ntwo");
    // A reader turns a bare line break inside an attribute into a blank.
    expect(junit(reportOf({ ...fail, detail: "one\ntwo" }))).toContain('message="one&#10;two"');
  });
});
