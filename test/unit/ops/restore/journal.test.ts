import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Deployment } from "../../../../ops/deployment.ts";
import {
  type Journal,
  reached,
  readJournal,
  removeJournal,
  writeJournal,
} from "../../../../ops/restore/journal.ts";

function deployment(): Deployment {
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return {
    name: "prod",
    namePrefix: "atlas-prod",
    publicUrl: "https://atlas.example.com",
    adminEmail: "admin@example.com",
    storage: true,
    folder,
    backupKey: "AGE-SECRET-KEY-1",
    keep: { daily: 7, weekly: 4, monthly: 12 },
    alerts: {},
  };
}

const journal: Journal = {
  id: "20261121T164500Z-3f9a2c",
  store: "/var/lib/atlas/sets",
  phase: "loaded",
  startedAt: "2026-11-21T17:00:00.000Z",
};

test("what was written is read, until it is removed", () => {
  const there = deployment();
  expect(readJournal(there)).toBeUndefined();
  writeJournal(there, journal);
  writeJournal(there, { ...journal, phase: "swapped", safetySet: "20261121T170000Z-000000" });
  expect(readJournal(there)).toEqual({ ...journal, phase: "swapped", safetySet: "20261121T170000Z-000000" });
  removeJournal(there);
  expect(readJournal(there)).toBeUndefined();
});

test.each(["", "{", '{"id":"x"}'])("a file that holds %j is not taken for no restore", (text) => {
  const there = deployment();
  writeFileSync(path.join(there.folder, "restore.json"), text);
  expect(() => readJournal(there)).toThrow("restore.json");
});

test("a phase is reached by itself and by those after it", () => {
  expect(reached(journal, "loading")).toBe(true);
  expect(reached(journal, "loaded")).toBe(true);
  expect(reached(journal, "swapped")).toBe(false);
});
