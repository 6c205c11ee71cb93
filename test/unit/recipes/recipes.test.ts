// Every recipe of docs/recipes.md is run as its reader would run it, and must print what the page says.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../../scripts/lib/root.ts";
import { EMAIL, PASSWORD } from "../client/fixtures.ts";
import { SmallAtlas } from "../validate/small-atlas.ts";
import { recipesOf } from "./recipes-of.ts";

const PAGE = readFileSync(path.join(root, "docs/recipes.md"), "utf8");

/** What Atlas is like where a recipe tells of more than an empty one. */
const SET_UPS: Readonly<Record<string, (atlas: SmallAtlas) => void>> = {
  "A lost answer makes no second order": (atlas) => {
    atlas.server.on("POST /work-orders", ({ body }) => {
      atlas.create(body);
      return { fault: "reset" };
    });
  },
  "Deadlines and aborting": ({ server }) => {
    server.on("GET /health-check", { fault: "hang" });
  },
  "What the client has no method for": ({ server }) => {
    server.on("GET /license/state", { json: { hasLicense: false, valid: false } });
  },
  "Wait until Atlas is up": ({ server }) => {
    const up = { json: { success: true, message: "Server is up and running" } };
    server.on("GET /health-check", { status: 502, text: "" }, { status: 502, text: "" }, up);
  },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "atlas-recipes-"));
  const installed = path.join(folder, "node_modules/atlas-cmms-client");
  mkdirSync(installed, { recursive: true });
  // The client of this checkout under the package's name.
  symlinkSync(path.join(root, "client"), path.join(installed, "client"));
  writeFileSync(path.join(installed, "package.json"), JSON.stringify({ exports: "./client/index.ts" }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recipes = recipesOf(PAGE);

test("the page has at least ten recipes, and no set-up here belongs to none", () => {
  expect(recipes.length).toBeGreaterThanOrEqual(10);
  const titles = recipes.map(({ title }) => title);
  expect(Object.keys(SET_UPS).filter((title) => !titles.includes(title))).toEqual([]);
});

describe.each(recipes)("$title", ({ title, program, output }) => {
  test("prints what the page says", async () => {
    await using atlas = await SmallAtlas.start();
    SET_UPS[title]?.(atlas);
    const file = path.join(folder, `${title.replaceAll(/\W+/g, "-")}.mjs`);
    writeFileSync(file, program);
    const { PATH } = process.env;
    const env = { PATH, ATLAS_BASE_URL: atlas.server.url, ATLAS_EMAIL: EMAIL, ATLAS_PASSWORD: PASSWORD };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    expect(stdout).toBe(output);
  });
});
