// The benchmark of backups: times against PostgreSQL's own commands on the same data, medians of interleaved rounds; and
// the memory that our process takes for a set, over two sizes, on this machine and encrypted to remote storage.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { text } from "node:stream/consumers";
import { makeSet } from "../../../ops/backup/make.ts";
import { nodeFlags } from "../../../ops/backup/node-flags.ts";
import { type Database, execute, maintenanceOf, restore, sizeOf } from "../../../ops/database.ts";
import type { Deployment } from "../../../ops/deployment.ts";
import { localStore } from "../../../ops/stores/stores.ts";
import { main, Stop } from "../../../scripts/lib/process.ts";
import { BackupBed } from "../../e2e/ops/backup-bed.ts";
import { median, rounded, seconds, table } from "../numbers.ts";

const rounds = 5;
const rows = 800_000;
/** Of the objects of a set, on top of a database of about a tenth of `rows`. */
const objectsMiB = [32, 128];

interface Contender {
  name: string;
  dump(): Promise<unknown>;
  /** Into an empty database. */
  restore(into: Database): Promise<unknown>;
  dumpMs: number[];
  restoreMs: number[];
}

await main(async () => {
  if (process.argv.length > 2) throw new Stop("Usage: scripts/bench backup");
  const extra = await extraMemory();
  const all = await measureTimes();
  const [ours, plain] = [all.ours, all.plain];
  console.log(
    `\n${JSON.stringify({
      dumpVsPgDump: rounded(median(ours.dumpMs) / median(plain.dumpMs)),
      restoreVsPgRestore: rounded(median(ours.restoreMs) / median(plain.restoreMs)),
      extraMiB: rounded(extra),
    })}`,
  );
  return 0;
});

async function measureTimes() {
  const bed = await BackupBed.start();
  try {
    await bed.fillDatabase(1000);
    await fill(bed, rows);
    console.log(
      `\nA database of ${Math.round((await sizeOf(bed.database)) / 2 ** 20)} MiB, ${rounds} rounds`,
    );
    const all = { ours: ours(bed), plain: plain(bed, "gzip"), sameCompression: plain(bed, "zstd") };
    const contenders: Contender[] = Object.values(all);
    for (let round = 0; round < rounds; round++)
      // Whoever comes first in a round finds the machine as the last round left it.
      for (const contender of [...contenders.slice(round % 3), ...contenders.slice(0, round % 3)])
        await measure(bed, contender);
    console.log(
      table([
        ["", "dump", "restore"],
        ...contenders.map(({ name, dumpMs, restoreMs }) => [
          name,
          seconds(median(dumpMs)),
          seconds(median(restoreMs)),
        ]),
      ]),
    );
    return all;
  } finally {
    await bed.remove();
  }
}

async function measure(bed: BackupBed, contender: Contender): Promise<void> {
  contender.dumpMs.push(await timed(() => contender.dump()));
  const maintenance = maintenanceOf(bed.database);
  await execute(maintenance, "create database copy");
  contender.restoreMs.push(await timed(() => contender.restore({ ...bed.database, name: "copy" })));
  await execute(maintenance, "drop database copy");
  await execute(maintenance, "checkpoint");
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

/** The whole of a set without objects: counted, dumped, hashed, on the disk, read back, listed, and recorded. */
function ours(bed: BackupBed): Contender {
  const deployment = { ...bed.deployment, storage: false };
  const store = localStore(deployment);
  let id = "";
  return {
    name: "a set, read back and verified",
    dump: async () => {
      if (id !== "") await store.remove(id);
      ({ id } = await makeSet(deployment, "manual", { log: bed.log }));
    },
    restore: async (into) => restore(into, await store.read(id, "database.dump")),
    dumpMs: [],
    restoreMs: [],
  };
}

/** As one types it on the machine: to a file, and from the file. */
function plain(bed: BackupBed, compress: "gzip" | "zstd"): Contender {
  const { container, user, name } = bed.database;
  const file = path.join(bed.deployment.folder, `plain-${compress}.dump`);
  const inContainer = `docker exec -i -e PGHOST=127.0.0.1 -e PGUSER=${user} ${container}`;
  const options = compress === "gzip" ? "" : ` --compress=${compress}`;
  return {
    name: `pg_dump -Fc${options}, pg_restore`,
    dump: () => shell(`${inContainer} pg_dump -Fc${options} ${name} > ${file}`),
    restore: (into) => shell(`${inContainer} pg_restore -d ${into.name} < ${file}`),
    dumpMs: [],
    restoreMs: [],
  };
}

async function shell(line: string): Promise<void> {
  const child = spawn("sh", ["-c", line], { stdio: ["ignore", "inherit", "pipe"] });
  const complaints = await text(child.stderr);
  if (complaints !== "") throw new Error(`${line}: ${complaints}`);
}

async function extraMemory(): Promise<number> {
  const bed = await BackupBed.start();
  try {
    const remote = await bed.startRemote();
    await bed.fillDatabase(1000);
    await fill(bed, rows / 10);
    const found: number[] = [];
    for (const size of objectsMiB) {
      await bed.putObject("large", randomBytes(size * 2 ** 20));
      for (const deployment of [bed.deployment, { ...bed.deployment, remote }]) {
        const extra = await peakOf(deployment);
        const where = "remote" in deployment ? "also encrypted to remote storage" : "on this machine";
        console.log(`Memory for a set with ${size} MiB of objects, ${where}: ${extra.toFixed(1)} MiB`);
        found.push(extra);
      }
    }
    return Math.max(...found);
  } finally {
    await bed.remove();
  }
}

async function peakOf(deployment: Deployment): Promise<number> {
  const script = path.join(import.meta.dirname, "make-set.ts");
  const child = spawn(process.execPath, [...nodeFlags, script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(deployment));
  const said = await text(child.stdout);
  if (said === "") throw new Error("the set whose memory is measured was not made");
  return Number(said);
}

/** Rows that compress as sentences do. */
async function fill(bed: BackupBed, count: number): Promise<void> {
  const words =
    "pump motor leaks bearing check oil filter north hall replaced belt noise inspect valve weekly seal";
  const sentence = Array.from({ length: 16 }, () => `w[1 + floor(random() * 16)::int]`).join(" || ' ' || ");
  await execute(
    bed.database,
    `create table history (id bigserial primary key, at timestamptz default now(), who int, note text, hash text);
     insert into history (who, note, hash)
       select n % 500, ${sentence}, md5(n::text) from generate_series(1, ${count}) n,
         (select string_to_array('${words}', ' ') as w) words;
     create index on history (who);
     analyze`,
  );
}
