import { expect, test } from "vitest";
import { type Live, lossText, type Permissions, refusals } from "../../../../ops/restore/refusals.ts";
import { manifest } from "./manifest.ts";

const deployment = { namePrefix: "atlas-prod", storage: true };
const live: Live = {
  postgresVersion: "16.13",
  image: "intelloop/atlas-cmms-backend:v1.8.0",
  changeSets: 812,
  rows: { work_order: 9, asset: 2, note: 1 },
};
const newer = { schema: { changeSets: 819, last: "0819-later" }, images: { backend: "atlas:v1.9.0" } };

test("a set of the deployment itself fits", () => {
  expect(refusals(manifest(), deployment, live, {})).toEqual([]);
});

test.each<[string, Parameters<typeof manifest>[0], Partial<Live>, Permissions, RegExp]>([
  ["of another deployment", { namePrefix: "atlas-dev" }, {}, {}, /atlas-dev .*--foreign/],
  ["of an older PostgreSQL", { postgresVersion: "15.4" }, {}, {}, /15\.4, and 16\.13 .*--older-postgres/],
  [
    "of a newer PostgreSQL",
    { postgresVersion: "17.1" },
    {},
    { olderPostgres: true },
    /deploy postgres:17 first/,
  ],
  [
    "of a newer schema",
    newer,
    {},
    {},
    /819 change sets, the last 0819-later.*deploy atlas:v1\.9\.0.*--with-image/,
  ],
])("a set %s is refused, with the way out", (_, changes, there, permissions, reason) => {
  expect(refusals(manifest(changes), deployment, { ...live, ...there }, permissions)).toEqual([
    expect.stringMatching(reason),
  ]);
});

test.each<[string, Parameters<typeof manifest>[0], Partial<Live>, Permissions]>([
  ["another deployment's with --foreign", { namePrefix: "atlas-dev" }, {}, { foreign: true }],
  ["an older PostgreSQL's with --older-postgres", { postgresVersion: "15.4" }, {}, { olderPostgres: true }],
  ["another minor version's", { postgresVersion: "16.1 (Debian 16.1-1)" }, {}, {}],
  ["a newer schema's with its image", newer, {}, { withImage: true }],
  ["a newer schema's where its image runs", newer, { image: "atlas:v1.9.0" }, {}],
  ["an older schema's", { schema: { changeSets: 700, last: "0700" } }, { image: "atlas:v2" }, {}],
])("%s is taken", (_, changes, there, permissions) => {
  expect(refusals(manifest(changes), deployment, { ...live, ...there }, permissions)).toEqual([]);
});

test("files are not dropped silently where there is no object store", () => {
  const without = { ...deployment, storage: false };
  expect(refusals(manifest(), without, live, {})).toEqual([expect.stringContaining("3 files")]);
  const { objects: _, ...empty } = manifest();
  expect(refusals(empty, without, live, {})).toEqual([]);
});

test("every reason is told at once", () => {
  const set = manifest({ namePrefix: "atlas-dev", postgresVersion: "17.1", ...newer });
  expect(refusals(set, { ...deployment, storage: false }, live, {})).toHaveLength(4);
});

test("what would be lost: the set's age and the rows now and then", () => {
  expect(lossText(manifest(), live, new Date("2026-11-22T04:15:00Z"))).toBe(`\
set 20261121T164500Z-3f9a2c is 11.5 hours old (2026-11-21T16:45:00.000Z); everything done since is lost
  work_order: 9 rows now, 5 then
  note: 1 rows now, 0 then
next: the same command with --yes; a set of the present state is taken first`);
  expect(lossText(manifest(), live, new Date("2026-12-01T16:45:00Z"))).toContain("is 10 days old");
});

test("a long list of tables is cut", () => {
  const rows = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`t${index}`, index + 1]));
  const text = lossText(
    manifest({ database: { ...manifest().database, rows: {} } }),
    { ...live, rows },
    new Date(),
  );
  expect(text).toContain("t19: 20 rows now, 0 then");
  expect(text).toContain("and 8 more tables");
  expect(text).not.toContain("t0:");
});
