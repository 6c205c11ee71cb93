import { describe, expect, it } from "vitest";
import { auditDate, parseJsDate, parseRequestDate, plainDate } from "../../../sandbox/atlas/dates.ts";

describe("dates of a response", () => {
  const date = new Date("2026-12-01T10:00:00.034Z");

  it("come in two shapes", () => {
    expect(auditDate(date)).toBe("2026-12-01T10:00:00.034Z");
    expect(plainDate(date)).toBe("2026-12-01T10:00:00.034+00:00");
    expect(plainDate(null)).toBeNull();
  });
});

describe("dates of a request", () => {
  it.each([
    ["2026-12-01T10:00:00Z", "2026-12-01T10:00:00.000Z"],
    ["2026-12-01T10:00:00+02:00", "2026-12-01T08:00:00.000Z"],
    ["2026-12-01T10:00:00-0130", "2026-12-01T11:30:00.000Z"],
    ["2026-12-01T10:00:00.000+00:00", "2026-12-01T10:00:00.000Z"],
    ["2026-12-01T10:00:00.5Z", "2026-12-01T10:00:00.500Z"],
    ["2026-12-01", "2026-12-01T00:00:00.000Z"],
    [1_796_119_200_000, "2026-12-01T10:00:00.000Z"],
    ["1796119200000", "2026-12-01T10:00:00.000Z"],
  ])("reads %j", (given, read) => {
    expect(parseRequestDate(given)?.toISOString()).toBe(read);
  });

  it.each(["tomorrow", "01.12.2026", "2026-12-01 10:00", "2026/12/01", 1.5])("does not read %j", (given) => {
    expect(parseRequestDate(given)).toBeUndefined();
  });
});

describe("dates of a search", () => {
  it("are read only in the full form", () => {
    expect(parseJsDate("2026-12-01T00:00:00.000Z")?.toISOString()).toBe("2026-12-01T00:00:00.000Z");
    expect(parseJsDate("2026-12-01")).toBeUndefined();
    expect(parseJsDate("2026-12-01T00:00:00Z")).toBeUndefined();
  });
});
