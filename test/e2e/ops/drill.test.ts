import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSet } from "../../../ops/backup/make.ts";
import type { Manifest } from "../../../ops/backup/set.ts";
import { execute } from "../../../ops/database.ts";
import { type DrillResult, drill } from "../../../ops/restore/drill.ts";
import { openScratch } from "../../../ops/restore/scratch.ts";
import { results } from "../../../ops/results.ts";
import { localStore } from "../../../ops/stores/stores.ts";
import { engineObjects } from "../engine-objects.ts";
import { RestoreBed } from "./restore-bed.ts";

let bed: RestoreBed;
beforeAll(async () => {
  bed = await RestoreBed.open();
});
afterAll(() => bed?.remove());

const made = () => makeSet(bed.deployment, "manual", { log: bed.log });
const drilled = (id?: string) =>
  drill(bed.deployment, localStore(bed.deployment), { log: bed.log, ...(id && { id }) });
const failed = ({ checks }: DrillResult) => checks.filter(({ ok }) => !ok);

async function expectNothingLeft(): Promise<void> {
  expect(await engineObjects(bed.prefix)).toMatchObject({
    containers: ["backend", "ingress", "postgres", "storage"],
    volumes: ["postgres", "storage"],
    networks: [],
  });
}

test("without a set there is nothing to drill with", async () => {
  await expect(drilled()).rejects.toThrow(/holds no set/);
});

test("the newest set is restored, booted and used, beside a live deployment that nothing happens to", async () => {
  const { id } = await made();
  const [before, started] = [await bed.fingerprint(), await bed.starts()];
  // What a drill that was killed leaves.
  await openScratch(bed.deployment, `${bed.prefix}-drill`);

  const result = await drilled();
  expect(failed(result)).toEqual([]);
  expect(result).toMatchObject({ id, ok: true });
  expect(result.checks.map(({ title, detail }) => `${title}: ${detail}`)).toEqual(
    expect.arrayContaining(["all work orders are listed: 2002", "it is deleted: gone"]),
  );
  expect(result.checks.at(-1)).toMatchObject({
    title: "a file is read",
    detail: expect.stringMatching(/^uploads\//),
  });
  expect(result.restoreSeconds).toBeGreaterThan(0);
  expect(result.dataAgeSeconds).toBeGreaterThan(0);
  expect(results(bed.deployment).drill?.last).toMatchObject({
    ok: true,
    id,
    figures: { restoreSeconds: result.restoreSeconds, dataAgeSeconds: result.dataAgeSeconds },
  });

  expect(await bed.fingerprint()).toEqual(before);
  expect(await bed.starts()).toEqual(started);
  await expectNothingLeft();
});

test("a set that restores but does not boot fails, with what Atlas said last", async () => {
  await execute(bed.database, "alter table subscription_plan rename column code to kode");
  const { id } = await made();
  await execute(bed.database, "alter table subscription_plan rename column kode to code");

  const result = await drilled(id);
  expect(result.ok).toBe(false);
  expect(failed(result)).toMatchObject([
    {
      title: "Atlas boots",
      detail: expect.stringMatching(/ended with exit code 1.*column "code" does not exist/s),
    },
  ]);
  expect(results(bed.deployment).drill).toMatchObject({
    last: { ok: false, id, error: expect.stringContaining("Atlas boots") },
    lastOk: { ok: true },
  });
  await expectNothingLeft();
});

test("a set whose files Atlas does not find fails", async () => {
  await execute(bed.database, "update file set path = path || '.lost'");
  const { id } = await made();
  await execute(bed.database, "update file set path = replace(path, '.lost', '')");
  expect(failed(await drilled(id))).toMatchObject([
    { title: "a file is read", detail: expect.stringContaining("holds no object") },
  ]);
});

test("a set whose rows are not those of its manifest fails before Atlas boots", async () => {
  const { id } = await made();
  const file = path.join(bed.deployment.folder, "sets", id, "manifest.json");
  const manifest: Manifest = JSON.parse(readFileSync(file, "utf8"));
  manifest.database.rows.work_order = 7;
  writeFileSync(file, JSON.stringify(manifest));
  expect(failed(await drilled(id))).toMatchObject([
    {
      title: "the database is restored, row for row",
      detail: expect.stringContaining("work_order 2002 not 7"),
    },
  ]);
  await expectNothingLeft();
});
