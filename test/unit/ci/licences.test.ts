import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isAllowed, licences, licenceTable } from "../../../scripts/lib/ci/licences.ts";
import { root } from "../../../scripts/lib/root.ts";

test.each(["MIT", "(MIT OR GPL-3.0)", "(BSD-3-Clause AND Apache-2.0)", "Apache-2.0 OR MIT"])(
  "%s is allowed",
  (expression) => {
    expect(isAllowed(expression)).toBe(true);
  },
);

test.each([
  "GPL-3.0",
  "AGPL-3.0-only",
  "none",
  "",
  "SEE LICENSE IN LICENSE",
  "MIT AND GPL-3.0",
  "MIT AND (GPL-3.0 OR MIT)",
])("%s is not", (expression) => {
  expect(isAllowed(expression)).toBe(false);
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "licences-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("come from the lockfile, and where it is silent from the installed package", () => {
  const installed = (name: string, content: object) => {
    mkdirSync(path.join(folder, "node_modules", name), { recursive: true });
    writeFileSync(path.join(folder, "node_modules", name, "package.json"), JSON.stringify(content));
  };
  installed("old", { licenses: [{ type: "MIT" }, { type: "GPL-2.0" }] });
  installed("older", { license: { type: "ISC" } });
  installed("mute", {});
  const version = "1.0.0";
  writeFileSync(
    path.join(folder, "package-lock.json"),
    JSON.stringify({
      packages: {
        "": { version },
        "node_modules/told": { version, license: "GPL-3.0" },
        "node_modules/a/node_modules/@scope/inner": { version, license: "MIT" },
        "node_modules/b/node_modules/@scope/inner": { version, license: "MIT" },
        "node_modules/old": { version },
        "node_modules/older": { version },
        "node_modules/mute": { version },
        "node_modules/absent": { version },
      },
    }),
  );
  const found = licences(folder);
  expect(found.map(({ name, licence }) => [name, licence])).toEqual([
    ["@scope/inner", "MIT"],
    ["absent", "not installed here, and the lockfile does not tell"],
    ["mute", "none"],
    ["old", "MIT OR GPL-2.0"],
    ["older", "ISC"],
    ["told", "GPL-3.0"],
  ]);
  expect(licenceTable(found).split("\n").slice(0, 5)).toEqual([
    "| | package | version | licence |",
    "| --- | --- | --- | --- |",
    "| ❌ | absent | 1.0.0 | not installed here, and the lockfile does not tell |",
    "| ❌ | mute | 1.0.0 | none |",
    "| ❌ | told | 1.0.0 | GPL-3.0 |",
  ]);
});

test("of this project are all allowed", () => {
  const all = licences(root);
  expect(all.length).toBeGreaterThan(100);
  expect(all.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
});
