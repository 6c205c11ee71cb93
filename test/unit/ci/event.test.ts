import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { currentRun } from "../../../scripts/lib/ci/event.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "event-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function runOf(event: object) {
  const file = path.join(folder, "event.json");
  writeFileSync(file, JSON.stringify(event));
  return currentRun({
    GITHUB_EVENT_PATH: file,
    GITHUB_SHA: "merge",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_REPOSITORY: "plant/atlas",
    GITHUB_RUN_ID: "42",
  });
}

const repo = (full_name: string) => ({ full_name });
const pullRequest = (from: object | null) => ({
  pull_request: {
    number: 7,
    base: { sha: "base", repo: repo("plant/atlas") },
    head: { sha: "head", repo: from },
  },
});

test.each([
  ["of this repository", repo("plant/atlas"), false],
  ["of a fork", repo("mallory/atlas"), true],
  ["of a fork that is gone", null, true],
])("a pull request %s", (_which, from, fromFork) => {
  expect(runOf(pullRequest(from))).toEqual({
    pullRequest: { number: 7, fromFork, base: "base" },
    commit: "head",
    url: "https://github.example/plant/atlas/actions/runs/42",
  });
});

test("a push is no pull request", () => {
  expect(runOf({ ref: "refs/heads/main" })).toEqual({
    commit: "merge",
    url: "https://github.example/plant/atlas/actions/runs/42",
  });
});

test("outside of GitHub Actions there is nothing to know", () => {
  expect(currentRun({})).toEqual({});
});
