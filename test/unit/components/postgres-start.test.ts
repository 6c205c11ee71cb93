import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { servicesOf } from "./deployment-services.ts";
import { FakeCommands } from "./fake-commands.ts";

const fakes = {
  postgres: `printf '%s\\n' "$@" > "$FAKE/single"; cat > "$FAKE/statement"`,
  "docker-entrypoint.sh": `echo $$ "$@" > "$FAKE/ran"`,
};

/** Starts PostgreSQL's entry point on a data folder with or without a database. */
async function start(fake: FakeCommands, data: "kept" | "new") {
  const PGDATA = path.join(fake.folder, "data");
  await mkdir(PGDATA);
  if (data === "kept") await writeFile(path.join(PGDATA, "PG_VERSION"), "16\n");
  const command = servicesOf().postgres.entrypoint ?? [];
  const run = fake.start(command, { PGDATA, POSTGRES_USER: "atlas", POSTGRES_PASSWORD: "Secret9" });
  expect(await run.ended).toBe(0);
  expect(run.output).toBe("");
  expect(await fake.read("ran")).toBe(`${run.child.pid} postgres\n`);
  return PGDATA;
}

test("a kept volume gets the state's password before anybody can connect", async () => {
  await using fake = await FakeCommands.of(fakes);
  const PGDATA = await start(fake, "kept");
  expect((await fake.read("single")).trim().split("\n")).toEqual(["--single", "-D", PGDATA, "postgres"]);
  expect(await fake.read("statement")).toBe(`ALTER ROLE "atlas" PASSWORD 'Secret9'\n`);
});

test("a new one is left to the image", async () => {
  await using fake = await FakeCommands.of(fakes);
  await start(fake, "new");
  await expect(fake.read("statement")).rejects.toThrow("ENOENT");
});
