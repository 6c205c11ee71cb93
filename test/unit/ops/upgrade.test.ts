import { describe, expect, test } from "vitest";
import { imageMajor } from "../../../components/services/images.ts";
import { neededImages } from "../../../ops/upgrade/images.ts";
import { pointToGoBackTo } from "../../../ops/upgrade/rollback.ts";
import { sameVersion, setsToGoBack, type Versions, versionName } from "../../../ops/upgrade/versions.ts";
import { failedUpgrade } from "../../../scripts/lib/versions.ts";

const images = (tag: string, postgres = "postgres:16") => ({
  backend: `intelloop/atlas-cmms-backend:${tag}`,
  frontend: `intelloop/atlas-cmms-frontend:${tag}`,
  postgres,
});
const point = (tag: string, set?: string) => ({ images: images(tag), ...(set && { set }) });
const pending = (tag: string, returning = false) => ({
  to: images(tag),
  from: point("v1", "set-1"),
  returning,
  since: "2026-11-21T16:45:00Z",
});

describe("a version", () => {
  test("is of backend and front end, whatever else runs", () => {
    expect(sameVersion(images("v1"), images("v1", "postgres:16.14"))).toBe(true);
    expect(sameVersion(images("v1"), { ...images("v1"), frontend: "other" })).toBe(false);
  });

  test.each([
    ["intelloop/atlas-cmms-backend:v1.8.0", "v1.8.0"],
    ["registry.example:5000/atlas", "registry.example:5000/atlas"],
    ["atlas@sha256:0123", "atlas@sha256:0123"],
  ])("%s is called %s", (backend, name) => expect(versionName({ backend })).toBe(name));

  test.each([
    ["postgres:16.13-alpine", 16],
    ["mirror.example:5000/library/postgres:17", 17],
    ["postgres:18.1@sha256:0123", 18],
    ["mirror.example:5000/postgres", undefined],
    ["postgres:latest", undefined],
    [undefined, undefined],
  ])("PostgreSQL's major of %s is %s", (reference, major) => expect(imageMajor(reference)).toBe(major));
});

describe("going back", () => {
  test("is to what the unfinished upgrade comes from, else to what served before", () => {
    const before = point("v0", "set-0");
    expect(pointToGoBackTo({ pulled: [], before, pending: pending("v2") }).images.backend).toMatch(/v1$/);
    expect(pointToGoBackTo({ pulled: [], before })).toBe(before);
    expect(() => pointToGoBackTo({ pulled: [], serving: images("v1") })).toThrow(/Atlas v1 is the first/);
  });

  test("takes sets and images that must stay", () => {
    const versions: Versions = {
      serving: images("v2"),
      before: point("v0", "set-0"),
      pending: pending("v3"),
      pulled: [],
    };
    expect(setsToGoBack(versions)).toEqual(["set-0", "set-1"]);
    const tags = new Set([...neededImages(versions)].map((image) => image.split(":")[1]));
    expect([...tags].sort()).toEqual(["16", "v0", "v1", "v2", "v3"]);
  });
});

describe("after an up that failed", () => {
  const serving = (tag: string, before?: string): Versions => ({
    serving: images(tag),
    ...(before && { before: point(before) }),
    pulled: [],
  });
  const cases: [string, Versions | undefined, Versions | undefined, string | undefined][] = [
    [
      "an upgrade that has not come to its end is left",
      serving("v1"),
      { ...serving("v1"), pending: pending("v2") },
      "v2",
    ],
    ["one that has come to its end in this run is left", serving("v1"), serving("v2", "v1"), "v2"],
    [
      "a release that has gone back by itself stays",
      serving("v1"),
      { ...serving("v1"), pending: pending("v1", true) },
      undefined,
    ],
    [
      "what has nothing to do with versions is left alone",
      serving("v2", "v1"),
      serving("v2", "v1"),
      undefined,
    ],
    ["what was not known before is left alone", undefined, serving("v2", "v1"), undefined],
    ["nothing is known where nothing is deployed", undefined, undefined, undefined],
  ];
  test.each(cases)("%s", (_, before, after, left) => {
    const failed = failedUpgrade(before, after);
    expect(failed && versionName(failed)).toBe(left);
  });
});
